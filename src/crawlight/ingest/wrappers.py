"""What shippers and runtimes put around a server's lines: cut off before anything else looks at them.

Each cuts a whole chunk at once and leaves as many lines as there were, so that numbers of lines stay what they are.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Final

import msgspec

from crawlight.ingest.shippers import FLUENT_BIT, LEVEL, SHIPPED, TIMED, fluent_bit, one_line, shipped, timed
from crawlight.ingest.tables import table_of

_RFC3164: Final = (
    rb"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?"
    rb"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
    rb"|[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]{2,5}) "
)
_TAG: Final = rb"[\w./@-]{1,64}(?:\[\d+\]: ?|: )"
_CLIENT: Final = (
    rb"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)? )?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)[ ,]"
)
_TIME: Final = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"


# A line that has a time of its own behind the address, and a request in quotes.
_ADDRESS: Final = (
    rb"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)? )?(?!\d\d:\d\d:\d\d)"
    rb"(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)[ ,]"
)
_REQUEST: Final = rb"[^\n\"]*\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d[^\n]*\"[A-Z]+ /"
_WORDS: Final = (
    rb"[^\n\"]{0,100}?(?:\d\d:\d\d:\d\d|\b\d{10}\.\d{3}|\[ *\d+\.\d{6}\]|\d{4}-\d\d-\d\d)"
    rb"[^\n\"]{0,160}?(?:[\s\]}]|(?<=\D):)"
)


class Wrapper(msgspec.Struct, frozen=True):
    """One way to wrap lines."""

    title: str
    pattern: re.Pattern[bytes]
    """Fits a whole line that is wrapped so; group 1 is the line within, unless ``inner`` says otherwise."""
    inner: Callable[[re.Match[bytes]], bytes] = lambda found: found[1]
    joined: Callable[[bytes], bytes] = lambda data: data
    """Puts lines together that were cut in pieces: all but the last place of each is left empty."""

    def line(self, line: bytes) -> bytes:
        """The line within, or the line itself where it is not wrapped."""
        found = self.pattern.fullmatch(line.rstrip(b"\r"))
        return self.inner(found) if found else line

    def chunk(self, data: bytes) -> bytes:
        """The lines within, as many as there were."""
        return self.pattern.sub(self.inner, self.joined(data))


def _lines(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^" + pattern + rb"\r?$", re.MULTILINE)


def _json_text(key: bytes) -> re.Pattern[bytes]:
    return _lines(
        rb"(?=\{)([^\n]*\"" + key + rb"\"[ ]?:[^\n]*)\}",
    )


class _Docker(msgspec.Struct):
    log: str


class _Journal(msgspec.Struct):
    MESSAGE: str | list[int] | None = None


def _docker(found: re.Match[bytes]) -> bytes:
    try:
        text = msgspec.json.decode(found[0].rstrip().decode("utf-8", "replace"), type=_Docker).log
    except msgspec.MsgspecError:
        return found[0]
    return one_line(text.encode("utf-8", "surrogatepass"))


def _journal(found: re.Match[bytes]) -> bytes:
    """journald writes a message that is no UTF-8 as a list of its bytes."""
    try:
        message = msgspec.json.decode(found[0].rstrip().decode("utf-8", "replace"), type=_Journal).MESSAGE
    except msgspec.MsgspecError:
        return found[0]
    if isinstance(message, list):
        return one_line(bytes(byte & 0xFF for byte in message))
    return one_line((message or "").encode("utf-8", "surrogatepass"))


_PART: Final = re.compile(
    rb"^(" + _TIME + rb" (?:stdout|stderr) )P ([^\n]*?)\r?\n" + _TIME + rb" (?:stdout|stderr) ([FP]) ",
    re.MULTILINE,
)


def _whole_of_cri(data: bytes) -> bytes:
    """A line of more than 16 KB comes in parts, all but the last one marked with P."""
    number = 1
    while number:
        data, number = _PART.subn(rb"\n\1\3 \2", data)
    return data


_DOCKERS_PART: Final = re.compile(
    rb'^(\{"log":")((?:[^"\\\n]|\\.)*)(?<!\\n)","stream"[^\n]*\n\{"log":"', re.MULTILINE
)


def _whole_of_docker(data: bytes) -> bytes:
    """A line of more than 16 KB comes in parts: all but the last one lack the line feed."""
    number = 1
    while number:
        data, number = _DOCKERS_PART.subn(rb"\n\1\2", data)
    return data


def _doubled(found: re.Match[bytes]) -> bytes:
    """A whole line in quotes: those inside are as they were, or doubled, or escaped."""
    inner = found[1]
    if b'""GET ' in inner or b'""HEAD ' in inner or b'""POST ' in inner:
        return inner.replace(b'""', b'"')
    return inner.replace(b'\\"', b'"') if b'\\"GET ' in inner or b'\\"POST ' in inner else inner


def _in_parentheses(found: re.Match[bytes]) -> bytes:
    """``10.0.0.2 (192.0.2.1) - -``: the list of addresses that stands first in other logs."""
    told = b"" if found[2] == b"-" else found[2] + b", "
    return told + found[1] + b" " + found[3]


def _console(found: re.Match[bytes]) -> bytes:
    """Caddy's line for people as its line for machines."""
    return b'{"ts":"%s","msg":"%s",%s' % (found[1].replace(b"/", b"-"), found[2], found[3])


