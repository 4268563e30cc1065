-- When each agent last fetched the domain's robots.txt, and the version that it got; without spoofed ones.
SELECT agent, max(ts) AS last, argMax(robots_version, ts) AS version, count() AS fetches
FROM records
WHERE domain_id = {domain:UInt32} AND kind = 'robots' AND path = '/robots.txt' AND identity != 'spoofed'
GROUP BY agent
ORDER BY last DESC, agent
LIMIT {limit:UInt32}
