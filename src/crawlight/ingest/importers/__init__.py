"""One module per log format: how to know it, and the SQL that turns its lines into columns."""
