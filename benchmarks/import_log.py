"""Import of an access log by Crawlight beside the analysis of the same file by GoAccess.

Both are measured as whole processes, start-up included, in turns on a warm page cache. GoAccess does other
work: it keeps unique visitors and a dozen panels in memory and writes a report; Crawlight finds the crawlers,
stores their crawls and keeps the rollups of the export. What is compared is the time from log to answer.
"""

import argparse
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from crawlight.demo.logs import REAL_LOG

HOST = "bench.example"
EMAIL = "bench@example.com"
FOLDER = Path(tempfile.gettempdir()) / "crawlight-bench"
RESULTS = FOLDER / "results"
"""What runs leave. It is removed before and after all of them: for minutes, ext4 makes files more slowly where many
were removed (`recently_deleted` in its ialloc.c), which would be the last run's fault.
"""
SPAN_DAYS = 360
LOG_DAYS = 4
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST_DAY = date(2015, 5, 17)
# Address without and with its last part, day of May 2015, hour, minute, rest up to the target's end, rest.
LINE = re.compile(rb"(\S+\.)(\d+)( - \S+ \[)(\d\d)/May/2015(:\d\d:)(\d\d)(:[^\"]+\"\w+ \S+)(.*\n)")


@dataclass(frozen=True)
class Run:
    """One process from start to end: seconds, CPU seconds (user and system), peak memory in bytes."""

    wall: float
    cpu: float
    memory: int


def main() -> None:
    options = arguments()
    if "goaccess" in options.programs and shutil.which("goaccess") is None:
        sys.exit("goaccess is missing: apt-get install goaccess")
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    written_as = WRITTEN[options.written]
    log, lines = made(options.mb, written_as)
    size = log.stat().st_size / 2**20
    print(f"{size:,.0f} MB, {lines:,} lines, {options.rounds} rounds, {os.cpu_count()} CPUs")
    print(__doc__.partition("\n\n")[2])
    report(alternate(options.programs, log, options.rounds, written_as), lines)
    if options.packed:
        print("\nThe same with gzip; GoAccess reads what zcat unpacks beside it.")
        report(alternate(options.programs, packed(log), options.rounds, written_as), lines)
    if "crawlight" in options.programs:
        memory_by_size(options.mb, written_as)
    shutil.rmtree(RESULTS)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=1024, help="size of the log")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program")
    parser.add_argument("--only", choices=PROGRAMS, help="measure one program alone")
    parser.add_argument("--plain", action="store_false", dest="packed", help="leave out the gzip file")
    parser.add_argument("--written", choices=WRITTEN, default="combined", help="what the log is written in")
    options = parser.parse_args()
    options.programs = [options.only] if options.only else list(PROGRAMS)
    return options


def made(mb: int, written_as: "Written") -> tuple[Path, int]:
    """Return a log with the lines of a combined one of at least that size, and their number; kept for a month."""
    log = FOLDER / f"import-{mb}mb{written_as.suffix}.log"
    if not log.exists() or time.time() - log.stat().st_mtime > 30 * 86_400:
        FOLDER.mkdir(exist_ok=True)
        part = log.with_suffix(".part")
        with part.open("wb") as file:
            file.writelines(map(written_as.rewritten, copies(mb * 2**20)))
        part.rename(log)
    with log.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    return log, lines


def packed(log: Path) -> Path:
    """Return the log as gzip packs it; kept beside it."""
    file = log.with_name(log.name + ".gz")
    if not file.exists() or file.stat().st_mtime < log.stat().st_mtime:
        subprocess.run(["gzip", "--keep", "--force", str(log)], check=True)
        os.utime(file)
    return file


