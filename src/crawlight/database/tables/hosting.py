"""Tables of the files that a domain has hosted here: what was chosen for each, and what is sent."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId

HostedMode = Literal["text", "made"]


class HostedFile(Base):
    """A file that is hosted; those without a row are the site's own.

    ``text`` is compressed (zlib): as it was saved where the mode is ``text``, empty where the file is ``made``.
    """

    __tablename__ = "hosted_files"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    mode: Mapped[HostedMode] = mapped_column(String(4))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class HostedContent(Base):
    """What is sent for one path of a hosted file, compressed (gzip). ``hash`` is of what was compressed."""

    __tablename__ = "hosted_contents"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
