-- Different pages of each key, and of each agent (no agent: of the key), as far as single crawls are kept.
SELECT key, agent, uniq(path) AS pages
FROM (
    SELECT path, kind, agent, key, category, identity, outcome, toUInt8(intDiv(status, 100)) AS status_class
    FROM records
    WHERE domain_id = {domain:UInt32}
        AND ts >= toDateTime({since:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
        AND path LIKE {page:String}
)
WHERE /*FILTER*/
GROUP BY GROUPING SETS ((key, agent), (key))
