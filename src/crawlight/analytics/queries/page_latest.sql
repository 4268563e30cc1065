-- The latest crawls of one page in a window, newest first; spoofed ones too.
SELECT ts, agent, toString(identity), toString(outcome), status
FROM records
WHERE domain_id = {domain:UInt32}
    AND ts >= toDateTime({first:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
    AND kind = 'crawl' AND path = {path:String}
ORDER BY ts DESC, agent, identity, outcome, status
LIMIT {limit:UInt32}
