"""The labelled user agents: the whole corpus where it lies beside the repository, else the part in ``data``."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
WHOLE = ROOT.parent / "shared/data/user_agents/dev.csv"
DATA = Path(__file__).parent / "data"
PART = DATA / "user_agents.csv"


class Row(NamedTuple):
    user_agent: str
    label: str


@lru_cache
def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(row["user_agent"], row["label"]) for row in csv.DictReader(file)]


def corpus() -> list[Row]:
    return read(WHOLE if WHOLE.exists() else PART)
