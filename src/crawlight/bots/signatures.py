"""Web Bot Auth: requests signed by their agent (RFC 9421, Ed25519, keys from the agent's own directory).

Rules from draft-ietf-webbotauth-httpsig-protocol-01: the tag is ``web-bot-auth``; ``created``, ``expires`` and
``keyid`` are given; ``@authority`` and ``signature-agent`` are signed; a key's id is its JWK thumbprint.
Directories are asked of agents in the catalogue only, so that no visitor can choose what is fetched.
A nonce makes a signature good for one request; a signature without one may be used again until it expires, at most
for a day.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from crawlight.bots.catalogue import Agent, load
from crawlight.bots.downloads import Download, download
from crawlight.bots.identity import Verdict
from crawlight.kit.net import FetchError

if TYPE_CHECKING:
    from http_message_signatures import VerifyResult

    from crawlight.bots.signed import Keys, SignatureError

WELL_KNOWN = "/.well-known/http-message-signatures-directory"
KEEP = 3_600.0
"""Seconds that a directory is remembered; it is asked again for a key that it lacks after ``RETRY``."""

RETRY = 60.0
NONCES = 100_000
"""Nonces that are remembered to tell a replay; the oldest are forgotten first, some 20 MiB at most."""

LONGEST_NONCE = 256
_ORIGIN = re.compile(r'"(https://[^"\s/]+)/?"')


class _Directory(msgspec.Struct, frozen=True):
    """An agent's keys, when they were fetched, and the key id that they were fetched for."""

    keys: "Keys"
    asked: float = float("-inf")
    asked_for: str = ""


def signing_agent(headers: Mapping[str, str]) -> Agent | None:
    """The agent of the catalogue that ``Signature-Agent`` names, or None. Header names in lower case."""
    named = _ORIGIN.search(headers.get("signature-agent", ""))
    return _by_origin().get(named.group(1).lower()) if named else None


class Signatures:
    """Verifies signed requests. ``fetch`` gets a URL's body or raises FetchError; ``clock`` is monotonic."""

    def __init__(
        self,
        *,
        fetch: Download = download,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Directory] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._nonces: dict[tuple[str, str], None] = {}

    async def check(self, method: str, url: str, headers: Mapping[str, str]) -> Verdict | None:
        """The verdict on a request that names a signing agent, or None where it names none.

        Only what cannot become true is spoofed; an unchecked one says nothing for or against the sender.

        ``url`` is absolute, with the host the client asked for; header names are in lower case.
        """
        agent = signing_agent(headers)
        if agent is None:
            return None
        from crawlight.bots.signed import SignatureError, verify  # Loads slowly, and few agents sign.

        try:
            directory = await self._directory(agent.signature, _key_id(headers))
        except FetchError as error:
            return Verdict("unchecked", f"key directory: {error}", host=agent.signature)
        try:
            results = verify(method.upper(), url, headers, directory.keys)
        except SignatureError as error:
            return _refused(error, agent.signature, directory)
        if any(self._used_before(result) for result in results):
            return Verdict("unchecked", "signature: its nonce was used before", host=agent.signature)
        return Verdict("verified", "signed by its operator's key", "signature", host=agent.signature)

    def _used_before(self, result: "VerifyResult") -> bool:
        """Note the nonce of a signature that holds; whether it was noted before."""
        if not isinstance(result.nonce, str):
            return False
        nonce = (str(result.parameters["keyid"]), result.nonce[:LONGEST_NONCE])
        if nonce in self._nonces:
            return True
        self._nonces[nonce] = None
        if len(self._nonces) > NONCES:
            del self._nonces[next(iter(self._nonces))]
        return False

    async def _directory(self, origin: str, key_id: str) -> _Directory:
        async with self._locks.setdefault(origin, asyncio.Lock()):
            kept = self._kept.get(origin, _Directory({}))
            age = self._clock() - kept.asked
            if age > KEEP or (key_id not in kept.keys and age > RETRY):
                from crawlight.bots.signed import read_directory

                keys = read_directory(await self._fetch(origin + WELL_KNOWN))
                kept = self._kept[origin] = _Directory(keys, self._clock(), key_id)
            return kept


def _refused(error: "SignatureError", origin: str, directory: _Directory) -> Verdict:
    """The verdict on a signature that does not hold.

    A key that the directory lacks may be newer than it, unless the directory was fetched to look for that key. So
    invented keys are unchecked between two fetches. That earns nothing: whoever asks judges an unchecked visit by its
    address next, as one that names the agent without any signature.
    """
    if error.unknown_key not in (None, directory.asked_for):
        return Verdict("unchecked", "signature: its key may be newer than the directory known", host=origin)
    return Verdict("spoofed", f"signature: {error}", "signature", host=origin)


def _key_id(headers: Mapping[str, str]) -> str:
    named = re.search(r'keyid="([^"]{1,128})"', headers.get("signature-input", ""))
    return named.group(1) if named else ""


@lru_cache(maxsize=1)
def _by_origin() -> dict[str, Agent]:
    return {agent.signature: agent for agent in load().agent if agent.signature}
