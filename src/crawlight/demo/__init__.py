"""What `crawlight demo` shows: access logs, real and made."""
