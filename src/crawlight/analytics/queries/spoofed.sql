-- Crawls of each domain that came under a false name; they are in no other count.
SELECT domain_id, sum(n)
FROM daily_agents
WHERE domain_id IN {domains:Array(UInt32)} AND day BETWEEN {since:Date} AND {last:Date}
    AND kind = 'crawl' AND identity = 'spoofed'
GROUP BY domain_id
