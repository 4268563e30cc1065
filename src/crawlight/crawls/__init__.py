"""The record of what was seen, and its durable way to the events store: all that an edge needs."""
