"""Markdown in a process of its own with bounds on time and memory: the page's HTML was made by strangers."""

from crawlight.kit.confined import confined
from crawlight.markdown.page import to_markdown
from crawlight.markdown.text import Markdown


async def markdown_confined(html: bytes, url: str) -> Markdown:
    """``to_markdown``. Raises TooMuchError for HTML that takes more time or memory than a page may."""
    return await confined(to_markdown, html, url)
