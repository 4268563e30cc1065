-- The most crawled pages of some crawls, from single rows.
SELECT path, count() AS crawls
FROM (
    SELECT path, kind, agent, key, category, identity, outcome, toUInt8(intDiv(status, 100)) AS status_class
    FROM records
    WHERE domain_id = {domain:UInt32}
        AND ts >= toDateTime({since:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
        AND path LIKE {page:String}
)
WHERE /*FILTER*/
GROUP BY path
ORDER BY crawls DESC, path
LIMIT {limit:UInt32}
