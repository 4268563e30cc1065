-- How often each agent crawled each page, most often first; without spoofed crawls.
SELECT agent, path, count() AS crawls
FROM records
WHERE domain_id = {domain:UInt32} AND kind = 'crawl' AND identity != 'spoofed'
    AND ts >= toDateTime({since:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
GROUP BY agent, path
ORDER BY crawls DESC, agent, path
LIMIT {limit:UInt32}
