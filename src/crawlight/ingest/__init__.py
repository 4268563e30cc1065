"""From the spool into the events store, and from access logs into the spool."""
