-- Visits that AI assistants sent, by day and assistant.
SELECT day, assistant, sum(n) AS visits
FROM referrals_daily
WHERE domain_id = {domain:UInt32} AND day BETWEEN {since:Date} AND {last:Date}
GROUP BY day, assistant
ORDER BY day, assistant
