"""Tables as markdown."""

from collections.abc import Iterator
from typing import Final

from crawlight.markdown.inline import BREAK, Inline
from crawlight.markdown.tree import HEADINGS, Element

_MOST_COLUMNS: Final = 60
_MOST_SPAN: Final = 20
_BLOCKS: Final = HEADINGS | {"table", "pre", "blockquote", "article", "section", "main"}
_ALIGNED: Final = {"right": "--:", "center": ":-:"}

Row = list[str]


def is_data(element: Element) -> bool:
    """Whether a table has data, and no page that is laid out in it."""
    if element.get("role") in ("presentation", "none"):
        return False
    cells = list(_cells(element))
    if any(cell.tag == "th" for cell in cells):
        return True
    if any(_is_layout(cell) for cell in cells):
        return False
    return any(len(row) > 1 for row in _rows(element))


def table(element: Element, inline: Inline) -> tuple[str, str]:
    """A table, and its caption; both may be empty. The first row is its head, whether it says so or not."""
    caption = next((one for one in element.elements() if one.tag == "caption"), None)
    rows = list(_filled(element, inline))
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows if any(row)]
    name = " ".join(inline.line(caption.children).split()) if caption is not None else ""
    if not rows:
        return "", name
    lines = [_line(rows[0]), _line(_marks(element, width)), *map(_line, rows[1:])]
    return "\n".join(lines), name


def _rows(element: Element) -> Iterator[list[Element]]:
    for child in element.elements():
        if child.tag == "tr":
            yield [cell for cell in child.elements() if cell.tag in ("td", "th")]
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _cells(element: Element) -> Iterator[Element]:
    return (cell for row in _rows(element) for cell in row)


def _is_layout(cell: Element) -> bool:
    return (
        any(one.tag in _BLOCKS for one in cell.walk()) or sum(one.tag == "p" for one in cell.elements()) > 1
    )


def _filled(element: Element, inline: Inline) -> Iterator[Row]:
    """Rows of texts. What spans rows stands in each of them; what spans columns, in the first."""
    below: dict[int, tuple[int, str]] = {}
    for cells in _rows(element):
        row: Row = []
        waiting = list(cells)
        while (waiting or len(row) in below) and len(row) < _MOST_COLUMNS:
            if len(row) in below:
                left, text = below.pop(len(row))
                if left > 1:
                    below[len(row)] = (left - 1, text)
                row.append(text)
                continue
            cell = waiting.pop(0)
            text = _text(cell, inline)
            if (rows := _span(cell, "rowspan")) > 1:
                below[len(row)] = (rows - 1, text)
            row += [text, *[""] * (_span(cell, "colspan") - 1)]
        yield row


def _span(cell: Element, name: str) -> int:
    given = cell.get(name)
    return (
        min(int(given), _MOST_SPAN)
        if given.isascii() and given.isdigit() and len(given) < 6 and int(given)
        else 1
    )


def _text(cell: Element, inline: Inline) -> str:
    text = inline.line(cell.children).replace(BREAK, " ")
    return " ".join(text.split()).replace("|", "\\|")


def _marks(element: Element, width: int) -> Row:
    first = next(_rows(element), [])
    marks = [_ALIGNED.get(_alignment(cell), "---") for cell in first][:width]
    return marks + ["---"] * (width - len(marks))


def _alignment(cell: Element) -> str:
    style = cell.get("style").replace(" ", "").lower()
    return next((one for one in _ALIGNED if f"text-align:{one}" in style), cell.get("align").lower())


def _line(row: Row) -> str:
    return f"| {' | '.join(row)} |"
