"""Crawlight: prerendering for crawlers, and the count of who crawled what."""

from importlib.metadata import version

__version__ = version("crawlight")
