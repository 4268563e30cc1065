"""What makes an import stop before it writes: addresses in a log that seem to be a proxy's, and none of visitors."""

from collections import Counter

import msgspec

from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.crowds import Crowd, crowd_of, doubtful
from crawlight.bots.identity import Identity
from crawlight.ingest.staged import Staged

_LOGS = (
    "Nothing of it was counted. Have your server log the visitor's address, too: “Behind a proxy” in docs/importing.md"
    " shows how for nginx, Apache and Caddy. If the log has it already, name your proxies in CRAWLIGHT_TRUSTED_PROXIES."
    " To import the log as it is, add --anyway: its crawls count, and these addresses verify and refute nobody"
)

_NOBODY = Agent("", "")


class Doubt(msgspec.Struct, frozen=True):
    """Why a log's addresses are not believed: a crowd of crawls from shared ones, or bots that would all be spoofed."""

    crowd: Crowd | None
    bots: list[tuple[str, int, int]]
    """Name, crawls that would be impostors', all crawls."""

    @property
    def refutes(self) -> bool:
        """Whether any crawl would be refuted by what is doubted."""
        return bool(self.bots) or (self.crowd is not None and not self.crowd.proxies)

    @property
    def told(self) -> str:
        """What it looks like, for people."""
        told = []
        if self.crowd:
            told.append(f"{self.crowd}, and the log does not name the visitors behind it")
        if self.bots:
            some = ", ".join(f"{spoofed:,} of {of:,} crawls of {bot}" for bot, spoofed, of in self.bots[:3])
            more = f" and of {len(self.bots) - 3} more bots" if len(self.bots) > 3 else ""
            told.append(
                f"{some}{more} come from addresses that are not the operator's: those of impostors, or of a proxy"
            )
        return ". ".join(told)

    def lenient(self, identity: Identity) -> Identity:
        """A judge that refutes nobody by what is doubted."""
        addresses = self.crowd.addresses if self.crowd else ()
        return identity.lenient(addresses, (bot for bot, _, _ in self.bots))


class CrowdedError(Exception):
    """A log whose addresses are not believed."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.told)
        self.doubt = doubt

    @property
    def advice(self) -> str:
        """What it looks like, and what to do."""
        return f"{self.doubt.told}. {_LOGS}"


def doubt_of(staged: Staged, identity: Identity) -> Doubt | None:
    """What is doubtful about the crawls of a log, if anything is."""
    totals = {name: number for name, number in staged.agents.items() if (by_name(name) or _NOBODY).ranges}
    crowd = crowd_of(staged.places, totals, identity.is_proxy)
    bots = doubtful(_without(crowd, staged))
    return Doubt(crowd, bots) if crowd or bots else None


def _without(crowd: Crowd | None, staged: Staged) -> Counter[tuple[str, str]]:
    """The crawls by agent and identity that do not come from a crowd's addresses."""
    left = Counter(staged.identities)
    if crowd and not crowd.proxies:
        shared = set(crowd.addresses)
        for (agent, address), number in staged.places.items():
            if address in shared:
                left[agent, "spoofed"] -= number
    return +left
