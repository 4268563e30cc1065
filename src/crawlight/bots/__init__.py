"""Who is calling: the catalogue of crawlers and the matcher from user agent to agent."""
