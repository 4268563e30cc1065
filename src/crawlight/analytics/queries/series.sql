-- Counts of each domain and day of a window, for days with any: `offset` is the day's place in the window.
SELECT
    domain_id,
    toUInt16(day - {first:Date}) AS offset,
    sum(crawls), sum(hits), sum(misses), sum(prerenders),
    /*KEYS: sum({key})*/
FROM daily
WHERE domain_id IN {domains:Array(UInt32)} AND day BETWEEN {first:Date} AND {last:Date}
GROUP BY domain_id, day
ORDER BY domain_id, day
