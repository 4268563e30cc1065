-- What was sent, how long it took, and what it was: 0, 'none' and false where that is not known.
ALTER TABLE records
    ADD COLUMN IF NOT EXISTS bytes UInt32 DEFAULT 0 CODEC(T64, ZSTD) AFTER path,
    ADD COLUMN IF NOT EXISTS milliseconds UInt32 DEFAULT 0 CODEC(T64, ZSTD) AFTER bytes,
    ADD COLUMN IF NOT EXISTS asked_markdown Bool DEFAULT false AFTER milliseconds,
    ADD COLUMN IF NOT EXISTS content UInt64 DEFAULT 0 CODEC(ZSTD) AFTER asked_markdown,
    ADD COLUMN IF NOT EXISTS robots_version UInt32 DEFAULT 0 CODEC(ZSTD) AFTER content,
    ADD COLUMN IF NOT EXISTS format Enum8('none' = 0, 'html' = 1, 'markdown' = 2, 'other' = 3) DEFAULT 'none'
        AFTER robots_version;
