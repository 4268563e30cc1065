-- The format that crawlers asked for and the one that they got, by agent: of crawls that came to Crawlight itself, as of
-- others nobody knows what they asked for. From single rows, so as far as these are kept.
SELECT toString(agent) AS name, asked_markdown, served, count() AS crawls
FROM (
    SELECT
        kind, agent, key, category, identity, outcome, toUInt8(intDiv(status, 100)) AS status_class,
        asked_markdown, toString(format) AS served
    FROM records
    WHERE domain_id = {domain:UInt32}
        AND ts >= toDateTime({since:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
        AND path LIKE {page:String} AND source IN ('render', 'proxy')
)
WHERE /*FILTER*/
GROUP BY name, asked_markdown, served
ORDER BY name
