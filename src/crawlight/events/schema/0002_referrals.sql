-- Rows are on disk before their segment leaves the spool: the power may fail in between.
ALTER TABLE records MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE daily MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE daily_agents MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE pages_daily MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE pages_monthly MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE page_keys_monthly MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE paths MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

-- Visits that AI assistants sent, by page and day.
CREATE TABLE IF NOT EXISTS referrals_daily (
    domain_id UInt32,
    day Date,
    assistant LowCardinality(String),
    page UInt64,
    n UInt64
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYear(day) ORDER BY (domain_id, day, assistant, page)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS referrals_daily_view TO referrals_daily AS
SELECT domain_id, toDate(ts) AS day, agent AS assistant, sipHash64Keyed(/*SECRET*/, path) AS page, count() AS n
FROM records
WHERE kind = 'referral'
GROUP BY domain_id, day, assistant, page;

-- Their pages need names, too.
ALTER TABLE paths_view MODIFY QUERY
SELECT DISTINCT domain_id, sipHash64Keyed(/*SECRET*/, path) AS page, path
FROM records
WHERE kind IN ('crawl', 'referral');
