"""Crawlight as a service of a Debian or Ubuntu machine: what is asked, what is written, and taking it away again."""
