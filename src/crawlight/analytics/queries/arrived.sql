-- Whether anything was ever counted of a domain, and whether crawls came as they happened, since a moment.
SELECT
    (SELECT sum(crawls) > 0 FROM daily WHERE domain_id = {domain:UInt32}) AS counted,
    (
        SELECT count() > 0 FROM records
        WHERE domain_id = {domain:UInt32} AND kind = 'crawl' AND source != 'import' AND ts >= {after:DateTime('UTC')}
    ) AS live
