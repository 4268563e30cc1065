"""Backups of everything that a data directory holds, taken while the server runs, and their restoring."""
