"""The catalogue of known crawlers: one entry of ``catalogue.toml`` per agent."""

import hashlib
import os
import tomllib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec

FILE: Final = Path(__file__).with_name("catalogue.toml")

UNKNOWN = "unknown"
"""The operator of an agent of which no public source says who runs it."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where facts come from: a public page or list, and the day on which it was read."""

    url: str
    read: str


class Agent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One crawler, or one kind of program that is recognised.

    ``tokens`` are patterns of the little language that ``patterns.py`` describes.
    ``key`` is one of ``keys.BOT_KEYS`` or None; ``category`` one of ``keys.CATEGORIES``.
    ``operator`` is who runs it; a domain where only a contact address in the user agent or the agent's own page says
    so; ``unknown`` where nothing public does; empty for agents outside of the catalogue.
    ``url`` is its documentation and ``robots`` the word that it obeys in robots.txt, each empty where none is public.
    ``ranges`` names the address lists in ``ranges/`` in which the agent must be.
    ``dns`` are documented endings of its host names; ``dns_seen`` are endings that were only
    observed, so that they can verify a visit, but not refute one.
    ``signature`` is the origin of the key directory of an agent that signs its requests.
    ``family`` agents stand for many products; a visit is then named after the word found in its string.
    ``yields`` marks tokens that other products carry along, so that any other product named beside them wins;
    ``hosts`` are pieces of the hosts that its contact address may have.
    ``sources`` says for each fact (``token``, ``operator``, ``robots``, ``javascript``, ``verification``) which of the
    catalogue's sources it is taken from. Category, operator and page are those of the token's source, unless named.
    """

    name: str
    category: str
    operator: str = ""
    key: str | None = None
    tokens: tuple[str, ...] = ()
    url: str = ""
    robots: str = ""
    javascript: Literal["yes", "no", "unknown"] = "unknown"
    ranges: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    dns_seen: tuple[str, ...] = ()
    signature: str = ""
    family: bool = False
    yields: bool = False
    hosts: tuple[str, ...] = ()
    sources: dict[str, str] = {}

    @property
    def verification(self) -> str:
        """How a visit can be proven: ``ranges``, ``dns``, ``signature``, joined by commas, or ``none``."""
        ways = {"ranges": self.ranges, "dns": self.dns or self.dns_seen, "signature": self.signature}
        return ", ".join(name for name, way in ways.items() if way) or "none"


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All agents, in the order of the file, and the sources of their facts by short name."""

    source: dict[str, Source]
    agent: tuple[Agent, ...]


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """Read the catalogue that ships with the package; once per process."""
    return _read(FILE, FILE.parent / "__pycache__")


def _read(file: Path, cache: Path) -> Catalogue:
    """The catalogue in a TOML file, from its compiled form in ``cache`` where there is one.

    That is named by what the file and this module say, so it can be of no other; it is written where it can be.
    """
    text = file.read_bytes()
    code = hashlib.sha256(text + Path(__file__).read_bytes()).hexdigest()[:32]
    compiled = cache / f"catalogue-{code}.msgpack"
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.msgpack.decode(compiled.read_bytes(), type=Catalogue)
    catalogue = msgspec.convert(tomllib.loads(text.decode()), Catalogue)
    with suppress(OSError):
        _keep(compiled, msgspec.msgpack.encode(catalogue))
    return catalogue


def _keep(compiled: Path, content: bytes) -> None:
    """Write the compiled form, and remove those of other versions. Others may do the same meanwhile."""
    compiled.parent.mkdir(exist_ok=True)
    part = compiled.with_name(f"{compiled.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(compiled)
    for old in compiled.parent.glob("catalogue-*.msgpack"):
        if old != compiled:
            old.unlink(missing_ok=True)


def by_name(name: str) -> Agent | None:
    """The agent of that exact name, or None."""
    return _names().get(name)


@lru_cache(maxsize=1)
def _names() -> dict[str, Agent]:
    return {agent.name: agent for agent in load().agent}