class _OfAzure(msgspec.Struct):
    properties: str


def _azure(found: re.Match[bytes]) -> bytes:
    """A record whose properties are a text that holds JSON, with them as JSON."""
    try:
        text = found[0].rstrip().decode("utf-8", "replace")
        inner = msgspec.json.decode(msgspec.json.decode(text, type=_OfAzure).properties)
        record = msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.MsgspecError, RecursionError):
        return found[0]
    return msgspec.json.encode({**record, "properties": inner})


_ESCAPE: Final = re.compile(rb"\x1b\[[\d;]*[A-Za-z]")
_COLOUR: Final = rb"(?:\x1b\[[\d;]*m)?"

WRAPPERS: Final[Sequence[Wrapper]] = (
    Wrapper(
        "a terminal's colours",
        _lines(rb"(?=[^\n]*\x1b\[)(?=[^\n]*(?<![A-Z])(?:GET|HEAD|POST) )([^\n]+?)"),
        lambda found: _ESCAPE.sub(b"", found[1]),
    ),
    # Only around a line with a request in it: many records of requests have a message, too.
    Wrapper(
        "JSON of a shipper",
        _lines(SHIPPED),
        shipped,
    ),
    Wrapper(
        "Azure's records with properties as text",
        _lines(rb"(?=\{)([^\n]*\"properties\"[ ]?:[ ]?\"\s?\{[^\n]*)\}"),
        _azure,
    ),
    Wrapper("Docker's json-file", _json_text(b"log"), _docker, _whole_of_docker),
    Wrapper("journald as JSON", _json_text(b"MESSAGE"), _journal),
    Wrapper(
        "journald, verbose",
        _lines(
            rb"(?:[A-Z][a-z]{2} \d{4}-\d\d-\d\d [^\n\[]*\[s=[^\n]*?"
            rb"| {4,}(?:MESSAGE=([^\n]*?)|[A-Z_][A-Z_\d]*=[^\n]*?))"
        ),
        lambda found: found[1] or b"",
    ),
    Wrapper("Kubernetes (CRI)", _lines(_TIME + rb" (?:stdout|stderr) [FP](?::\S*)? ([^\n]*?)"), joined=_whole_of_cri),
    Wrapper("Docker Compose", _lines(_COLOUR + rb"[A-Za-z][\w-]* +" + _COLOUR + rb"\|" + _COLOUR + rb" ([^\n]*?)")),
    Wrapper(
        "syslog (RFC 5424)",
        _lines(
            rb"(?:\d+ )?(?:<\d{1,3}>)?\d (?:-|" + _TIME + rb") \S+ \S+ \S+ \S+ "
            rb"(?:-|(?:\[[^ \]=\"]+(?: [^ \]=\"]+=\"(?:[^\"\\\]]|\\.)*\")*\])+) (?:\xef\xbb\xbf)?([^\n]*?)"
        ),
    ),
    Wrapper("syslog (RFC 3164)", _lines(_RFC3164 + rb"\S+ " + _TAG + rb"([^\n]*?)")),
    Wrapper("syslog (RFC 3164)", _lines(_RFC3164 + _TAG + rb"([^\n]*?)")),
    Wrapper(
        "syslog (RFC 3164)",
        _lines(_RFC3164 + rb"(?!" + LEVEL + rb" )\S+ (?=\{|(?:\S+ )?\d{1,3}(?:\.\d{1,3}){3}[ ,])([^\n]*?)"),
    ),
    Wrapper(
        "Caddy's console",
        _lines(
            _COLOUR + rb"(\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d{4})?)" + _COLOUR
            + rb"[\t ]+" + _COLOUR + rb"[A-Za-z]+"
            + _COLOUR + rb"[\t ]+http\.log\.access\S*[\t ]+(handled request)[\t ]+\{([^\n]*)"
        ),
        _console,
    ),
    Wrapper("a time and words before each record", _lines(TIMED), timed),
    Wrapper("a level before each record", _lines(rb"\[?" + LEVEL + rb"[]:]*[ \t]+(\{[ \t]*\"[^\n]*\})")),
    # Only around a line that has a time of its own: else it is the line's.
    Wrapper(
        "times of docker logs",
        _lines(_TIME + rb" (?=\{|[^\n]*\[\d\d/[A-Z][a-z]{2}/\d{4}:)([^\n]*?)"),
    ),
    Wrapper("PM2", _lines(rb"\d{1,4}\|[\w.@/-]+ *\| (?:" + _TIME + rb": )?([^\n]*?)")),
    Wrapper("grep", _lines(rb"(?=[\w./-]*log)[\w./-]+:(?:\d+:)?(?=\{|" + _CLIENT + rb")([^\n]*?)")),
    Wrapper("stern", _lines(rb"[a-z0-9][a-z0-9-]+ [a-z0-9][a-z0-9-]+ (?=\{|" + _CLIENT + rb"- )([^\n]*?)")),
    Wrapper(
        "addresses in parentheses behind a proxy's",
        _lines(rb"([0-9a-fA-F.:]{2,45}) \((-|[0-9a-fA-F.:, ]{2,200})\) (?=[^\n]*\[\d\d/[A-Z][a-z]{2}/)([^\n]*?)"),
        _in_parentheses,
    ),
    Wrapper("Fluent Bit", _lines(FLUENT_BIT), fluent_bit),
    Wrapper("a time and words before each line", _lines(_WORDS + rb"(?=" + _ADDRESS + _REQUEST + rb")([^\n]*?)")),
    Wrapper("quotes around each line", _lines(rb'"(?=[^"\n]* (?:\\?"|""))([^"\s][^\n]*[^\n\\])"'), _doubled),
)  # fmt: skip
"""In the order in which they are tried."""

