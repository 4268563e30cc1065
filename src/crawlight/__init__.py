"""Crawlight: prerendering for crawlers, and the count of who crawled what."""

__version__ = "0.1.0"
