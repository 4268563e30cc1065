-- Which crawls a page of the dashboard is about; an empty value asks for all. Spoofed crawls only where an identity or
-- the question asks for them.
kind = 'crawl'
AND ({bot:String} = '' OR key = {bot:String} OR agent = {bot:String})
AND ({category:String} = '' OR category = {category:String} OR ({category:String} = 'ai' AND startsWith(category, 'ai_')))
AND ({outcome:String} = '' OR toString(outcome) = {outcome:String})
AND ({status:UInt8} = 0 OR status_class = {status:UInt8})
AND if({identity:String} = '', {spoofed:Bool} OR identity != 'spoofed', toString(identity) = {identity:String})
