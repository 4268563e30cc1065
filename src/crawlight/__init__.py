"""Crawlight: prerendering for crawlers, and the count of who crawled what."""

__version__ = "0.2.0"
