"""What crawlers and the servers before a site reach. Knows nothing of analytics and never waits for it."""
