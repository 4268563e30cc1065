-- Crawls by day and key; the empty key holds the recognised bots without one.
SELECT day, key, sum(n) AS crawls
FROM (/*FACTS*/)
WHERE /*FILTER*/
GROUP BY day, key
ORDER BY day, key
