-- Different pages of each agent, as far as single crawls are kept.
SELECT agent, uniq(path) AS pages
FROM records
WHERE domain_id = {domain:UInt32}
    AND ts >= toDateTime({since:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
    AND kind = 'crawl' AND identity != 'spoofed' AND path LIKE {page:String}
GROUP BY agent
