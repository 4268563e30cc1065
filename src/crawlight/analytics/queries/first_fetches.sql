-- When search engines fetched some pages, from single rows: for what they were told of.
SELECT path, toString(agent) AS name, arraySort(groupArray(ts)) AS moments
FROM records
WHERE domain_id = {domain:UInt32} AND ts >= {since:DateTime('UTC')}
    AND kind = 'crawl' AND identity != 'spoofed'
    AND agent IN {agents:Array(String)} AND path IN {paths:Array(String)}
GROUP BY path, name
ORDER BY path, name
