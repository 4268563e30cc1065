-- Crawls of some pages (of all where none is named) by category: those since a day, and the last of all; from single
-- rows, so as far as these are kept.
SELECT path, category, countIf(ts >= toDateTime({since:Date}, 'UTC')) AS crawls, max(ts) AS last
FROM records
WHERE domain_id = {domain:UInt32}
    AND ts >= toDateTime({first:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
    AND kind = 'crawl' AND identity != 'spoofed'
    AND (empty({paths:Array(String)}) OR path IN {paths:Array(String)})
GROUP BY path, category
ORDER BY path, category
