-- Which import a row came with, 0 for none: what one import gave can be taken back.
ALTER TABLE records ADD COLUMN IF NOT EXISTS run UInt64 DEFAULT 0 CODEC(ZSTD);
