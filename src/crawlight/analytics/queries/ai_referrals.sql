-- Visits that AI assistants sent to each domain, in a window and (`before`) in the equal one before it.
SELECT
    domain_id, assistant,
    sumIf(n, day >= {since:Date}) AS visits, sumIf(n, day < {since:Date}) AS before
FROM referrals_daily
WHERE domain_id IN {domains:Array(UInt32)} AND day BETWEEN {first:Date} AND {last:Date}
GROUP BY domain_id, assistant
ORDER BY domain_id, visits DESC, before DESC, assistant
