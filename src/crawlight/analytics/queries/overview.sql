-- Crawls, hits and misses of each domain and day, for days with any.
SELECT domain_id, day, sum(crawls), sum(hits), sum(misses)
FROM daily
WHERE domain_id IN {domains:Array(UInt32)} AND day BETWEEN {first:Date} AND {last:Date}
GROUP BY domain_id, day
ORDER BY domain_id, day
