"""The list of a domain's routing rules: as CSV, and as it is kept."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, cast

from sqlalchemy import select

from crawlight.accounts.plans import Plans, plan_named
from crawlight.database.engine import Database
from crawlight.database.tables import Account, Membership, RoutingRules
from crawlight.domains.rule_checks import Wrong, told, wrongs
from crawlight.domains.rules import Rule, RuleType
from crawlight.errors import UserError
from crawlight.ids import DomainId

COLUMNS: Final = ("source", "destination", "type")


def written(rules: Iterable[Rule]) -> str:
    """The rules as CSV, ``source,destination,type``, with a line that says so."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((rule.source, rule.destination, rule.type) for rule in rules)
    return text.getvalue()


def read(text: str) -> list[Rule]:
    """Rules from CSV, with or without the first line; empty lines are passed over.

    Raises UserError with each line that has not three columns. What they say is not checked (`rule_checks`).
    """
    rows, found = list[Rule](), list[Wrong]()
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if not any(row) or tuple(cell.lower() for cell in row) == COLUMNS:
                continue
            if len(row) == len(COLUMNS):
                rows.append(Rule(row[0], row[1], cast("RuleType", row[2].lower())))
            else:
                found.append(Wrong(reader.line_num, f"{len(row)} columns; a rule is source,destination,type"))
    except csv.Error as error:
        found.append(Wrong(reader.line_num, str(error)))
    if found:
        raise UserError(told(found))
    return rows


def checked(host: str, rules: Sequence[Rule], most: int | None = None) -> Sequence[Rule]:
    """The rules, if they may be saved. Raises UserError with each wrong line. ``most`` is what the plan allows."""
    if found := wrongs(host, rules, most):
        raise UserError(told(found))
    return rules


async def rules_of(database: Database, domain_id: DomainId) -> list[Rule]:
    """The rules of a domain, in their order."""
    async with database.read() as session:
        content = await session.scalar(
            select(RoutingRules.content).where(RoutingRules.domain_id == domain_id)
        )
    return read(content or "")


async def save_rules(
    database: Database, domain_id: DomainId, host: str, rules: Sequence[Rule], most: int | None = None
) -> None:
    """Have a domain keep these rules instead of those that it has; effective everywhere within a second.

    Raises UserError with each wrong line, and changes nothing then. ``most`` is what the owner's plan allows.
    """
    checked(host, rules, most)
    async with database.write() as session:
        row = await session.get(RoutingRules, domain_id, with_for_update=True)
        if row is None:
            session.add(RoutingRules(domain_id=domain_id, content=written(rules)))
        else:
            row.content = written(rules)


async def most_rules(database: Database, domain_id: DomainId, plans: Plans) -> int | None:
    """How many rules the plan of a domain's owner allows; None for no bound of its own."""
    owner = (Membership.account_id == Account.id) & (Membership.role == "owner")
    query = select(Account.plan).join(Membership, owner).where(Membership.domain_id == domain_id)
    async with database.read() as session:
        plan = await session.scalar(query)
    return plan_named(plan, plans).routing_rules if plan else None
