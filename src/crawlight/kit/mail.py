"""Mails, through the operator's own server."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from crawlight.kit.logs import first_line

log = structlog.get_logger(__name__)
_PATIENCE_SECONDS: Final = 15


class Mailer:
    """Sends through ``smtp[s]://[user:password@]host[:port]``. Without a URL it sends nothing."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    @property
    def works(self) -> bool:
        """Whether there is a server to send through."""
        return bool(self._url.hostname)

    async def send(self, to: str, subject: str, text: str) -> bool:
        """Send a plain text; False where the server did not take it. The log says why, but not to whom."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip("> ") or None)
        message.set_content(text)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._url.hostname,
                port=self._url.port,
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                timeout=_PATIENCE_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            log.error("mail_not_sent", reason=first_line(error))
            return False
        return True
