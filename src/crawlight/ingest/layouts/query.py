"""A layout as a query of the engine: for the lines of which the way of quoting leaves no doubt."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from crawlight.ingest.importers.format import CHUNK, NO_REQUEST, NOT_PEOPLE, chain
from crawlight.ingest.layouts.layout import Layout
from crawlight.ingest.layouts.moments import moment_sql
from crawlight.ingest.layouts.request import PROTOCOL_SQL
from crawlight.ingest.layouts.shapes import shape

_UNESCAPED: Final = r"""replaceAll(replaceAll(line, '\\\\', '/'), '\\"', '\'')"""
_SEPARATORS: Final = " \t|,;"
_OF_REQUEST: Final = ("method", "target", "query")
_UNUSED: Final = ("scheme",)
_UNLIKE: Final = "not of the format"

_NOBODY: Final = "user_agent IS NULL OR user_agent NOT IN (SELECT user_agent FROM import_people)"

_QUERY: Final = """
SELECT
    {time} AS ts,
    {method} AS method,
    {target} AS target,
    toUInt16OrZero({status}) AS status,
    user_agent,{host_column}{measures}
    {client} AS address,
    multiIf({comment}{unlike}, '{unlike_reason}', ts IS NULL, 'no time that can be read', '') AS reason,
    if(reason = '', '', line) AS rejected_line
FROM (
    SELECT line, {parts} AS parts,{inner}
        {agent} AS agent_text,
        toLowCardinality(if({no_agent}, NULL, if(agent_text = '-', '', agent_text))) AS user_agent{inner_host}
    FROM {chunk}
)
WHERE {wanted}
"""


class _Piece(NamedTuple):
    """Places of tokens that stand between two quotes, or separators; literal text as it is."""

    tokens: list[int | str]

    def alone(self) -> bool:
        return len(self.tokens) == 1 and isinstance(self.tokens[0], int)

    def places(self) -> list[int]:
        return [one for one in self.tokens if isinstance(one, int)]


def query_of(layout: Layout) -> str:
    """The query that a `Format` has as ``parse``. What it rejects is still to be read by `Pattern`."""
    time = _time(layout)
    return rejecting(_UNLIKE) if time is None else _Query(layout).written()


def rejecting(reason: str) -> str:
    """A query that leaves all lines over, for formats that the engine does not read."""
    return f"""
SELECT NULL::Nullable(DateTime('UTC')) AS ts, '' AS method, '' AS target, 0::UInt16 AS status,
    NULL::LowCardinality(Nullable(String)) AS user_agent, ''::LowCardinality(String) AS host, '' AS address,
    '' AS size, '' AS duration,
    if(startsWith(line, '#'), '{NO_REQUEST}', {_text(reason)}) AS reason, line AS rejected_line
