-- Crawls by AI crawlers of each domain, in a window and (`before`) in the equal one before it; no spoofed ones.
SELECT
    domain_id, agent, category,
    sumIf(n, day >= {since:Date}) AS crawls, sumIf(n, day < {since:Date}) AS before
FROM daily_agents
WHERE domain_id IN {domains:Array(UInt32)} AND day BETWEEN {first:Date} AND {last:Date}
    AND kind = 'crawl' AND identity != 'spoofed' AND startsWith(category, 'ai_')
GROUP BY domain_id, agent, category
ORDER BY domain_id, crawls DESC, before DESC, agent, category
