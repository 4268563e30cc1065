"""A small mail server on a socket: it takes every mail and keeps it. It stands for the operator's own.

Where a test says so, it first refuses some recipients.
"""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage


class Mailbox:
    """Mails in the order in which they came."""

    def __init__(self) -> None:
        self.url = ""
        self.refusals: list[bytes] = []
        self.refuses_sender = False
        """Replies to the next recipients, each used once."""
        self._mails: asyncio.Queue[EmailMessage] = asyncio.Queue()

    async def next(self) -> EmailMessage:
        """The next mail; waits for it."""
        return await asyncio.wait_for(self._mails.get(), 30)

    @property
    def empty(self) -> bool:
        return self._mails.empty()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak as much SMTP (RFC 5321) as a client needs that sends one mail."""
        writer.write(b"220 mailbox\r\n")
        while line := await reader.readline():
            command = line[:4].upper()
            if command == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                mail = email.message_from_bytes(content[:-5], policy=email.policy.default)
                assert isinstance(mail, EmailMessage)
                self._mails.put_nowait(mail)
            if command == b"MAIL" and self.refuses_sender:
                writer.write(b"550 relaying denied\r\n")
                continue
            if command == b"RCPT" and self.refusals:
                writer.write(self.refusals.pop(0) + b"\r\n")
                continue
            writer.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
            if command == b"QUIT":
                break
        writer.close()


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A running server."""
    box = Mailbox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield box
