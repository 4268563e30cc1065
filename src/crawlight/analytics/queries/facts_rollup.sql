-- Counted crawls and renders of one domain, by day and by what tells them apart. `facts_records` has these columns, too.
SELECT day, kind, agent, key, category, identity, outcome, status_class, n
FROM daily_agents
WHERE domain_id = {domain:UInt32} AND day BETWEEN {first:Date} AND {last:Date}
