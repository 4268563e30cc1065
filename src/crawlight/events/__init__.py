"""The events store: ClickHouse SQL, embedded as chDB or on a server. The only room that opens it."""
