"""Prerendering: a real browser makes the HTML that crawlers get."""
