"""Why pages could not be rendered, as people are told."""

from collections.abc import Mapping
from typing import Final

FAILURES: Final[Mapping[str, str]] = {
    "blocked_address": "its address is not public, and the domain allows no such network.",
    "browser_down": "no browser could be started or reached.",
    "crash": "the page took its process down, or the whole browser three times.",
    "download": "the address is a file to download.",
    "empty": "no content came.",
    "internal_error": "Crawlight itself failed on it; the server's log says how.",
    "no_html": "the address is no page of HTML.",
    "not_stored": "the snapshot could not be stored.",
    "overloaded": "too many renders wait.",
    "redirect_loop": "the site redirects in a circle, or the page loads itself again and again.",
    "timeout": "the page was not done in time.",
    "too_large": "the page is larger than what is kept.",
    "unreachable": "there is no such host, no connection, or its TLS is broken.",
    "upstream_4xx": "the site refuses to answer for now (408, 425 or 429).",
    "upstream_5xx": "the site, or the API that the page is made from, answers with an error.",
}
"""What people are told, after a colon. ``not_stored`` and ``internal_error`` are no fault of a page."""
