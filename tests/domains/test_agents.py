import pytest

from crawlight.accounts.people import create_account
from crawlight.database.engine import Database
from crawlight.database.generation import generation
from crawlight.domains.agents import DEFAULTS, AgentSettings, change_agents, read_agents
from crawlight.domains.registry import add_domain
from crawlight.domains.signals import Signals
from crawlight.domains.sites import load_sites
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.settings import DEFAULT_PLANS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def domain_id(database: Database) -> DomainId:
    await create_account(database, DEFAULT_PLANS, "me@example.org", plan="pro")
    return (await add_domain(database, "example.com", "me@example.org")).id


async def test_defaults_hold_until_something_is_chosen(database: Database, domain_id: DomainId) -> None:
    assert await read_agents(database, domain_id) == DEFAULTS
    assert (await load_sites(database))[domain_id].signals == {}
    await change_agents(database, domain_id, no_markdown_for=("gptbot", "GPTBot", " ClaudeBot "))
    await change_agents(database, domain_id, signals=Signals(ai_train="no"))
    chosen = AgentSettings(no_markdown_for=("GPTBot", "ClaudeBot"), signals=Signals(ai_train="no"))
    assert await read_agents(database, domain_id) == chosen
    site = (await load_sites(database))[domain_id]
    assert site.agents == chosen
    assert site.signals == {"content-signal": "ai-train=no", "content-usage": "train-ai=n"}


async def test_edges_learn_of_a_change_and_a_wrong_one_changes_nothing(
    database: Database, domain_id: DomainId
) -> None:
    async def number() -> int:
        async with database.read() as session:
            return await generation(session)

    before = await number()
    with pytest.raises(UserError, match="'NoBot' is no agent"):
        await change_agents(database, domain_id, markdown=False, no_markdown_for=("GPTBot", "NoBot"))
    assert (await number(), await read_agents(database, domain_id)) == (before, DEFAULTS)
    await change_agents(database, domain_id, markdown=False)
    assert await number() > before


def test_who_gets_markdown() -> None:
    assert DEFAULTS.gives_markdown("GPTBot")
    assert not AgentSettings(markdown=False).gives_markdown("GPTBot")
    some = AgentSettings(no_markdown_for=("GPTBot",))
    assert (some.gives_markdown("GPTBot"), some.gives_markdown("ClaudeBot")) == (False, True)
