-- The same as `facts_rollup` and the path, from single rows: for questions on pages, which the rollup does not know.
SELECT
    toDate(ts) AS day, path, kind, agent, key, category, identity, outcome,
    toUInt8(intDiv(status, 100)) AS status_class, toUInt64(1) AS n
FROM records
WHERE domain_id = {domain:UInt32}
    AND ts >= toDateTime({first:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
    AND path LIKE {page:String}
