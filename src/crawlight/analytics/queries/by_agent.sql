-- Crawls by agent and identity, in a window and (`before`) in the equal one before it; spoofed ones too.
SELECT
    key, agent, any(category) AS purpose, toString(identity) AS proof,
    sumIf(n, day >= {since:Date}) AS crawls, sumIf(n, day < {since:Date}) AS before,
    maxIf(day, day >= {since:Date}) AS last
FROM (/*FACTS*/)
WHERE kind = 'crawl'
    AND ({bot:String} = '' OR key = {bot:String} OR agent = {bot:String})
    AND ({category:String} = '' OR category = {category:String} OR ({category:String} = 'ai' AND startsWith(category, 'ai_')))
    AND ({outcome:String} = '' OR toString(outcome) = {outcome:String})
    AND ({status:UInt8} = 0 OR status_class = {status:UInt8})
    AND ({identity:String} = '' OR toString(identity) = {identity:String})
GROUP BY key, agent, proof
