"""Mails, through the operator's own server."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from crawlight.kit.logs import first_line

log = structlog.get_logger(__name__)
_PATIENCE_SECONDS: Final = 15
_PAUSES: Final = (30.0, 300.0, 1800.0)
"""Seconds before each further try; a server that greylists takes a mail after some minutes."""


class MailError(Exception):
    """The server did not take a mail. ``permanent``: it never will, so another try is useless.

    ``recipient``: because of whom it is for, and not of how mail is set up here.
    """

    def __init__(self, reason: str, *, permanent: bool, recipient: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.recipient = permanent, recipient


class Mailer:
    """Sends through ``smtp[s]://[user:password@]host[:port]``. Without a URL it sends nothing."""

    def __init__(self, url: str, sender: str, pauses: Sequence[float] = _PAUSES) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._pauses = pauses

    @property
    def works(self) -> bool:
        """Whether there is a server to send through."""
        return bool(self._url.hostname)

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a plain text once. Raises MailError; the log says why, too, but not to whom."""
        try:
            await self._hand_over(self._message(to, subject, text))
        except (aiosmtplib.SMTPException, OSError) as error:
            refused = isinstance(error, aiosmtplib.SMTPRecipientsRefused)
            failure = MailError(first_line(error), permanent=_is_permanent(error), recipient=refused)
            log.error("mail_not_sent", reason=str(failure), permanent=failure.permanent)
            raise failure from None

    async def keep_sending(self, to: str, subject: str, text: str) -> None:
        """Send in the background: what fails for now is tried again for half an hour. Raises MailError at the end."""
        for pause in self._pauses:
            try:
                return await self.send(to, subject, text)
            except MailError as error:
                if error.permanent:
                    raise
            await asyncio.sleep(pause)
        return await self.send(to, subject, text)

    def _message(self, to: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip("> ") or None)
        message.set_content(text)
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self._url.hostname,
            port=self._url.port,
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=self._url.scheme == "smtps",
            timeout=_PATIENCE_SECONDS,
        )


def _is_permanent(error: Exception) -> bool:
    """Whether a server refused for good: replies of 500 and more (RFC 5321, 4.2.1), and what it does not support."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(map(_is_permanent, error.recipients))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code >= 500
    return isinstance(error, aiosmtplib.SMTPNotSupported)
