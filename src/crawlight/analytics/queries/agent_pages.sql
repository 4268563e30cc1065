-- Different pages of each key, and of each agent (no agent: of the key), as far as single crawls are kept.
SELECT key, agent, uniq(path) AS pages
FROM (/*FACTS*/)
WHERE /*FILTER*/
GROUP BY GROUPING SETS ((key, agent), (key))
