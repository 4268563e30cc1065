"""The one owner of the canonical page URL and of what a path asks for: a page, robots data or an asset.

Every way in (render, event, import, proxy, sitemap) goes through these functions, so one page has one name.
"""

import re
from functools import lru_cache
from typing import Final, Literal

import ada_url

from crawlight.kit.tracking import is_tracking

MAX_URL_BYTES: Final = 8192
"""Longer URLs are no pages. Applies to what is given and to what comes out."""

Kind = Literal["crawl", "robots", "asset"]
Written = Literal["html", "markdown", "other"]

_EXTENSIONS = """
css less scss sass js mjs cjs jsx ts tsx map wasm xsl xslt vue
png jpg jpeg jpe jfif gif webp avif svg svgz ico cur bmp tif tiff heic heif jxl apng psd ai eps
woff woff2 ttf otf eot ttc
mp3 mp4 m4a m4v m4s ogg oga ogv opus wav flac aac mid midi wma wmv webm avi mov mkv mpg mpeg 3gp flv swf
m3u m3u8 mpd vtt srt
zip gz tgz bz2 tbz xz txz zst 7z rar tar jar war lz4 br cab
iso dmg img exe msi apk ipa deb rpm bin pkg
pdf ps doc docx xls xlsx ppt pptx odt ods odp rtf epub mobi csv tsv txt log ics vcf
json jsonl ndjson geojson webmanifest manifest xml rss atom rdf yaml yml toml sql db kml kmz gpx
"""
ASSET_EXTENSIONS: Final = frozenset(_EXTENSIONS.split())
"""The closed list of extensions, in lower case, of files that are no pages."""

_MARKDOWN = ("md", "markdown")
_MOST_FORMATS: Final = 20_000
"""Paths whose format is remembered: logs name the same ones again and again."""
_ROBOTS_FILES = ("/robots.txt", "/llms.txt", "/llms-full.txt")
_SITEMAP_ENDS = (".xml", ".xml.gz", ".txt", ".txt.gz")

# What is canonical as it stands: no percent sign, no query, nothing that WHATWG parsing would encode or drop.
# A dot after a slash may be a dot segment, so such paths take the long way.
_CLEAN = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")
# The same with a query, in which parsing would not change anything either.
_CLEAN_QUERY = re.compile(r"(/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)\?([A-Za-z0-9\-._~!$&()*+,;=:@/?]*)")
# A host that ends in letters is no address; names in punycode have to be checked.
_CLEAN_ORIGIN = re.compile(r"https?://((?:(?!xn--)[a-z0-9-]+\.)+(?!xn--)[a-z]{2,})(?=/)")
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
# What a host has beyond the name of its domain: www. (but www.com is a name), final dot, default port.
_NOT_BARE = re.compile(r"^www\.(?=[^:]*[^.:]\.[^.:])|\.(?=:|$)|:(?:80|443)$")
_HOST = re.compile(r"[^\x00-\x20/\\?#@%]+")
# Group 1 is a percent sign that starts no triplet, with the digit after it: decoding the triplet behind it
# could complete a new triplet ("%%341" -> "%41"), and the result would no longer be its own canonical form.
_TRIPLET = re.compile(r"(%[0-9A-Fa-f]?)?(%[0-9A-Fa-f]{2})")
_UNRESERVED = {f"%{ord(c):02X}": c for c in map(chr, range(128)) if c.isalnum() or c in "-._~"}


def canonical_path(raw: str, ignored: frozenset[str] = frozenset()) -> str | None:
    """Return the canonical path, with query, of a request target; None where it names no page.

    ``raw`` is origin form (``/a?b``) or absolute form (``http://host/a?b``). Bytes that are no UTF-8 are
    given as surrogate escapes (``errors="surrogateescape"``). ``ignored`` holds parameter names, as they
    stand in a canonical path, that are dropped beside the tracking parameters.

    WHATWG URL parsing (https://url.spec.whatwg.org/), then: fragment and ignored parameters dropped, the rest
    sorted by name, stable; unreserved characters decoded and hex digits in upper case (RFC 3986, 6.2.2).
    ``+`` and ``%20``, ``?a`` and ``?a=``, ``%2F`` and ``/`` stay as written, and so does a ``%`` without
    two hex digits; empty pieces between two ``&`` are no parameters. The result is its own canonical form.
    """
    if (path := _clean_path(raw, ignored)) is not None:
        return path if len(raw) <= MAX_URL_BYTES else None
    href = _parsed(raw)
    return _path_of(href, ignored) if href is not None else None


def canonical_url(host: str, path: str) -> str:
    """Return the canonical page URL of a domain's host name and a canonical path."""
    return f"https://{host}{path}"


def split_url(url: str) -> tuple[str, str] | None:
    """Return (bare host, canonical path) of an absolute http or https URL; None for anything else.

    URLs with a user name or password are refused. Where the domain ignores parameters of its own, give the
    path to ``canonical_path`` once more: that equals doing it at once.
    """
    if (clean := _CLEAN_ORIGIN.match(url)) and (path := _clean_path(url[clean.end() :])) is not None:
        return (_NOT_BARE.sub("", clean[1]), path) if len(url) <= MAX_URL_BYTES else None
    return _split(url)


