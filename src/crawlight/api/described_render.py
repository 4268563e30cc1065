"""The part of ``/openapi.json`` about ``GET /v1/render``. The endpoint itself is in the edge, past this room."""

from typing import Any, Final

PATH: Final = "/v1/render"

Json = dict[str, Any]

_HEADERS: Final = {
    "user-agent": "The visitor's.",
    "x-hadoseo-client-ip": "The visitor's address, so that real crawlers are told from impostors; may be empty.",
    "x-hadoseo-mode": "`passthrough`: only record the crawl.",
    "x-crawlight-redirects": "`manual`: redirects come as such. Everybody else gets a page that leads there, since "
    "whoever follows a redirect would send the key along.",
    "x-crawlight-nothing": "A status of 400 to 499 instead of 204, for servers that cannot act on a 204.",
    "accept": "The visitor's. Where it prefers `text/markdown` to `text/html`, the page comes as Markdown.",
    "accept-encoding": "`zstd`, `gzip` or neither.",
}
_OUTCOMES: Final = ["hit", "miss", "passthrough", "redirect", "blocked", "none"]
_TOLD: Final = {
    "x-crawlight-outcome": {
        "description": "What the crawl got; `none` for what is no crawl.",
        "schema": {"type": "string", "enum": _OUTCOMES},
    },
    "x-crawlight-reason": {"description": "Why.", "schema": {"type": "string"}},
    "x-request-id": {"description": "Names the request in logs.", "schema": {"type": "string"}},
}
_FORMATS: Final = {
    "x-crawlight-age": {
        "description": "Seconds since the page was rendered.",
        "schema": {"type": "integer"},
    },
    "link": {
        "description": "Of HTML the address of its Markdown (`alternate`), of Markdown that of the page (`canonical`).",
        "schema": {"type": "string"},
    },
    "x-markdown-tokens": {
        "description": "Of Markdown: an estimate of its tokens.",
        "schema": {"type": "integer"},
    },
}
_HTML: Final = {"text/html": {"schema": {"type": "string"}}}
_BOTH: Final = _HTML | {"text/markdown": {"schema": {"type": "string"}}}


def described(refusals: Json) -> Json:
    """The operation; ``refusals`` are the answers to callers' mistakes by status."""
    location = {"location": {"description": "Absolute.", "schema": {"type": "string"}}}
    moved = {
        "description": "The page moved; only with `x-crawlight-redirects: manual`.",
        "headers": _TOLD | location,
    }
    robots = {"x-hadoseo-robots": {"description": "Of a blocked path.", "schema": {"type": "string"}}}
    return {
        "operationId": "render",
        "summary": "What a crawler gets of a page. Fails open: never a 5xx; 204 means that the site answers itself.",
        "tags": ["API"],
        "security": [{"key": []}, {"apiKey": []}],
        "parameters": [
            {
                "name": "url",
                "in": "query",
                "required": True,
                "description": "Absolute http or https URL of the page.",
                "schema": {"type": "string", "format": "uri", "maxLength": 8192},
            },
            *(
                {"name": n, "in": "header", "description": t, "schema": {"type": "string"}}
                for n, t in _HEADERS.items()
            ),
        ],
        "responses": {
            "200": {
                "description": "The prerendered page: HTML or, for those that prefer it and for `PATH.md`, Markdown.",
                "headers": _TOLD | _FORMATS,
                "content": _BOTH,
            },
            "204": {
                "description": "Not a crawler, spoofed, an asset, passthrough mode, a blocked path, no page in time, "
                "or any trouble of ours.",
                "headers": _TOLD | robots,
            },
            **{str(status): moved for status in (301, 302, 307, 308)},
            "404": {
                "description": "The page says that it does not exist.",
                "headers": _TOLD,
                "content": _HTML,
            },
            "410": {
                "description": "The site says that it is gone for good.",
                "headers": _TOLD,
                "content": _HTML,
            },
            **refusals,
        },
    }
