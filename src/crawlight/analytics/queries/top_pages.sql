-- The 20 most crawled pages of each domain in a window: whole months (`months_from` up to, not with,
-- `months_until`) from the monthly rollup, the days at both ends from the daily one.
SELECT domain_id, page, sum(n) AS crawls
FROM (
    SELECT domain_id, page, n FROM pages_monthly
    WHERE domain_id IN {domains:Array(UInt32)} AND month >= {months_from:Date} AND month < {months_until:Date}
    UNION ALL
    SELECT domain_id, page, n FROM pages_daily
    WHERE domain_id IN {domains:Array(UInt32)}
        AND ((day >= {first:Date} AND day < {months_from:Date})
            OR (day >= {months_until:Date} AND day <= {last:Date}))
)
GROUP BY domain_id, page
ORDER BY domain_id, crawls DESC, page
LIMIT 20 BY domain_id
