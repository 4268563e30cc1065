-- Sums of a window and of the equal one before it (`now` 1 and 0).
SELECT
    now,
    sumIf(n, counted) AS crawls,
    sumIf(n, counted AND outcome = 'hit') AS hits,
    sumIf(n, counted AND outcome = 'miss') AS misses,
    sumIf(n, kind = 'render' AND identity != 'spoofed') AS prerenders,
    sumIf(n, kind = 'crawl' AND identity = 'spoofed' AND ({bot:String} = '' OR key = {bot:String} OR agent = {bot:String})) AS spoofed,
    sumIf(n, counted AND startsWith(category, 'ai_')) AS ai,
    sumIf(n, counted AND category = 'search') AS search,
    sumIf(n, counted AND category = 'social') AS social
FROM (SELECT *, day >= {since:Date} AS now, (/*FILTER*/) AS counted FROM (/*FACTS*/))
GROUP BY now
