"""Every log format, by name."""

from collections.abc import Mapping
from typing import Final

from crawlight.ingest.importers import alb, caddy, cloudflare, cloudfront, ncsa, nginx_json, vhost
from crawlight.ingest.importers.format import Format
from crawlight.ingest.layouts.formats import FOUND, known_formats
from crawlight.ingest.layouts.w3c import W3C

_ALL = (
    *(ncsa.COMBINED, ncsa.COMMON, vhost.VHOST),
    *(caddy.CADDY, nginx_json.NGINX_JSON, cloudflare.CLOUDFLARE, cloudfront.CLOUDFRONT, alb.ALB),
    W3C,
    *known_formats(),
    FOUND,
)
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}
"""Every format by the name that ``--format`` takes. Of several that read a log alike the first is taken."""

KEYS: Final = tuple(nginx_json.USUAL_KEYS)
"""What ``--key`` can name a key for."""
