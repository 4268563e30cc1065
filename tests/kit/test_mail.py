import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.mails import Mailbox, mailbox

from crawlight.kit.mail import Mailer, MailError

pytestmark = pytest.mark.anyio

MAIL = ("you@example.org", "Hello", "How are you?")
BUSY, UNKNOWN = b"451 greylisted, try again", b"550 no such user"


@pytest.fixture
async def box(anyio_backend: str) -> AsyncIterator[Mailbox]:
    async with mailbox() as running:
        yield running


def mailer(url: str, *pauses: float) -> Mailer:
    return Mailer(url, "crawlight@example.org", pauses)


@pytest.mark.parametrize(("reply", "permanent"), [(BUSY, False), (UNKNOWN, True)])
async def test_a_refusal_says_whether_it_is_permanent(box: Mailbox, reply: bytes, permanent: bool) -> None:
    box.refusals = [reply]
    with pytest.raises(MailError) as refused:
        await mailer(box.url).send(*MAIL)
    assert refused.value.permanent is permanent
    await mailer(box.url).send(*MAIL)
    assert (await box.next())["To"] == "you@example.org"


async def test_a_server_that_is_away_may_come_back(box: Mailbox) -> None:
    nobody = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with nobody:
        with pytest.raises(MailError) as away:
            await mailer(f"smtp://127.0.0.1:{nobody.sockets[0].getsockname()[1]}").send(*MAIL)
    assert not away.value.permanent


async def test_what_fails_for_now_is_sent_again(box: Mailbox) -> None:
    box.refusals = [BUSY, BUSY]
    await mailer(box.url, 0, 0).keep_sending(*MAIL)
    assert (await box.next())["Subject"] == "Hello"
    assert box.empty


async def test_what_fails_for_good_is_not_sent_again(box: Mailbox) -> None:
    box.refusals = [UNKNOWN]
    with pytest.raises(MailError):
        await mailer(box.url, 0, 0).keep_sending(*MAIL)
    assert (box.refusals, box.empty) == ([], True)


async def test_sending_again_ends(box: Mailbox) -> None:
    box.refusals = [BUSY, BUSY, BUSY]
    with pytest.raises(MailError):
        await mailer(box.url, 0).keep_sending(*MAIL)
    assert box.refusals == [BUSY]
