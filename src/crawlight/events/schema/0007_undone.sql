-- From which rollups an import that is being taken back was subtracted: merges may leave nothing of what that inserted,
-- and the engine forgets tokens with their rows.
CREATE TABLE IF NOT EXISTS undone (
    run UInt64,
    rollup LowCardinality(String)
) ENGINE = /*ENGINE: MergeTree*/ ORDER BY (run, rollup)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