def copies(size: int) -> Iterator[bytes]:
    """Yield copies of the real log, spread over the year until yesterday, that together have ``size`` bytes.

    Each has addresses, minutes and days of its own, and in every 20th line a target of its own, because the
    number of different visitors and pages grows with a real log, too.
    """
    with gzip.open(REAL_LOG) as file:
        lines = [found.groups() for found in map(LINE.fullmatch, file) if found]
    length = sum(map(len, (part for line in lines for part in line))) + len(lines) * len("/May/2015")
    count = -(-size // length)
    start = datetime.now(UTC).date() - timedelta(days=SPAN_DAYS)
    for number in range(count):
        first = start + timedelta(days=number * (SPAN_DAYS // LOG_DAYS) // count * LOG_DAYS)
        yield copy(lines, number, first)


def copy(lines: Sequence[tuple[bytes, ...]], number: int, first: date) -> bytes:
    days = {b"%02d" % (FIRST_DAY.day + n): written(first + timedelta(days=n)) for n in range(LOG_DAYS)}
    octets = [b"%d" % ((n + number * 7) % 256) for n in range(256)]
    minutes = {b"%02d" % n: b"%02d" % ((n + number) % 60) for n in range(60)}
    own = b"?copy=%d" % number
    parts: list[bytes] = []
    for index, (network, octet, middle, day, hour, minute, target, rest) in enumerate(lines):
        query = own if index % 20 == 0 and b"?" not in target else b""
        parts += (network, octets[int(octet)], middle, days[day], hour, minutes[minute], target, query, rest)
    return b"".join(parts)


def written(day: date) -> bytes:
    return f"{day.day:02}/{MONTHS[day.month - 1]}/{day.year}".encode()


def as_nginx(block: bytes) -> bytes:
    """Combined lines in a format of nginx's that is no usual one: a request time before the request."""
    return block.replace(b'] "', b'] [0.003] "')


def as_json(block: bytes) -> bytes:
    """Combined lines as JSON of nginx."""
    return b"".join(JSON_LINE % found.groups() for found in COMBINED.finditer(block) if b"\\" not in found[0])


COMBINED = re.compile(rb'^(\S+) - \S+ \[([^\]]+)\] "([^"]*)" (\d+) (\S+) "([^"]*)" "([^"]*)"$', re.MULTILINE)
JSON_LINE = (
    b'{"remote_addr":"%s","time_local":"%s","request":"%s","status":"%s","body_bytes_sent":"%s","http_referer":"%s",'
    b'"http_user_agent":"%s"}\n'
)


@dataclass(frozen=True)
class Written:
    """What a log is written in, and how both programs are told."""

    suffix: str
    rewritten: Callable[[bytes], bytes]
    goaccess: Sequence[str]
    crawlight: Sequence[str] = ()


TIMES = ("--date-format=%d/%b/%Y", "--time-format=%H:%M:%S")
WRITTEN = {
    "combined": Written("", lambda block: block, ("--log-format=COMBINED",)),
    "nginx": Written(
        "-nginx",
        as_nginx,
        ('--log-format=%h - %^ [%d:%t %^] [%T] "%r" %s %b "%R" "%u"', *TIMES),
        (
            "--log-format",
            '$remote_addr - $remote_user [$time_local] [$request_time] "$request" $status $body_bytes_sent'
            ' "$http_referer" "$http_user_agent"',
        ),
    ),
    "json": Written(
        "-json",
        as_json,
        (
            '--log-format={"remote_addr":"%h","time_local":"%d:%t %^","request":"%r","status":"%s",'
            '"body_bytes_sent":"%b","http_referer":"%R","http_user_agent":"%u"}',
            *TIMES,
        ),
    ),
}


def alternate(programs: Sequence[str], log: Path, rounds: int, written_as: Written) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {program: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            runs[program].append(PROGRAMS[program](log, written_as))
            last = runs[program][-1]
            print(f"  {program}: {last.wall:.1f} s, CPU {last.cpu:.1f} s", file=sys.stderr)
    return runs


def run_goaccess(log: Path, written_as: Written) -> Run:
    result = Path(tempfile.mkdtemp(dir=RESULTS), "out.json")
    options = (*written_as.goaccess, "-o", str(result), "--no-global-config", "--no-progress")
    if log.suffix == ".gz":
        command = f"zcat {shlex.quote(str(log))} | goaccess - {shlex.join(options)}"
        return measured(["sh", "-c", command], os.environ)
    return measured(["goaccess", str(log), *options], os.environ)


def run_crawlight(log: Path, written_as: Written) -> Run:
    """Import into a new data directory, then make sure that the crawls can be exported."""
    folder = tempfile.mkdtemp(dir=RESULTS)
    environment = {**os.environ, "CRAWLIGHT_DATA_DIR": folder}
    crawlight = [sys.executable, "-m", "crawlight"]
    measured([*crawlight, "user", "add", EMAIL, "--password-stdin"], environment, b"a long passphrase\n")
    measured([*crawlight, "domain", "add", HOST, "--owner", EMAIL], environment)
    run = measured([*crawlight, "import", str(log), "--domain", HOST, *written_as.crawlight], environment)
    export = Path(folder, "export.json")
    command = [*crawlight, "export", "--user", EMAIL, "--period", "365d", "-o", str(export)]
    measured(command, environment)
    summary = json.loads(export.read_bytes())["domains"][0]["summary"]
    if not summary["totalCrawls"]:
        sys.exit("the import is not in the export")
    return run


PROGRAMS: Mapping[str, Callable[[Path, Written], Run]] = {
    "crawlight": run_crawlight,
    "goaccess": run_goaccess,
}


def measured(command: list[str], environment: Mapping[str, str], stdin: bytes = b"") -> Run:
    """Run a command to its end. Its peak memory is that of its largest process.

    A child's peak starts at its parent's size, so this process has to stay small (it has some 40 MB).
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stdin)
        given.seek(0)
        actions = [(os.POSIX_SPAWN_DUP2, given.fileno(), 0)]
        actions += [(os.POSIX_SPAWN_DUP2, said.fileno(), stream) for stream in (1, 2)]
        started = time.perf_counter()
        pid = os.posix_spawnp(command[0], command, environment, file_actions=actions)
        _, status, used = os.wait4(pid, 0)
        wall = time.perf_counter() - started
        if status:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def report(runs: Mapping[str, Sequence[Run]], lines: int) -> None:
    print(f"{'medians':<12}{'wall s':>9}{'CPU s':>9}{'lines/s':>14}{'lines/CPU s':>14}{'peak MB':>9}")
    for program, of_program in runs.items():
        wall, cpu = median(run.wall for run in of_program), median(run.cpu for run in of_program)
        peak = median(run.memory for run in of_program) / 2**20
        print(f"{program:<12}{wall:9.1f}{cpu:9.1f}{lines / wall:14,.0f}{lines / cpu:14,.0f}{peak:9.0f}")
    if len(runs) == 2:
        ours, theirs = runs["crawlight"], runs["goaccess"]
        wall_ratio = median(run.wall for run in theirs) / median(run.wall for run in ours)
        cpu_ratio = median(run.cpu for run in theirs) / median(run.cpu for run in ours)
        print(f"crawlight imports {wall_ratio:.1f} x the lines per second, {cpu_ratio:.1f} x per CPU second")


def memory_by_size(mb: int, written_as: Written) -> None:
    """Show that the peak memory of an import does not grow with the file."""
    for size in (max(mb // 4, 1), mb):
        peak = run_crawlight(made(size, written_as)[0], written_as).memory / 2**20
        print(f"peak memory of an import of {size:,} MB: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
