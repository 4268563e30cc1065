"""Notes what the newest snapshot of a page was made of, and what its renders teach about that."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Final

import structlog
from msgspec.structs import replace

from crawlight.database.engine import Database
from crawlight.domains import page_inputs
from crawlight.domains.page_inputs import Noted
from crawlight.domains.sites import Site
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line
from crawlight.rendering.asking import Asker
from crawlight.rendering.contract import Rendered
from crawlight.rendering.inputs import Input, MadeOf, digest_of, mask_of, packed, text_of, unpacked, without
from crawlight.rendering.memory import Stored

log = structlog.get_logger(__name__)

_MOST_PROBED: Final = 3
"""Inputs of a page that are looked at for values that are others at each ask."""
_PAUSE: Final = 1.1
"""Seconds between two asks: what counts seconds is another then."""
_MOST_WRONG: Final = 20


class Noting:
    """Notes the renders of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Leave off."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def note(self, site: Site, stored: Stored, rendered: Rendered) -> None:
        """Note a render that was stored; one of which nothing may be kept is forgotten."""
        snapshot = stored.snapshot
        if not snapshot.content_hash or not rendered.html:
            await page_inputs.forget(self._database, site.id, snapshot.path)
            return
        before = await page_inputs.read(self._database, site.id, snapshot.path)
        last = unpacked(before.inputs) if before else None
        made_of = _of(site, rendered)
        found = learned(last, made_of, rendered.bodies, now())
        await self._keep(site, stored, found, before)
        probed = _probed(last, found, rendered.bodies)
        if last is not None and probed:
            self._begin(self._probe(site, stored, last, made_of, rendered.bodies, probed))

    async def _keep(self, site: Site, stored: Stored, made_of: MadeOf, before: Noted | None) -> None:
        data = packed(made_of)
        noted = Noted(
            inputs=data,
            content_hash=stored.snapshot.content_hash,
            rendered_at=datetime.fromtimestamp(stored.snapshot.taken_at, now().tzinfo),
            why_not=made_of.why_not or ("" if data else "too_many"),
            askable=bool(data) and is_askable(site, made_of),
            asked_at=before.asked_at if before else None,
            interval=before.interval if before else site.freshness(stored.snapshot.path),
        )
        await page_inputs.note(self._database, site.id, stored.snapshot.path, noted)

    def _begin(self, probe: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(probe)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _probe(
        self,
        site: Site,
        stored: Stored,
        last: MadeOf,
        made_of: MadeOf,
        bodies: dict[str, bytes],
        probed: list[Input],
    ) -> None:
        """Ask twice for what is another than at the last render, though the page is not: which values always are?"""
        asker = Asker(site)
        try:
            masked = {
                one.url: mask for one in probed if (mask := await _mask(asker, one, made_of, bodies[one.url]))
            }
            if masked:
                told = _masked(made_of, masked, bodies)
                before = await page_inputs.read(self._database, site.id, stored.snapshot.path)
                if before is not None and before.content_hash == stored.snapshot.content_hash:
                    await self._keep(site, stored, learned(last, told, bodies, now()), before)
        except Exception as error:
            log.warning(
                "inputs_not_probed", host=site.host, path=stored.snapshot.path, reason=first_line(error)
            )
        finally:
            await asker.close()


def is_askable(site: Site, made_of: MadeOf) -> bool:
    """Say whether a page may be found unchanged by its inputs."""
    return site.settings.revalidation == "on" and not made_of.why_not and made_of.proven


def under(site: Site) -> bytes:
    """A digest of what a domain says about how it is rendered: a page is another under other settings."""
    settings = site.settings
    origin = (site.origin.url if site.origin else "", settings.origin_host, settings.origin_certificate)
    return digest_of(repr((site.page_host, *origin, settings.language, settings.private_pages)).encode())


def learned(last: MadeOf | None, new: MadeOf, bodies: dict[str, bytes], moment: datetime) -> MadeOf:
    """What is known after a render, by what was known before.

    Two renders from the same inputs, on two days, that gave the same text: the page is made of nothing else. Two that
    gave another: it is not, and the days count anew.
    """
    today = moment.toordinal()
    if new.why_not or last is None or last.why_not or last.under != new.under:
        return replace(new, days=(today,))
    masks = {one.url: one.mask for one in (*last.inputs, *new.inputs) if one.mask}
    told = _masked(new, masks, bodies)
    wrong = tuple(dict.fromkeys([*last.wrong, *_wrong(last, new)]))[-_MOST_WRONG:]
    if not _from_the_same(last, told):
        return replace(told, wrong=wrong, days=last.days if last.proven else (today,))
    if last.text != told.text:
        return replace(
            new, wrong=wrong, days=(today,)
        )  # The values that were left out may be what it is about.
    days = last.days if today in last.days else (*last.days, today)[-2:]
    return replace(told, wrong=wrong, days=days)


def _from_the_same(last: MadeOf, new: MadeOf) -> bool:
    before = {one.url: one for one in last.inputs}
    if before.keys() != {one.url for one in new.inputs}:
        return False
    return all(_matches(before[one.url], one) for one in new.inputs)


def _matches(before: Input, one: Input) -> bool:
    plain = (before.status, before.final, before.told, before.asked) == (
        one.status,
        one.final,
        one.told,
        one.asked,
    )
    masked = bool(one.masked) and (not before.masked or before.masked == one.masked)
    return plain and (before.digest == one.digest or masked)


def _masked(made_of: MadeOf, masks: dict[str, tuple[int, ...]], bodies: dict[str, bytes]) -> MadeOf:
    def masked(one: Input) -> Input:
        mask, body = masks.get(one.url), bodies.get(one.url)
        digest = without(body, mask) if mask and body is not None else b""
        return replace(one, mask=mask, masked=digest) if mask and digest else one

    return replace(made_of, inputs=tuple(map(masked, made_of.inputs)))


def _wrong(last: MadeOf, new: MadeOf) -> list[str]:
    """URLs whose bodies became others while what is to tell of that stayed the same."""
    before = {one.url: one for one in last.inputs}
    pairs = [(before[one.url], one) for one in new.inputs if one.url in before]
    return [
        one.url
        for old, one in pairs
        if old.digest != one.digest
        and (
            one.fixed
            or (one.etag and old.etag == one.etag)
            or (one.modified and old.modified == one.modified)
        )
    ]


def _probed(last: MadeOf | None, new: MadeOf, bodies: dict[str, bytes]) -> list[Input]:
    """Inputs that are others than at the last render though the page has the same text."""
    if last is None or new.why_not or last.why_not or last.text != new.text or last.under != new.under:
        return []
    before = {one.url: one for one in last.inputs}
    changed = [one for one in new.inputs if one.url in before and not _matches(before[one.url], one)]
    small = [one for one in changed if one.url in bodies]
    return small if len(small) == len(changed) <= _MOST_PROBED else []


async def _mask(asker: Asker, one: Input, made_of: MadeOf, body: bytes) -> tuple[int, ...]:
    bodies = [body]
    for _ in range(2):
        await asyncio.sleep(_PAUSE)
        asked = await asker.body(one, made_of)
        if asked is None:
            return ()
        bodies.append(asked)
    return mask_of(bodies)


def _of(site: Site, rendered: Rendered) -> MadeOf:
    made_of = rendered.made_of
    if rendered.reason == "soft_404":
        made_of = MadeOf(why_not="soft_404")  # It is one by what another page looks like.
    return replace(made_of, text=text_of(rendered.html), under=under(site))
