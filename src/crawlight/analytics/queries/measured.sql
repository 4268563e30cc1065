-- Sizes and times of some agents' crawls in a window: how many were measured, and the buckets of median and 95 %. The
-- first row, without an agent, is of all together.
WITH
    sumMap(bytesMap.bucket, bytesMap.n) AS sizes,
    sumMap(millisecondsMap.bucket, millisecondsMap.n) AS times
SELECT
    toString(agent) AS name,
    sum(bytes_n) AS sized, arrayReduce('quantilesExactWeighted(0.5, 0.95)', sizes.1, sizes.2) AS size,
    sum(milliseconds_n) AS timed, arrayReduce('quantilesExactWeighted(0.5, 0.95)', times.1, times.2) AS time
FROM measured_daily
WHERE domain_id = {domain:UInt32} AND day BETWEEN {since:Date} AND {last:Date}
    AND kind = 'crawl' AND agent IN {agents:Array(String)}
GROUP BY GROUPING SETS ((agent), ())
ORDER BY name