FROM {CHUNK}
"""  # noqa: S608 - our own words


class _Query:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._places = layout.places
        self._separator = _separator(layout)
        self._pieces = _pieces(layout, self._separator)
        self._within = {place: n for n, piece in enumerate(self._pieces, 1) for place in piece.places()}

    def written(self) -> str:
        inner = [role for role in ("user_agent", "host") if role in self._places]
        early = self._groups(inner)
        late = [n for n in self._groups(self._needed()) if n not in early]
        agent = self._agent()
        host = self._value("host") if "host" in self._places else ""
        unlike = [f"length(parts) != {len(self._pieces)}"]
        words = {
            "time": self._with_groups(_time(self._layout, self._value) or "", late),
            "method": self._method(),
            "target": self._target(),
            "status": self._value("status") if "status" in self._places else "''",
            "client": self._client(),
            "unlike": " OR ".join([*unlike, *(f"empty(groups_{n})" for n in (*early, *late))]),
            "unlike_reason": _UNLIKE,
            "comment": self._comment(),
            "parts": self._parts(),
            "inner": "".join(f"\n        {self._group(n)} AS groups_{n}," for n in early),
            "agent": agent,
            "no_agent": " OR ".join([*unlike, *(f"empty(groups_{n})" for n in self._groups(["user_agent"]))]),
            "host_column": "\n    host," if host else "",
            "measures": "".join(f"\n    {self._value(role)} AS {role}," for role in self._layout.measures),
            "inner_host": f",\n        toLowCardinality({host}) AS host" if host else "",
            "chunk": CHUNK,
            "wanted": NOT_PEOPLE if host else f"{_NOBODY}{self._whole_url()}",
        }
        return _QUERY.format(**words)

    def _whole_url(self) -> str:
        """Targets that are whole URLs can be of other hosts, whoever sent them."""
        role = "request" if "request" in self._places else "target"
        if self._groups([role]):
            return ""
        return f" OR position(concat(' ', {self._value(role)}), ' http') > 0"

    def _comment(self) -> str:
        sign = self._layout.comment
        return f"startsWith(line, {_text(sign)}), '{NO_REQUEST}', " if sign else ""

    def _with_groups(self, time: str, late: Sequence[int]) -> str:
        """The first column brings the groups: the engine reads an alias wherever it is given."""
        return "".join(f"{self._group(n)} AS groups_{n},\n    " for n in late) + time

    def _needed(self) -> list[str]:
        whole = "request" in self._places
        return [role for role in self._places if role not in _UNUSED and not (whole and role in _OF_REQUEST)]

    def _groups(self, roles: Sequence[str]) -> list[int]:
        """The pieces out of which values have to be cut."""
        found = {self._within[self._places[role]] for role in roles}
        return sorted(n for n in found if not self._pieces[n - 1].alone())

    def _parts(self) -> str:
        if self._separator:
            return f"splitByChar({_text(self._separator)}, trimRight(line, '\\r'))"
        return f"splitByChar('\"', {_UNESCAPED})" if len(self._pieces) > 1 else f"[{_UNESCAPED}]"

    def _group(self, number: int) -> str:
        needed = {self._places[role] for role in self._needed()}
        pattern = "".join(
            _pattern(one) if isinstance(one, str) else self._shape(one, captured=one in needed)
            for one in self._pieces[number - 1].tokens
        )
        end = r"\s*$" if number == len(self._pieces) else "$"
        return f"extractGroups(parts[{number}], {_text('^' + pattern + end)})"

    def _shape(self, place: int, *, captured: bool) -> str:
        found = shape(self._layout, place, exact=True)
        return f"({found})" if captured else f"(?:{found})"

    def _value(self, role: str) -> str:
        place = self._places[role]
        number = self._within[place]
        piece = self._pieces[number - 1]
        if piece.alone():
            return f"parts[{number}]"
        needed = {self._places[one] for one in self._needed()}
        order = [one for one in piece.places() if one in needed]
        return f"groups_{number}[{order.index(place) + 1}]"

    def _agent(self) -> str:
        value = self._value("user_agent")
        if self._layout.decoded == "plus":
            return f"replaceAll({value}, '+', ' ')"
        return f"decodeURLComponent({value})" if self._layout.decoded == "url" else value

    def _method(self) -> str:
        if "request" in self._needed():
            return f"substringIndex({self._value('request')}, ' ', 1)"
        return self._value("method") if "method" in self._places else "'GET'"

    def _target(self) -> str:
        if "request" in self._needed():
            request = self._value("request")
            last = f"substringIndex({request}, ' ', -1)"
            end = f"if({PROTOCOL_SQL.format(last)}, length({last}) + 2, 1)"
            return f"substring({request}, length(method) + 2, length({request}) - length(method) - {end})"
        target = self._value("target")
        if "query" not in self._places:
            return target
        query = f"replaceRegexpOne({self._value('query')}, '^[?]', '')"
        plain = f"{query} IN ('', '-') OR position({target}, '?') > 0"
        return f"if({plain}, {target}, concat({target}, '?', {query}))"

    def _client(self) -> str:
        address = self._value("address") if "address" in self._places else "''"
        if "forwarded" not in self._places:
            return address
        forwarded = self._value("forwarded")
        return chain(f"replaceAll({forwarded}, ' ', ',')", address)


def _time(layout: Layout, of: Callable[[str], str] = str) -> str | None:
    field = layout.field_of("time")
    if field is None:
        return moment_sql(f"concat({of('date')}, ' ', {of('clock')})", "iso")
    return moment_sql(of("time"), field.kind or "any")


def _separator(layout: Layout) -> str:
    """The one sign that stands between any two fields, where it does."""
    between = {one for one in layout.tokens if isinstance(one, str)}
    alike = len(between) == 1 and len(layout.tokens) % 2 == 1 and not isinstance(layout.tokens[0], str)
    sign = next(iter(between), "")
    return sign if alike and len(sign) == 1 and sign in _SEPARATORS else ""


def _pieces(layout: Layout, separator: str) -> list[_Piece]:
    pieces = [_Piece([])]
    for place, token in enumerate(layout.tokens):
        if not isinstance(token, str):
            pieces[-1].tokens.append(place)
            continue
        for number, text in enumerate(token.split(separator or '"')):
            if number:
                pieces.append(_Piece([]))
            if text:
                pieces[-1].tokens.append(text)
    return pieces


def _pattern(text: str) -> str:
    """A regular expression for literal text, in words that the engine has."""
    return "".join(f"\\{sign}" if sign in r"\.+*?()|[]{}^$" else sign for sign in text)


def _text(value: str) -> str:
    """A text of SQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
