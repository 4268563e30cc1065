-- A snapshot that was found unchanged: fresh again without a render, and no prerender.
ALTER TABLE records MODIFY COLUMN
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5, 'revalidated' = 6);

ALTER TABLE daily_agents MODIFY COLUMN
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5, 'revalidated' = 6);

ALTER TABLE measured_daily MODIFY COLUMN
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5, 'revalidated' = 6);

ALTER TABLE measured_hourly MODIFY COLUMN
    kind Enum8('crawl' = 1, 'render' = 2, 'robots' = 3, 'library' = 4, 'referral' = 5, 'revalidated' = 6);
