"""Fetches the operators' current address lists; a bad list never replaces a good one."""

import asyncio
import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

import msgspec
import structlog

from crawlight.bots.addresses import AddressSet
from crawlight.bots.downloads import Download, download
from crawlight.bots.lists import AddressList, Ranges
from crawlight.kit.clock import now
from crawlight.kit.net import FetchError

BROADEST = {4: 8, 6: 16}
"""Shortest prefix that is believed, by IP version; a default route is far shorter."""

LEAST_KEPT = 0.5
"""Part of the known addresses that a new list must still cover, in number, per IP version."""

_MEMBERS = frozenset({"ipv4Prefix", "ipv6Prefix", "ip_prefix", "ipv6_prefix", "ip_address", "cidr", "prefix"})
_ARRAYS = frozenset(
    {
        *("ipv4_cidrs", "ipv6_cidrs"),  # Cloudflare
        *("addresses", "ipv6_addresses"),  # Fastly
        *("CLOUDFRONT_GLOBAL_IP_LIST", "CLOUDFRONT_REGIONAL_EDGE_IP_LIST"),
    }
)
_PREFIX_LINE = re.compile(r"[0-9a-fA-F.:]+(?:/\d{1,3})?")
_log = structlog.get_logger()


class RefusedError(Exception):
    """A list that must not be used; the message says why."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of one list in a round: ``refused`` is empty where it was taken."""

    name: str
    refused: str = ""
    changed: bool = False


async def refresh(
    ranges: Ranges, folder: Path, *, clock: Callable[[], datetime] = now, fetch: Download = download
) -> list[Outcome]:
    """Fetch every list that has a URL, use and keep the good ones in ``folder``. Never raises."""
    outcomes = [await _refresh_one(ranges, folder, listing, clock, fetch) for listing in ranges.renewable()]
    if refused := [outcome.name for outcome in outcomes if outcome.refused]:
        _log.warning("address_lists_kept_as_they_are", lists=len(refused), of=len(outcomes))
    return outcomes


async def _refresh_one(
    ranges: Ranges, folder: Path, listing: AddressList, clock: Callable[[], datetime], fetch: Download
) -> Outcome:
    try:
        newer = renewed(listing, await fetch(listing.url), clock())
        await asyncio.to_thread(_keep, folder, newer)
    except (FetchError, RefusedError, OSError) as error:
        _log.info("address_list_refused", list=listing.name, reason=str(error))
        return Outcome(listing.name, refused=str(error) or type(error).__name__)
    ranges.replace(newer)
    return Outcome(listing.name, changed=newer.prefixes != listing.prefixes)


def renewed(listing: AddressList, body: bytes, when: datetime) -> AddressList:
    """The list with the prefixes of a download. Raises RefusedError where these cannot be right."""
    prefixes = tuple(sorted({_checked(prefix) for prefix in read_prefixes(body)}))
    if not prefixes:
        raise RefusedError("no prefixes in it")
    if set(prefixes) == set(listing.prefixes):
        return msgspec.structs.replace(listing, confirmed=when)
    _refuse_shrunken(AddressSet(listing.prefixes), AddressSet(prefixes))
    return msgspec.structs.replace(
        listing, prefixes=prefixes, since=when, confirmed=when, source=listing.url, licence=""
    )


def read_prefixes(body: bytes) -> list[str]:
    """Prefixes of a JSON document in any of the operators' shapes, or of a text with one per line."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("not UTF-8") from None
    if text.lstrip().startswith(("{", "[")):
        try:
            return list(_in_json(msgspec.json.decode(text)))
        except (msgspec.MsgspecError, RecursionError):
            raise RefusedError("not valid JSON") from None
    return _in_lines(text)


def _in_json(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name in _MEMBERS and isinstance(member, str):
                yield member
            elif name in _ARRAYS and isinstance(member, list):
                yield from (text for text in member if isinstance(text, str))
            else:
                yield from _in_json(member)
    elif isinstance(value, list):
        for member in value:
            yield from _in_json(member)


def _in_lines(text: str) -> list[str]:
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    for line in lines:
        if not _PREFIX_LINE.fullmatch(line):
            raise RefusedError("neither JSON nor one prefix per line")
    return lines


def _checked(prefix: str) -> str:
    try:
        network = ip_network(prefix.strip())
    except ValueError:
        raise RefusedError(f"{prefix[:40]!r} is no prefix") from None
    if network.prefixlen < BROADEST[network.version]:
        raise RefusedError(f"{network} is too broad")
    if network.is_private or network.is_multicast or network.is_unspecified:
        raise RefusedError(f"{network} is no public network")
    return str(network)


def _refuse_shrunken(known: AddressSet, newer: AddressSet) -> None:
    for family in (4, 6):
        if newer.size[family] < known.size[family] * LEAST_KEPT:
            raise RefusedError(
                f"IPv{family} shrank from {known.size[family]} to {newer.size[family]} addresses"
            )


def _keep(folder: Path, listing: AddressList) -> None:
    """Write the list so that a crash leaves the old copy or the new one, never half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{listing.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(listing), indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(folder / f"{listing.name}.json")
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
