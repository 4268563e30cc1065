-- Sums of a window and of the equal one before it (`now` 1 and 0).
SELECT
    day >= {since:Date} AS now,
    sumIf(n, /*FILTER*/) AS crawls,
    sumIf(n, outcome = 'hit' AND /*FILTER*/) AS hits,
    sumIf(n, outcome = 'miss' AND /*FILTER*/) AS misses,
    sumIf(n, kind = 'render' AND identity != 'spoofed') AS prerenders,
    sumIf(n, kind = 'crawl' AND identity = 'spoofed' AND ({bot:String} = '' OR key = {bot:String} OR agent = {bot:String})) AS spoofed,
    sumIf(n, startsWith(category, 'ai_') AND /*FILTER*/) AS ai,
    sumIf(n, category = 'search' AND /*FILTER*/) AS search,
    sumIf(n, category = 'social' AND /*FILTER*/) AS social
FROM (/*FACTS*/)
GROUP BY now
