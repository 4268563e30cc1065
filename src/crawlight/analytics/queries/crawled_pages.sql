-- The most crawled pages of some crawls, from single rows.
SELECT path, count() AS crawls
FROM (/*FACTS*/)
WHERE /*FILTER*/
GROUP BY path
ORDER BY crawls DESC, path
LIMIT {limit:UInt32}