def _split(url: str) -> tuple[str, str] | None:
    href = _parsed(url) if _ABSOLUTE.match(url) else None
    if href is None:
        return None
    authority = href[href.index("//") + 2 : href.index("/", 8)]
    host = _NOT_BARE.sub("", authority)
    path = _path_of(href, frozenset())
    return (host, path) if path is not None and host and "@" not in host else None


def bare_host(host: str) -> str | None:
    """Return the name under which a host's domain is kept; None where it is no host.

    Lower case, punycode, without ``www.``, default port and final dot. Any other port stays (``host:8443``).
    """
    parts = split_url(f"https://{host}") if _HOST.fullmatch(host) else None
    return parts[0] if parts else None


def kind_of(path: str) -> Kind:
    """Say what a canonical path asks for: a page, robots data (also llms.txt, sitemaps) or an asset."""
    if "." not in path:
        return "crawl"
    bare = path.partition("?")[0]
    if not (extension := _extension(bare)):
        return "crawl"
    if extension in ("txt", "xml", "gz") and _is_robots(bare):
        return "robots"
    return "asset" if extension in ASSET_EXTENSIONS else "crawl"


@lru_cache(_MOST_FORMATS)
def format_of(path: str) -> Written:
    """Say what a canonical path's content is written in, as far as its name tells: a page is HTML if not Markdown."""
    if "." in path and _extension(path.partition("?")[0]) in _MARKDOWN:
        return "markdown"
    return "html" if kind_of(path) == "crawl" else "other"


def markdown_path(path: str) -> str:
    """The canonical path at which the Markdown of a page is: ``/a.md`` of ``/a``, ``/a/index.md`` of ``/a/``."""
    bare, mark, query = path.partition("?")
    return f"{bare}{'index.md' if bare.endswith('/') else '.md'}{mark}{query}"


def page_of_markdown(path: str) -> str | None:
    """The canonical path of the page whose Markdown a path asks for; None where it asks for none.

    Also ``/a/index.html.md`` for ``/a/``, as https://llmstxt.org/ has it.
    """
    bare, mark, query = path.partition("?")
    if not bare.endswith(".md") or bare.endswith("/.md"):
        return None
    page = bare[:-3]
    folder, _, name = page.rpartition("/")
    return f"{f'{folder}/' if name in ('index', 'index.html') else page}{mark}{query}"


def _clean_path(raw: str, ignored: frozenset[str] = frozenset()) -> str | None:
    """The canonical path of a target that parsing would not change, whatever its length; None for any other."""
    if "/." in raw:
        return None
    if _CLEAN.fullmatch(raw):
        return raw
    if clean := _CLEAN_QUERY.fullmatch(raw):
        query = _canonical_query(clean[2], ignored)
        return f"{clean[1]}?{query}" if query else clean[1]
    return None


def _path_of(href: str, ignored: frozenset[str]) -> str | None:
    path, _, query = href[href.index("/", 8) :].partition("#")[0].partition("?")
    if "%" in path:
        path = _TRIPLET.sub(_normal_triplet, path)
    if query and (query := _canonical_query(query, ignored)):
        path = f"{path}?{query}"
    return path if len(path) <= MAX_URL_BYTES else None


def _extension(path: str) -> str:
    name = path[path.rfind("/") + 1 :]
    return name[name.rfind(".") + 1 :].lower() if "." in name else ""


def _is_robots(path: str) -> bool:
    # RFC 9309 knows robots.txt at the root only; llms.txt may lie in a folder (https://llmstxt.org/).
    if path == _ROBOTS_FILES[0] or path.endswith(_ROBOTS_FILES[1:]):
        return True
    lower = path.lower()
    return "sitemap" in lower and lower.endswith(_SITEMAP_ENDS)


def _parsed(raw: str) -> str | None:
    """Return the WHATWG serialisation of a request target, with a stand-in host where it has none."""
    try:
        octets = raw.encode("utf-8", "surrogateescape")
        if len(octets) > MAX_URL_BYTES:
            return None
        text = _percent_encoded(octets)
        if raw.startswith("/"):
            return ada_url.normalize_url(f"http://host{text}")
        return ada_url.normalize_url(text) if _ABSOLUTE.match(raw) else None
    except (ValueError, UnicodeEncodeError):
        return None


def normal_percent(text: str) -> str:
    """A part of a path with the percent-encoding of canonical paths. Raises ValueError for lone surrogates."""
    return _TRIPLET.sub(_normal_triplet, _percent_encoded(text.encode()))


def _percent_encoded(octets: bytes) -> str:
    if octets.isascii():
        return octets.decode("ascii")
    return re.sub(r"[\x80-\xff]", lambda octet: f"%{ord(octet[0]):02X}", octets.decode("latin-1"))


def _normal_triplet(match: re.Match[str]) -> str:
    stray, triplet = match.group(1, 2)
    triplet = triplet.upper()
    return f"{stray}{triplet}" if stray else _UNRESERVED.get(triplet, triplet)


def _canonical_query(query: str, ignored: frozenset[str]) -> str:
    if "%" in query:
        query = _TRIPLET.sub(_normal_triplet, query)
    if "&" not in query:
        name = query.partition("=")[0]
        return "" if name in ignored or is_tracking(name) else query
    kept = []
    for parameter in query.split("&"):
        name = parameter.partition("=")[0]
        if parameter and name not in ignored and not is_tracking(name):
            kept.append((name, parameter))
    kept.sort(key=lambda pair: pair[0])
    return "&".join(parameter for _, parameter in kept)
