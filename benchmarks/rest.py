"""What a server at rest costs: CPU, memory of its own and of mapped files, and how soon it is ready."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks import cached


def mebibytes(pid: int) -> dict[str, float]:
    """Anonymous memory and mapped files of a process, in MiB."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = {name: int(size) / 1024 for name, size in re.findall(r"(\w+):\s+(\d+) kB", told)}
    return {"anonymous": found["Anonymous"], "files": found["Rss"] - found["Anonymous"]}


def ready(port: int) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks rest", description=__doc__)
    parser.add_argument("--settle", type=float, default=150, help="seconds; the engine calms down by and by")
    parser.add_argument("--seconds", type=float, default=30, help="that are measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        environment = os.environ | {"CRAWLIGHT_LOG_LEVEL": "error", "CRAWLIGHT_BOTS_REFRESH": "false"}
        for turn in ("a new data directory", "the next start"):
            port, started = cached.free_port(), time.monotonic()
            command = [sys.executable, "-m", "crawlight", "--data", name, "serve", "--port", str(port)]
            with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
                ready(port)
                print(f"{turn}: /readyz answers after {time.monotonic() - started:.2f} s")
                if turn == "the next start":
                    time.sleep(options.settle)
                    server = psutil.Process(process.pid)
                    before = sum(server.cpu_times()[:2])
                    time.sleep(options.seconds)
                    share = (sum(server.cpu_times()[:2]) - before) / options.seconds
                    memory = mebibytes(process.pid)
                    print(
                        f"at rest: {share:.2%} of a core, {memory['anonymous']:.0f} MiB of its own, "
                        f"{memory['files']:.0f} MiB of mapped files"
                    )
                process.terminate()


if __name__ == "__main__":
    main()
