"""A browser as a process of ours: a group of its own that is killed whole, and a folder that goes with it."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

import psutil
import structlog

from crawlight.rendering.devtools import DevTools, DevToolsError, over_pipes

log = structlog.get_logger(__name__)

PREFIX: Final = "crawlight-browser-"
_PROFILE_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
)
_START_SECONDS: Final = 30.0
_SMALL_SHARED_MEMORY: Final = 512 * 1024 * 1024

_FLAGS: Final = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-hang-monitor",
    "--disable-ipc-flooding-protection",
    "--disable-prompt-on-repost",
    "--disable-renderer-backgrounding",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    # Media play without a person, as on a site that one has visited before.
    "--autoplay-policy=no-user-gesture-required",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    # Frames of other sites share the process of their page: a tab belongs to one account, so nothing is kept apart
    # by processes within it, and each would cost as much as a page.
    "--disable-site-isolation-trials",
    # Names are resolved by the proxy only, and nothing goes around it.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--js-flags=--max-old-space-size=1024",
    "--disable-features=BackForwardCache,IsolateOrigins,site-per-process,Translate,MediaRouter,OptimizationHints,"
    "InterestFeedContentSuggestions,AcceptCHFrame,DialMediaRouteProvider,Prerender2,SpeculationRulesPrefetchFuture,"
    "PaintHolding,HttpsUpgrades,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose",
)


class BrowserProcess:
    """A running browser. Its folder holds the profile, what it writes to stderr, and a lock for as long as we live."""

    def __init__(self, pid: int, folder: Path, lock: int, devtools: DevTools) -> None:
        self.pid = pid
        self.folder = folder
        self.devtools = devtools
        self._lock = lock
        self._ended = False

    @classmethod
    async def start(cls, binary: Path) -> "BrowserProcess":
        """Start a browser and wait until it answers. Raises DevToolsError with what it said where it does not."""
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        their_read, our_write = os.pipe()
        our_read, their_write = os.pipe()
        try:
            pid = _spawn(binary, folder, their_read, their_write)
        except OSError as error:
            _close(our_read, our_write, lock)
            shutil.rmtree(folder, ignore_errors=True)
            raise DevToolsError(f"cannot start {binary}: {error.strerror}") from None
        finally:
            _close(their_read, their_write)
        (folder / "pid").write_text(str(pid))
        process = cls(pid, folder, lock, await over_pipes(our_read, our_write))
        try:
            async with asyncio.timeout(_START_SECONDS):
                await process.devtools.call("Browser.getVersion")
        except (DevToolsError, TimeoutError):
            said = process.said()
            await process.kill()
            raise DevToolsError(f"{binary} does not start: {said or 'it says nothing'}") from None
        except asyncio.CancelledError:  # Nobody waits for it any more, and nobody else knows of it.
            await process.kill()
            raise
        return process

    def said(self) -> str:
        """The line of its stderr that tells most, if any."""
        with contextlib.suppress(OSError):
            lines = (self.folder / "stderr").read_text(errors="replace").splitlines()
            telling = [
                line for line in lines if "FATAL" in line or "error while loading" in line or "ERROR" in line
            ]
            return _explained((telling or lines or [""])[0].strip()[:300])
        return ""

    async def kill(self) -> None:
        """Kill the whole group, wait for its end, and remove the folder."""
        self.devtools.gone("the browser was ended")
        if not self._ended:
            self._ended = True
            await asyncio.shield(asyncio.to_thread(self._kill))

    def _kill(self) -> None:
        kill_group(self.pid)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def _explained(line: str) -> str:
    """Chromium without namespaces says that there is no usable sandbox, or blames the helper that came with it."""
    if "No usable sandbox" in line or "SUID sandbox" in line:
        return "no usable sandbox, as the system forbids it user namespaces"
    return line


def _spawn(binary: Path, folder: Path, read_end: int, write_end: int) -> int:
    """The browser reads its orders from file 3 and answers on file 4."""
    # Copies above 4: dup2 onto itself would leave the file closed on exec.
    orders, answers = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (read_end, write_end))
    stderr = os.open(folder / "stderr", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    files = [(nothing, 0), (nothing, 1), (stderr, 2), (orders, 3), (answers, 4)]
    try:
        return os.posix_spawn(
            binary,
            [str(binary), *_FLAGS, *_flags_here(), f"--user-data-dir={folder / 'profile'}", "about:blank"],
            _environment(folder),
            file_actions=[(os.POSIX_SPAWN_DUP2, source, target) for source, target in files],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGTERM],
        )
    finally:
        _close(orders, answers, stderr, nothing)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _flags_here() -> list[str]:
    # It takes us for the sites that are led to an origin; a list of keys needs a profile of its own.
    from crawlight.rendering.certificate import pin  # Loads slowly; a server that renders nothing needs none.

    flags = [f"--ignore-certificate-errors-spki-list={pin()}", *([] if sandboxed() else ["--no-sandbox"])]
    with contextlib.suppress(OSError):
        if shutil.disk_usage("/dev/shm").total < _SMALL_SHARED_MEMORY:  # noqa: S108
            flags.append("--disable-dev-shm-usage")
    return flags


def sandboxed() -> bool:
    """Say whether a browser started here runs in its sandbox; Chromium refuses that to root."""
    return os.geteuid() != 0


def _environment(folder: Path) -> dict[str, str]:
    """Little of ours: the settings hold secrets."""
    kept = {name: os.environ[name] for name in _PROFILE_ENVIRONMENT if name in os.environ}
    return {**kept, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}


def kill_group(pid: int) -> None:
    """Kill a process group that ``pid`` leads, if it is still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def reap_stale() -> int:
    """End browsers whose server died without ending them, and remove their folders; answer how many there were."""
    return sum(_reap(folder) for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def _reap(folder: Path) -> bool:
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return False
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            pid = int((folder / "pid").read_text())
            # The number may long be another's: only a process that names the folder is meant.
            if psutil.pid_exists(pid) and any(str(folder) in word for word in psutil.Process(pid).cmdline()):
                log.warning("stale_browser_ended", pid=pid)
                kill_group(pid)
    except (OSError, ValueError, psutil.Error):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True