_MOST: Final = 3
_FEWEST: Final = 0.5
"""The share of the first lines that have to be wrapped in one way."""


class Wrapping(msgspec.Struct, frozen=True):
    """The wrappers of a log, the outermost first."""

    wrappers: tuple[Wrapper, ...] = ()

    def line(self, line: bytes) -> bytes:
        """The line within a line."""
        return reduce(lambda text, wrapper: wrapper.line(text), self.wrappers, line)

    def chunk(self, data: bytes) -> bytes:
        """The lines within those of a chunk, as many as there were."""
        return reduce(lambda text, wrapper: wrapper.chunk(text), self.wrappers, data)

    def title(self) -> str:
        """The wrappers, for people."""
        return " in ".join(wrapper.title for wrapper in reversed(self.wrappers))


NOT_WRAPPED: Final = Wrapping()


def wrapping_of(lines: Iterable[bytes]) -> Wrapping:
    """What most of a log's first lines are wrapped in."""
    found: list[Wrapper] = []
    texts = list(lines)
    while len(found) < _MOST and (wrapper := _wrapper_of(texts)):
        found.append(wrapper)
        texts = wrapper.chunk(b"\n".join(texts)).split(b"\n")
        texts = [text for text in texts if text]
    return Wrapping(tuple(found))


def _wrapper_of(lines: Sequence[bytes]) -> Wrapper | None:
    if lines and (table := table_of(lines[0])):
        return Wrapper("a table with named columns", _lines(rb"([^\n]+?)"), lambda found: table.row(found[1]))
    for wrapper in WRAPPERS:
        wrapped = (line for line in lines if wrapper.pattern.fullmatch(line))
        if sum(wrapper.line(line) != line for line in wrapped) > len(lines) * _FEWEST:
            return wrapper
    return None
