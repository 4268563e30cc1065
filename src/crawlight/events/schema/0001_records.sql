-- Everything that was seen, one row each. Rollups below are kept as rows arrive and outlive them.
-- Every table has a deduplication window: a replayed insert must count once in each of them.
CREATE TABLE IF NOT EXISTS records (
    domain_id UInt32,
    ts DateTime('UTC') CODEC(Delta, ZSTD),
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5),
    agent LowCardinality(String),
    key LowCardinality(String),
    category LowCardinality(String),
    identity Enum8('none' = 0, 'verified' = 1, 'unverifiable' = 2, 'unchecked' = 3, 'spoofed' = 4),
    outcome Enum8('none' = 0, 'hit' = 1, 'miss' = 2, 'passthrough' = 3, 'redirect' = 4, 'blocked' = 5),
    status UInt16,
    source Enum8('render' = 1, 'proxy' = 2, 'event' = 3, 'import' = 4),
    path String CODEC(ZSTD)
) ENGINE = /*ENGINE: MergeTree*/ PARTITION BY toYYYYMM(ts) ORDER BY (domain_id, ts)
SETTINGS non_replicated_deduplication_window = 10000;

-- The export: one row per domain and day, one column per bot key.
CREATE TABLE IF NOT EXISTS daily (
    domain_id UInt32,
    day Date,
    crawls UInt64,
    hits UInt64,
    misses UInt64,
    prerenders UInt64,
    /*KEYS: {key} UInt64*/
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYear(day) ORDER BY (domain_id, day)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS daily_view TO daily AS
SELECT
    domain_id,
    toDate(ts) AS day,
    countIf(kind = 'crawl') AS crawls,
    countIf(kind = 'crawl' AND outcome = 'hit') AS hits,
    countIf(kind = 'crawl' AND outcome = 'miss') AS misses,
    countIf(kind = 'render') AS prerenders,
    /*KEYS: countIf(kind = 'crawl' AND key = '{key}') AS {key}*/
FROM records
WHERE kind IN ('crawl', 'render') AND identity != 'spoofed'
GROUP BY domain_id, day;

-- The filters of a dashboard, over every kind and identity, spoofed ones too.
CREATE TABLE IF NOT EXISTS daily_agents (
    domain_id UInt32,
    day Date,
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5),
    agent LowCardinality(String),
    key LowCardinality(String),
    category LowCardinality(String),
    identity Enum8('none' = 0, 'verified' = 1, 'unverifiable' = 2, 'unchecked' = 3, 'spoofed' = 4),
    outcome Enum8('none' = 0, 'hit' = 1, 'miss' = 2, 'passthrough' = 3, 'redirect' = 4, 'blocked' = 5),
    status_class UInt8,
    n UInt64
) ENGINE = /*ENGINE: SummingMergeTree(n)*/ PARTITION BY toYear(day)
ORDER BY (domain_id, day, kind, agent, key, category, identity, outcome, status_class)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS daily_agents_view TO daily_agents AS
SELECT
    domain_id, toDate(ts) AS day, kind, agent, key, category, identity, outcome,
    toUInt8(intDiv(status, 100)) AS status_class, count() AS n
FROM records
GROUP BY domain_id, day, kind, agent, key, category, identity, outcome, status_class;

-- Top pages of the export: crawls by one of the 25 keys, by day and by month. A page is the hash of its path,
-- keyed with a secret of this store: nobody can make a path that is counted as another.
CREATE TABLE IF NOT EXISTS pages_daily (
    domain_id UInt32,
    day Date,
    page UInt64,
    n UInt64
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYYYYMM(day) ORDER BY (domain_id, day, page)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS pages_daily_view TO pages_daily AS
SELECT domain_id, toDate(ts) AS day, sipHash64Keyed(/*SECRET*/, path) AS page, count() AS n
FROM records
WHERE kind = 'crawl' AND key != '' AND identity != 'spoofed'
GROUP BY domain_id, day, page;

CREATE TABLE IF NOT EXISTS pages_monthly (
    domain_id UInt32,
    month Date,
    page UInt64,
    n UInt64
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYear(month) ORDER BY (domain_id, page, month)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS pages_monthly_view TO pages_monthly AS
SELECT domain_id, toStartOfMonth(ts) AS month, sipHash64Keyed(/*SECRET*/, path) AS page, count() AS n
FROM records
WHERE kind = 'crawl' AND key != '' AND identity != 'spoofed'
GROUP BY domain_id, month, page;

-- The pages of one bot; the empty key holds the recognised bots without one.
CREATE TABLE IF NOT EXISTS page_keys_monthly (
    domain_id UInt32,
    month Date,
    key LowCardinality(String),
    page UInt64,
    n UInt64
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYear(month) ORDER BY (domain_id, key, month, page)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS page_keys_monthly_view TO page_keys_monthly AS
SELECT domain_id, toStartOfMonth(ts) AS month, key, sipHash64Keyed(/*SECRET*/, path) AS page, count() AS n
FROM records
WHERE kind = 'crawl' AND identity != 'spoofed'
GROUP BY domain_id, month, key, page;

-- From the hash of a path back to the path.
CREATE TABLE IF NOT EXISTS paths (
    domain_id UInt32,
    page UInt64,
    path String CODEC(ZSTD)
) ENGINE = /*ENGINE: ReplacingMergeTree*/ ORDER BY (domain_id, page)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS paths_view TO paths AS
SELECT DISTINCT domain_id, sipHash64Keyed(/*SECRET*/, path) AS page, path
FROM records
WHERE kind = 'crawl';
