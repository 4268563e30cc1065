-- The latest crawls, newest first; spoofed ones too.
SELECT ts, agent, key, category, toString(identity) AS identity, toString(outcome) AS outcome, status, path
FROM records
WHERE domain_id = {domain:UInt32} AND kind = 'crawl' AND ts >= {after:DateTime('UTC')}
ORDER BY ts DESC, agent, path
LIMIT {limit:UInt32}
