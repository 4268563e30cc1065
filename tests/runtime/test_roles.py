"""Each role loads what it needs and no more: seen in the modules of a process of its own."""

import subprocess
import sys

import pytest

SURFACES = ("api", "dashboard", "report", "analytics", "app", "server")
STORE = ("events", "ingest", "chdb", "clickhouse_connect")
BROWSER = ("rendering.browser", "rendering.devtools", "rendering.renderer", "rendering.worker")
WEB = ("starlette", "fastapi", "uvicorn")
ROLES = {
    "edge": (*SURFACES, *STORE, *BROWSER, "audit"),
    "renderer": (*SURFACES, *STORE, *WEB, "edge"),
    "loader": (*SURFACES, *WEB, "rendering", "edge", "audit"),
}


def loaded(module: str) -> set[str]:
    told = f"import sys, {module}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_loads_no_other(role: str) -> None:
    modules = loaded(f"crawlight.runtime.{role}")
    assert f"crawlight.runtime.{role}" in modules
    others = {name for name in ROLES[role] if {name, f"crawlight.{name}"} & modules}
    assert others == set()


def test_a_server_loads_all_roles() -> None:
    modules = loaded("crawlight.runtime.services")
    assert {f"crawlight.runtime.{role}" for role in ROLES} <= modules


def test_a_server_loads_nothing_for_people_or_logs_before_they_come() -> None:
    """What each of these takes is memory that most servers at rest would never use."""
    later = {"numpy", "pyarrow", "pandas", "aiohttp", "httpx2", "jinja2", "crawlight.dashboard"}
    assert loaded("crawlight.server, crawlight.runtime.services") & later == set()
