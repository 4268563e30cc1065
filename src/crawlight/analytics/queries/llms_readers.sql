-- Which agents asked for the domain's llms.txt, and how often they got one; without spoofed ones.
SELECT agent, max(ts) AS last, count() AS fetches, countIf(status BETWEEN 200 AND 299 OR status = 304) AS served
FROM records
WHERE domain_id = {domain:UInt32} AND kind = 'robots' AND identity != 'spoofed'
    AND (path LIKE '%/llms.txt' OR path LIKE '%/llms-full.txt')
GROUP BY agent
ORDER BY last DESC, agent
LIMIT {limit:UInt32}
