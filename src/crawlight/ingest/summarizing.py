"""The figures of an imported file, as a summary has them."""

from typing import Final

from crawlight.ingest.importing import Imported
from crawlight.ingest.staged import BUCKETS, OTHERS, Staged
from crawlight.ingest.summary import IDENTITIES, Summary
from crawlight.kit.plural import plural

_MEASURES: Final = {"bytes": "size", "milliseconds": "time"}
_MOST_HOSTS: Final = 100


def summary(imported: Imported) -> Summary:
    """The figures of an imported file."""
    staged = imported.staged
    return Summary(
        file=imported.file,
        format=imported.format,
        format_reason=imported.why,
        lines=staged.lines,
        already_imported=imported.already,
        first_crawl=staged.first,
        last_crawl=staged.last,
        buckets={name: staged.buckets[name] for name in BUCKETS},
        unread={name: staged.unread[name] for name in _MEASURES},
        other_formats=dict(staged.formats.most_common()),
        agents=dict(staged.agents.most_common()),
        identities=_identities(staged),
        domains={host: staged.domains[number] for host, number in imported.domains.items()},
        other_hosts=dict(staged.hosts.most_common(_MOST_HOSTS)),
        rejected=staged.rejected,
        notes=[*imported.notes, *_unread(staged)],
    )


def _unread(staged: Staged) -> list[str]:
    """What is to be said of sizes and times that cannot be read."""
    found = ((_MEASURES[name], number) for name, number in staged.unread.items())
    return [
        f"the {what} of {plural(number, 'crawl')} cannot be read, and stays unknown" for what, number in found
    ]


def _identities(staged: Staged) -> dict[str, dict[str, int]]:
    """How many crawls of each agent are what, the most frequent agents first."""
    return {
        agent: {said: staged.identities[agent, said] for said in IDENTITIES}
        for agent, _ in staged.agents.most_common()
        if agent != OTHERS
    }
