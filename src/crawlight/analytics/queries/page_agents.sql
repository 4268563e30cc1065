-- Crawls of one page by agent and identity, spoofed ones too; from single rows, so as far as these are kept.
SELECT agent, any(key), any(category), toString(identity), count() AS crawls, max(ts)
FROM records
WHERE domain_id = {domain:UInt32}
    AND ts >= toDateTime({first:Date}, 'UTC') AND ts < toDateTime({last:Date} + 1, 'UTC')
    AND kind = 'crawl' AND path = {path:String}
GROUP BY agent, identity
ORDER BY crawls DESC, agent, identity
