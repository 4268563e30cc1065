-- Fetches of pages by AI agents, and how many a site refused: not those that Crawlight blocked because it was told to.
SELECT agent, max(ts) AS last, count() AS fetches, countIf(status IN {statuses:Array(UInt16)}) AS refused
FROM records
WHERE domain_id = {domain:UInt32} AND kind = 'crawl' AND identity != 'spoofed' AND outcome != 'blocked'
    AND status != 0 AND category IN ('ai_search', 'ai_user', 'ai_training')
GROUP BY agent
ORDER BY refused DESC, fetches DESC, agent
LIMIT {limit:UInt32}
