"""What `/metrics` shows is what the docs explain."""

import re
from pathlib import Path

import crawlight
from tests.docs.pages import rows, text, words

_NAME = re.compile(r'"(crawlight_[a-z_]+)"')
_SOURCE = Path(crawlight.__file__).parent


def shown() -> set[str]:
    """The names that are given to metrics, without Prometheus' own endings."""
    files = (*(_SOURCE / "api").glob("*.py"), _SOURCE / "app.py")
    return {name for file in files for name in _NAME.findall(file.read_text())}


def test_each_metric_is_explained_and_each_that_is_explained_exists() -> None:
    told = [word for row in rows(text("docs/operating.md"), "metric") for word in words(row[0])]
    assert len(told) == len(set(told))
    assert {name.removesuffix("_total") for name in told} == shown()
