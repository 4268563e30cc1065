-- Pages to which AI assistants sent most visits.
SELECT page, sum(n) AS visits
FROM referrals_daily
WHERE domain_id = {domain:UInt32} AND day BETWEEN {since:Date} AND {last:Date}
GROUP BY page
ORDER BY visits DESC, page
LIMIT 20
