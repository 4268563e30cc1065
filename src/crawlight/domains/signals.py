"""What a domain says about uses of its content: for search, as input of AI models, to train them.

``Content-Signal`` is https://contentsignals.org/; ``Content-Usage`` has the words of draft-ietf-aipref-vocab-05, which
has none for input.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

import msgspec

from crawlight.audit.robots_groups import groups
from crawlight.errors import UserError

Said = Literal["yes", "no", ""]
Name = Literal["search", "ai-input", "ai-train"]

NAMES: Final[tuple[Name, ...]] = get_args(Name)
_USAGE: Final[Mapping[Name, str]] = {"ai-train": "train-ai", "search": "search"}
_FIELDS: Final = ("content-signal", "content-usage")


class Signals(msgspec.Struct, frozen=True, rename="kebab"):
    """Each signal, or nothing where the domain says nothing about that use."""

    search: Said = ""
    ai_input: Said = ""
    ai_train: Said = ""

    def __getitem__(self, name: Name) -> Said:
        said: Said = getattr(self, name.replace("-", "_"))
        return said

    @property
    def said(self) -> dict[Name, Literal["yes", "no"]]:
        """The signals that say something."""
        chosen: dict[Name, Literal["yes", "no"]] = {}
        for name in NAMES:
            if word := self[name]:
                chosen[name] = word
        return chosen

    @property
    def headers(self) -> dict[str, str]:
        """Header fields by name in lower case; none where nothing is said."""
        said = self.said
        signal = ", ".join(f"{name}={word}" for name, word in said.items())
        usage = ", ".join(f"{word}={said[name][0]}" for name, word in _USAGE.items() if name in said)
        return {name: text for name, text in zip(_FIELDS, (signal, usage), strict=True) if text}


UNSAID: Final = Signals()


def checked(given: Mapping[str, str]) -> Signals:
    """Signals by name, those that are missing unsaid. Raises UserError for names and words that are none."""
    for name, word in given.items():
        if name not in NAMES:
            raise UserError(f"{name[:40]!r} is no signal; there are {', '.join(NAMES[:-1])} and {NAMES[-1]}")
        if word not in get_args(Said):
            raise UserError(f"{name} is yes, no or unsaid, not {word[:40]!r}")
    return msgspec.convert(dict(given), Signals)


def in_robots_txt(text: str, signals: Signals) -> str:
    """A robots.txt with the signals in each of its groups, in the place of those that stand in it.

    A crawler reads its own group only, so each says the same; where nobody else is addressed, a group for all is
    added. A domain that says nothing has its text left alone.
    """
    headers = signals.headers
    if not headers:
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    kept = [line for line in text.splitlines() if not _is_signal(line)]
    stated = [f"{name.title()}: {value}" for name, value in headers.items()]
    found = groups("\n".join(kept))
    for group in reversed(found):
        kept[group.lines[-1] + 1 : group.lines[-1] + 1] = stated
    if not any("*" in group.tokens for group in found):
        kept += [*([""] if kept and kept[-1].strip() else []), "User-agent: *", *stated, "Allow: /"]
    return end.join([*kept, ""])


def stated_in(text: str) -> dict[Name, set[str]]:
    """What a robots.txt itself says of each signal, in whichever group."""
    found: dict[Name, set[str]] = {name: set() for name in NAMES}
    for group in groups(text):
        for field, value in group.fields:
            if field == _FIELDS[0]:
                for name, _, word in (part.strip().lower().partition("=") for part in value.split(",")):
                    if name in NAMES and word.strip() in ("yes", "no"):
                        found[name].add(word.strip())
    return found


def _is_signal(line: str) -> bool:
    return line.strip().partition(":")[0].strip().lower() in _FIELDS
