import jsonschema_rs
import pytest

from crawlight.api.openapi import description
from tests.api.conftest import Site

pytestmark = pytest.mark.anyio


def schema_of(name: str) -> dict[str, object]:
    whole = description()
    return {"$ref": f"#/components/schemas/{name}", "components": whole["components"]}


async def test_the_app_answers_the_description(site: Site) -> None:
    assert (await site.client.get("/openapi.json")).json() == description()


async def test_an_export_is_what_the_description_says_completely(site: Site) -> None:
    document = (await site.export(period="7d")).json()
    validator = jsonschema_rs.validator_for(schema_of("Document"))
    validator.validate(document)
    for member in ("domains", "userId"):
        broken = {name: value for name, value in document.items() if name != member}
        assert not validator.is_valid(broken)
    document["domains"][0]["botTotals"].pop("social_other")
    assert not validator.is_valid(document)


def test_the_example_is_what_the_description_says() -> None:
    answer = description()["paths"]["/functions/v1/export-user-analytics"]["post"]["responses"]["200"]
    jsonschema_rs.validator_for(schema_of("Document")).validate(
        answer["content"]["application/json"]["example"]
    )


async def test_every_route_is_described_and_every_described_one_exists(site: Site) -> None:
    for path, methods in description()["paths"].items():
        for method in methods:
            answer = await site.client.request(method, path)
            assert answer.status_code in (200, 401)
            assert str(answer.status_code) in methods[method]["responses"]
