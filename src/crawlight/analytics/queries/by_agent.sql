-- Crawls by agent and identity, in a window and (`before`) in the equal one before it; spoofed ones too.
SELECT
    key, agent, any(category) AS purpose, toString(identity) AS proof,
    sumIf(n, day >= {since:Date}) AS crawls, sumIf(n, day < {since:Date}) AS before,
    maxIf(day, day >= {since:Date}) AS last
FROM (/*FACTS*/)
WHERE /*FILTER*/
GROUP BY key, agent, proof
