"""Every log format, by name."""

from collections.abc import Mapping
from typing import Final

from crawlight.ingest.importers import alb, cloudfront, ncsa, vhost
from crawlight.ingest.importers.format import Format
from crawlight.ingest.importers.json_keys import KEYS
from crawlight.ingest.importers.json_lines import JSON_FORMATS
from crawlight.ingest.layouts.formats import FOUND, known_formats
from crawlight.ingest.layouts.w3c import W3C

__all__ = ["FORMATS", "KEYS"]

_ALL = (
    *(ncsa.COMBINED, ncsa.COMMON, vhost.VHOST),
    *JSON_FORMATS,
    *(cloudfront.CLOUDFRONT, alb.ALB),
    W3C,
    *known_formats(),
    FOUND,
)
FORMATS: Final[Mapping[str, Format]] = {one.name: one for one in _ALL}
"""Every format by the name that ``--format`` takes. Of several that read a log alike the first is taken."""
