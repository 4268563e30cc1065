-- As `by_day`, by the hour, from single rows: the rollups know no hours of crawls.
SELECT hour, key, sum(n) AS crawls
FROM (
    SELECT
        toHour(ts, 'UTC') AS hour, kind, agent, key, category, identity, outcome,
        toUInt8(intDiv(status, 100)) AS status_class, toUInt64(1) AS n
    FROM records
    WHERE domain_id = {domain:UInt32}
        AND ts >= toDateTime({since:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
        AND path LIKE {page:String}
)
WHERE /*FILTER*/
GROUP BY hour, key
ORDER BY hour, key
