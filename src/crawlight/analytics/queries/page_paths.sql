-- The paths of pages that are known by their hash.
SELECT domain_id, page, any(path)
FROM paths
WHERE (domain_id, page) IN {pages:Array(Tuple(UInt32, UInt64))}
GROUP BY domain_id, page
