"""What AI agents and crawlers get of a domain besides its pages."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base
from crawlight.ids import DomainId


class AgentSettings(Base):
    """What the people of a domain chose for agents; a domain without a row has the defaults of `domains.agents`.

    ``no_markdown_for`` is a JSON list of agents' names, ``signals`` a JSON object of yes and no by signal,
    ``indexnow_key`` empty where search engines are told nothing.
    """

    __tablename__ = "agent_settings"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    markdown: Mapped[bool]
    no_markdown_for: Mapped[list[Any]] = mapped_column(JSON)
    signals: Mapped[dict[str, Any]] = mapped_column(JSON)
    canonical_redirects: Mapped[bool] = mapped_column(default=False)
    indexnow_key: Mapped[str] = mapped_column(String(32), default="")
