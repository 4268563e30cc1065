"""The combined log format with the name of the virtual host before it, as Apache's ``vhost_combined`` writes it.

``%v:%p`` and then combined (https://httpd.apache.org/docs/2.4/mod/mod_log_config.html, and Debian's apache2.conf);
nginx users write ``$host`` in its place. Lines without referrer and user agent are read, too.
"""

import re
from collections.abc import Mapping, Sequence

from crawlight.ingest.importers.format import CHUNK, NOT_PEOPLE, Format, chain
from crawlight.ingest.importers.ncsa import (
    ADDRESS,
    AGENT,
    COLUMNS,
    FIRST_ADDRESSES,
    FORWARDED_LIST,
    LINE,
    PARTS,
    QUOTED,
    REST,
    fitted,
)

_VHOST = re.compile(
    rb"(?!\d{4}-\d\d-\d\dT)[^\s\",\[\]]+ "
    + ADDRESS
    + rb" "
    + LINE
    + rb"(?: "
    + QUOTED
    + rb" "
    + QUOTED
    + REST
    + rb")?",
    re.DOTALL,
)

_PARSE = f"""
SELECT {COLUMNS},
    host,
    {chain(FORWARDED_LIST, FIRST_ADDRESSES.format("substring(line, position(line, ' ') + 1)"))} AS address
FROM (
    SELECT line, {PARTS} AS parts, {AGENT} AS user_agent,
        toLowCardinality(substring(line, 1, position(line, ' ') - 1)) AS host
    FROM {CHUNK}
)
WHERE {NOT_PEOPLE}
"""  # noqa: S608 - our own words


def _fitted(lines: Sequence[bytes], _keys: Mapping[str, str]) -> Format:
    return fitted(VHOST, _PARSE, lines, "$host $ip_address $ident $plain_user")


VHOST = Format(
    "vhost",
    "combined with virtual host",
    lambda line: bool(_VHOST.fullmatch(line)),
    _PARSE,
    hosts=True,
    measures=(("size", ""),),
    fitted=_fitted,
)
