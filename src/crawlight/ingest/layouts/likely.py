"""What values of a line look like, by what they are."""

import re
from typing import Final

from crawlight.ingest.importers.json_keys import NAMES
from crawlight.ingest.importers.json_records import plain
from crawlight.ingest.layouts.moments import SHAPES, WRITTEN, shape_of

IP: Final = r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*\]?)"
METHODS: Final = "GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND"
HOST: Final = (
    r"(?!(?:\d+\.)+\d+(?::|$))(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z](?::\d{1,5})?\.?"
)
LIKE: Final = {
    "time": re.compile("|".join([SHAPES["any"], *map(shape_of, WRITTEN)])),
    "request": re.compile(rf"(?:{METHODS}) \S.*"),
    "method": re.compile(METHODS),
    "target": re.compile(r"(?:/|https?://).*"),
    "status": re.compile(r"[1-5]\d\d|000|-"),
    "address": re.compile(rf"{IP}(?::\d{{1,5}})?|unix:|-"),
    "forwarded": re.compile(rf"-|(?:{IP}|unknown)(?:, ?(?:{IP}|unknown))*"),
    "host": re.compile(rf"{HOST}|-|_|"),
    "user_agent": re.compile(
        r"(?i:Mozilla/\d.*|.*(?:bot|crawl|spider|fetch|agent|monitor|http)\b.*|[a-z][\w. -]*/v?\d.*|-|)",
        re.DOTALL,
    ),
}
SURE_AGENT: Final = re.compile(
    r"(?!HTTP/|[A-Z_]+/[\d.]+$)(?i:Mozilla/\d|.*(?:bot|crawler|spider)\b|[a-z][\w.-]*/v?\d+\.)"
)
NO_HOSTS: Final = re.compile(
    r"(?i:.*\.(?:html?|php|js|css|local|internal|svc|cluster|lan|so|py|go|conf|sock))(?::\d+)?"
)
NOTHING: Final = ("", "-", "_")


def names_host(key: str) -> bool:
    """Whether a key before a value, such as ``host=``, says that it is a host."""
    return plain(key.rstrip("=: ")) in NAMES["host"]
