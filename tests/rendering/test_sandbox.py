"""Chromium's sandbox is on for everybody but root; where the kernel lets nobody have one, that is said."""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

# As root it becomes nobody once all is imported: that user need not be able to read this Python.
RENDER = """
import asyncio, ctypes, encodings.idna, os, sys
import psutil
from crawlight.rendering.renderer import Renderer, RenderError, RenderRequest

if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
if sys.argv[2] == "forbidden":
    user, group = os.geteuid(), os.getegid()
    ctypes.CDLL(None).prctl(4, 1)  # its own files in /proc belong to it again
    assert ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == 0, ctypes.get_errno()
    for name, text in {
        "/proc/self/setgroups": "deny",
        "/proc/self/uid_map": f"{user} {user} 1",
        "/proc/self/gid_map": f"{group} {group} 1",
        "/proc/sys/user/max_user_namespaces": "0",
    }.items():
        open(name, "w").write(text)

def confined():
    # Seccomp in force and a process namespace of its own
    told = []
    for process in psutil.Process().children(recursive=True):
        if "--type=renderer" in process.cmdline():
            lines = dict(line.split(":", 1) for line in open(f"/proc/{process.pid}/status"))
            told.append(int(lines["Seccomp"]) == 2 and len(lines["NSpid"].split()) > 1)
    return bool(told) and all(told)

async def main():
    renderer = Renderer(concurrency=1)
    request = dict(domain_id=1, account_id=1, allowed_networks=("127.0.0.0/8",))
    try:
        page = await renderer.render(RenderRequest(url=sys.argv[1], **request))
        print("rendered", "confined" if confined() else "not confined", page.html.decode())
    except RenderError as error:
        print(error.reason, error)
    await renderer.close()

asyncio.run(main())
"""


def rendered(url: str, how: str) -> str:
    """What came of a render by a user without privileges."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        environment = os.environ | {"TMPDIR": name, "HOME": name, "PYTHONPATH": os.pathsep.join(sys.path)}
        found = subprocess.run(
            [sys.executable, "-c", RENDER, url, how],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert found.returncode == 0, found.stderr
    return found.stdout


async def test_a_page_is_rendered_in_the_sandbox(site: Site) -> None:
    told = await asyncio.to_thread(rendered, site.page("/", CONTENT), "allowed")
    # A kernel that lets nobody have namespaces says so.
    if "browser_down" not in told or "no usable sandbox" not in told:
        assert "rendered confined" in told
        assert CONTENT in told


async def test_without_namespaces_it_is_said_why_there_is_no_browser(site: Site) -> None:
    told = await asyncio.to_thread(rendered, site.page("/", CONTENT), "forbidden")
    assert "browser_down" in told
    assert "no usable sandbox" in told
