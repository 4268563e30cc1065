"""Routes for programs: each is in the docs, and each that the docs name is there."""

import re

from crawlight.api.openapi import description
from tests.docs.pages import FOR_USERS

_NAMED = re.compile(
    r"(?<![\w.])(/(?:functions/)?v1/[\w/-]+\w|/(?:healthz|recache|readyz|metrics|openapi\.json)\b)"
)


def test_routes_and_docs_agree() -> None:
    told = {path for page in FOR_USERS for path in _NAMED.findall(page.read_text("utf-8"))}
    assert told == {*description()["paths"], "/openapi.json"}
