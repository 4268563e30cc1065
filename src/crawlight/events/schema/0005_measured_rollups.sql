-- Sizes and times of answers by agent, for as long as numbers are kept, and by hour. Rows where nobody measured add
-- nothing. A histogram stands for quantiles: a bucket is an eighth of a doubling, so they are right to 4.5 %, it is as
-- small as the crawls are few, and what an import gave can be taken out of it again. The engine sums what is nested
-- under a name that ends in Map.
CREATE TABLE IF NOT EXISTS measured_daily (
    domain_id UInt32,
    day Date,
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5),
    agent LowCardinality(String),
    bytes_sum UInt64 CODEC(T64, ZSTD),
    bytes_n UInt64 CODEC(T64, ZSTD),
    milliseconds_sum UInt64 CODEC(T64, ZSTD),
    milliseconds_n UInt64 CODEC(T64, ZSTD),
    bytesMap Nested(bucket UInt8, n UInt64) CODEC(ZSTD),
    millisecondsMap Nested(bucket UInt8, n UInt64) CODEC(ZSTD)
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYear(day) ORDER BY (domain_id, day, kind, agent)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS measured_daily_view TO measured_daily AS
WITH
    sumMapIf([toUInt8(floor(log2(greatest(bytes, 1)) * 8 + 1e-9))], [toUInt64(1)], bytes > 0) AS sizes,
    sumMapIf([toUInt8(floor(log2(greatest(milliseconds, 1)) * 8 + 1e-9))], [toUInt64(1)], milliseconds > 0) AS times
SELECT
    domain_id, toDate(ts) AS day, kind, agent,
    sum(bytes) AS bytes_sum, countIf(bytes > 0) AS bytes_n,
    sum(milliseconds) AS milliseconds_sum, countIf(milliseconds > 0) AS milliseconds_n,
    sizes.1 AS `bytesMap.bucket`, sizes.2 AS `bytesMap.n`,
    times.1 AS `millisecondsMap.bucket`, times.2 AS `millisecondsMap.n`
FROM records
WHERE (bytes > 0 OR milliseconds > 0) AND identity != 'spoofed'
GROUP BY domain_id, day, kind, agent;

CREATE TABLE IF NOT EXISTS measured_hourly (
    domain_id UInt32,
    hour DateTime('UTC') CODEC(Delta, ZSTD),
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5),
    agent LowCardinality(String),
    bytes_sum UInt64 CODEC(T64, ZSTD),
    bytes_n UInt64 CODEC(T64, ZSTD),
    milliseconds_sum UInt64 CODEC(T64, ZSTD),
    milliseconds_n UInt64 CODEC(T64, ZSTD),
    bytesMap Nested(bucket UInt8, n UInt64) CODEC(ZSTD),
    millisecondsMap Nested(bucket UInt8, n UInt64) CODEC(ZSTD)
) ENGINE = /*ENGINE: SummingMergeTree*/ PARTITION BY toYYYYMM(hour) ORDER BY (domain_id, hour, kind, agent)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS measured_hourly_view TO measured_hourly AS
WITH
    sumMapIf([toUInt8(floor(log2(greatest(bytes, 1)) * 8 + 1e-9))], [toUInt64(1)], bytes > 0) AS sizes,
    sumMapIf([toUInt8(floor(log2(greatest(milliseconds, 1)) * 8 + 1e-9))], [toUInt64(1)], milliseconds > 0) AS times
SELECT
    domain_id, toStartOfHour(ts) AS hour, kind, agent,
    sum(bytes) AS bytes_sum, countIf(bytes > 0) AS bytes_n,
    sum(milliseconds) AS milliseconds_sum, countIf(milliseconds > 0) AS milliseconds_n,
    sizes.1 AS `bytesMap.bucket`, sizes.2 AS `bytesMap.n`,
    times.1 AS `millisecondsMap.bucket`, times.2 AS `millisecondsMap.n`
FROM records
WHERE (bytes > 0 OR milliseconds > 0) AND identity != 'spoofed' AND ts >= now() - toIntervalDay(90)
GROUP BY domain_id, hour, kind, agent;

-- Which agent got which page (2xx, 304): since when, when last, how often, and which content then (0: not known).
CREATE TABLE IF NOT EXISTS page_agents (
    domain_id UInt32,
    page UInt64,
    agent LowCardinality(String),
    first SimpleAggregateFunction(min, DateTime('UTC')) CODEC(T64, ZSTD),
    last SimpleAggregateFunction(max, Tuple(ts DateTime('UTC'), content UInt64)) CODEC(ZSTD),
    n UInt64 CODEC(T64, ZSTD)
) ENGINE = /*ENGINE: SummingMergeTree*/ ORDER BY (domain_id, page, agent)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Crawls of before count, too, as far as they are kept. Nothing else is in the table yet when this is done.
TRUNCATE TABLE page_agents;

INSERT INTO page_agents
SELECT
    domain_id, sipHash64Keyed(/*SECRET*/, path) AS page, agent, min(ts) AS first,
    max(tuple(ts, content)) AS last, count() AS n
FROM records
WHERE kind = 'crawl' AND identity != 'spoofed' AND (status BETWEEN 200 AND 299 OR status = 304)
GROUP BY domain_id, page, agent
SETTINGS max_bytes_before_external_group_by = 500000000;

CREATE MATERIALIZED VIEW IF NOT EXISTS page_agents_view TO page_agents AS
SELECT
    domain_id, sipHash64Keyed(/*SECRET*/, path) AS page, agent, min(ts) AS first,
    max(tuple(ts, content)) AS last, count() AS n
FROM records
WHERE kind = 'crawl' AND identity != 'spoofed' AND (status BETWEEN 200 AND 299 OR status = 304)
GROUP BY domain_id, page, agent;
