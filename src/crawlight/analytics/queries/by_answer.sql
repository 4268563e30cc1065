-- Crawls by class of status (0 where it is not known) and outcome.
SELECT status_class, toString(outcome) AS outcome, sum(n) AS crawls
FROM (/*FACTS*/)
WHERE day >= {since:Date} AND /*FILTER*/
GROUP BY status_class, outcome
ORDER BY status_class, outcome
