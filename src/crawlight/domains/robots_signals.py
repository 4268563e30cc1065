"""Signals within a robots.txt: those that stand there, and a domain's own put in.

Apart from `signals`, which edges load: these read the text by its groups.
"""

from crawlight.audit.robots_groups import groups
from crawlight.domains.signals import FIELDS, NAMES, Name, Signals, checked


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


def without_written(text: str) -> str:
    """A robots.txt without the signals that `in_robots_txt` put in; others stay, as they are its author's."""
    found = stated_in(text)
    stated: dict[str, str] = {name: words.pop() for name, words in found.items() if len(words) == 1}
    signals = checked(stated)
    if not stated or in_robots_txt(text, signals) != text:
        return text
    return "".join(line for line in text.splitlines(keepends=True) if not _is_signal(line))


def stated_in(text: str) -> dict[Name, set[str]]:
    """What a robots.txt itself says of each signal, in whichever group."""
    found: dict[Name, set[str]] = {name: set() for name in NAMES}
    for group in groups(text):
        for field, value in group.fields:
            if field == FIELDS[0]:
                for name, _, word in (part.strip().lower().partition("=") for part in value.split(",")):
                    if name in NAMES and word.strip() in ("yes", "no"):
                        found[name].add(word.strip())
    return found


def _is_signal(line: str) -> bool:
    return line.strip().partition(":")[0].strip().lower() in FIELDS
