"""`crawlight setup` on a fresh Debian with systemd, which starts what it has written."""

import os
import pty
import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.docs.pages import ROOT
from tests.image.containers import GPTBOT, PAGE, docker, wait
from tests.terminals import Terminal, own_terminal

pytestmark = pytest.mark.image

SETUP = (
    "printf 'a long enough password\\n' | /opt/crawlight/bin/crawlight setup --yes --email me@example.org"
    " --password-stdin --name crawlight.example.net --site example.com --origin https://app.example.net"
)
VPS = str(ROOT / "tests" / "image" / "vps.Dockerfile")
UNITS = ("crawlight.service", "crawlight-front.service")
MADE = ("/etc/systemd/system/crawlight.service", "/usr/local/bin/crawlight")


class Machine:
    """A container whose first process is systemd."""

    def __init__(self) -> None:
        self.name = f"crawlight-vps-{uuid4().hex[:8]}"
        self.told = ""
        """What `crawlight setup` said."""

    def start(self) -> None:
        docker("build", "-q", "--network=host", "-t", "crawlight-vps", "-f", VPS, str(ROOT), timeout=900)
        may = ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE")  # systemd's, to confine its services
        unconfined = ("seccomp=unconfined", "apparmor=unconfined")
        folders = (
            "--tmpfs=/run:exec",
            "--tmpfs=/run/lock",
            "--tmpfs=/tmp:exec",
            "-v=/sys/fs/cgroup:/sys/fs/cgroup",
        )
        options = [*(f"--cap-add={one}" for one in may), *(f"--security-opt={one}" for one in unconfined)]
        docker("run", "-d", "--shm-size=1g", "--name", self.name, *options, *folders, "crawlight-vps")
        wait(lambda: self.says("systemctl is-system-running") in ("running", "degraded"))

    def sh(self, command: str, timeout: float = 300) -> str:
        """A command that must succeed; gives what it prints, errors too."""
        return docker("exec", self.name, "sh", "-c", f"({command}) 2>&1", timeout=timeout).strip()

    def says(self, command: str) -> str:
        """What a command prints, whether it succeeds or not."""
        told = subprocess.run(
            ["docker", "exec", self.name, "sh", "-c", command], capture_output=True, text=True
        )
        return told.stdout.strip()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine that was set up by one command."""
    made = Machine()
    try:
        made.start()
        made.told = made.sh(SETUP, timeout=900)
        yield made
    finally:
        docker("rm", "-f", made.name)


def test_it_installs_what_is_missing_and_says_what_is_left(machine: Machine) -> None:
    assert "Crawlight runs, and starts with the machine" in machine.told
    assert "point crawlight.example.net at" in machine.told
    assert "point example.com and www.example.com at" in machine.told
    for unit in UNITS:
        assert machine.says(f"systemctl is-active {unit}; systemctl is-enabled {unit}") == "active\nenabled"
    assert machine.says("systemctl is-enabled caddy") == "disabled"
    doctor = machine.sh("crawlight doctor")
    assert "PROBLEM" not in doctor
    assert "sandbox" not in doctor


def test_only_the_service_can_read_its_data(machine: Machine) -> None:
    assert machine.says("stat -c '%U %a' /var/lib/crawlight") == "crawlight 700"
    assert machine.says("stat -c '%U %a' /var/lib/crawlight/crawlight.toml") == "crawlight 600"
    assert machine.says("find /var/lib/crawlight ! -user crawlight") == ""
    assert "me@example.org" in machine.sh("crawlight user list")


def test_the_units_say_nothing_that_systemd_does_not_know(machine: Machine) -> None:
    for unit in UNITS:
        assert machine.sh(f"systemd-analyze verify {unit}") == ""
        told = machine.sh(f"systemd-analyze security --no-pager {unit}").splitlines()[-1]
        assert "OK" in told, told


def test_a_page_is_rendered_by_the_confined_service(machine: Machine) -> None:
    machine.sh(f"mkdir -p /srv/site && printf '%s' \"{PAGE}\" > /srv/site/index.html")
    machine.sh("systemd-run --quiet python3 -m http.server 8090 --bind 127.0.0.1 --directory /srv/site")
    machine.sh("crawlight domain set example.com --origin http://127.0.0.1:8090 --allow 127.0.0.0/8")
    key = machine.sh("crawlight key create --user me@example.org --name edge 2>/dev/null")
    asked = f"curl -s 'http://127.0.0.1:8080/v1/render?url=https://example.com/' -H 'x-api-key: {key}' -A '{GPTBOT}'"
    wait(lambda: "<h1>Made by a script</h1>" in machine.says(asked))
    browsers = machine.sh("ps axo user,args | grep '[h]eadless'").splitlines()
    assert {line.split()[0] for line in browsers} == {"crawlig+"}
    assert not any("--no-sandbox" in line for line in browsers)


def test_the_front_goes_on_without_crawlight(machine: Machine) -> None:
    asked = "curl -s -o /dev/null -w '%{http_code}' -H 'Host: example.com' http://127.0.0.1/"
    assert machine.says(asked) == "308"
    machine.sh("systemctl stop crawlight")
    assert machine.says(asked) == "308"
    machine.sh("systemctl restart crawlight-front")
    assert machine.says(asked) == "308"  # It knows its domains by itself.
    machine.sh("systemctl start crawlight")


def test_a_second_time_changes_nothing(machine: Machine) -> None:
    server = machine.says("systemctl show -p MainPID --value crawlight")
    told = machine.sh(SETUP)
    assert "nothing was missing" in told
    assert "Account" not in told
    assert machine.says("systemctl show -p MainPID --value crawlight") == server


def test_the_command_reads_logs_and_what_roots_shell_opens(machine: Machine) -> None:
    line = '192.0.2.1 - - [29/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "GPTBot/1.2"'
    machine.sh("mkdir -p /var/log/nginx && install -m 640 -g adm /dev/null /var/log/nginx/access.log")
    machine.sh(f"echo '{line}' | tee /var/log/nginx/access.log > /root/own.log")
    machine.sh("crawlight import /var/log/nginx/access.log --domain example.com")
    machine.sh("cd /root && crawlight import - --domain example.com < own.log")
    refused = machine.says("cd /root && crawlight import /root/own.log --domain example.com 2>&1; echo $?")
    assert "Permission denied for the user crawlight; `crawlight import - < FILE`" in refused
    assert machine.says("runuser -u crawlight -- cat /var/log/nginx/access.log") == ""


def test_data_that_root_left_is_given_to_the_service(machine: Machine) -> None:
    machine.sh("chown -R root:root /var/lib/crawlight")
    assert "belong to crawlight now" in machine.sh(SETUP)
    assert machine.says("find /var/lib/crawlight ! -user crawlight") == ""
    assert "me@example.org" in machine.sh("crawlight user list")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("--email me", "'me' is no e-mail address"),
        ("--name https://x.example", "not a host name"),
        ("--site example.com --origin https://www.example.com", "give the site's other name"),
        ("--no-front --site example.com --origin https://a.example", "--origin is the front's"),
    ],
)
def test_what_does_not_fit_changes_nothing(machine: Machine, said: str, told: str) -> None:
    before = machine.sh("cat /var/lib/crawlight/crawlight.toml /etc/systemd/system/crawlight*")
    refused = machine.says(f"/opt/crawlight/bin/crawlight setup --yes {said} 2>&1; echo $?")
    assert told in refused
    assert refused.endswith("\n1")
    assert machine.sh("cat /var/lib/crawlight/crawlight.toml /etc/systemd/system/crawlight*") == before


@pytest.mark.parametrize("said", ["--email me@example.org", "--undo --remove-data"])
@pytest.mark.parametrize("folder", ["/etc", "/var/lib/dpkg"])
def test_a_folder_that_is_not_crawlights_stays_as_it_is(machine: Machine, folder: str, said: str) -> None:
    before = machine.says(f"stat -c '%U %a' {folder}; ls -A {folder}")
    refused = machine.says(f"/opt/crawlight/bin/crawlight --data {folder} setup --yes {said} 2>&1; echo $?")
    assert refused.endswith("\n1")
    assert machine.says(f"stat -c '%U %a' {folder}; ls -A {folder}") == before
    assert machine.says("systemctl is-active crawlight") == "active"


def test_undo_keeps_the_data_unless_told(machine: Machine) -> None:
    machine.sh("/opt/crawlight/bin/crawlight setup --undo --yes")
    for path in MADE:
        assert machine.says(f"ls {path}") == ""
    assert machine.says("systemctl is-active crawlight crawlight-front") == "inactive\ninactive"
    assert machine.says("ls /var/lib/crawlight/crawlight.sqlite") != ""
    machine.sh("/opt/crawlight/bin/crawlight setup --undo --yes --remove-data")
    assert machine.says("ls -d /var/lib/crawlight; id -u crawlight") == ""


@pytest.fixture
def terminal(machine: Machine) -> Iterator[Terminal]:
    """A terminal on which somebody has called `crawlight setup`."""
    person, program = pty.openpty()
    command = ["docker", "exec", "-it", machine.name, "/opt/crawlight/bin/crawlight", "setup"]
    with subprocess.Popen(
        command, stdin=program, stdout=program, stderr=program, text=True, preexec_fn=own_terminal(program)
    ) as process:
        os.close(program)
        yield Terminal(person, process)
        process.kill()
        os.close(person)


def test_at_a_terminal_it_asks_five_questions(machine: Machine, terminal: Terminal) -> None:
    terminal.expect("E-mail address of the first account")
    terminal.type("me")
    terminal.expect("is no e-mail address; try again")
    terminal.type("me@example.org")
    terminal.expect(r"Its password.*: ")  # The space comes once nothing that is typed is shown.
    terminal.type("")
    terminal.expect("This server's name")
    terminal.type("https://crawlight.example.net")
    terminal.expect("without https")
    terminal.type("")
    terminal.expect("The site to prerender")
    terminal.type("example.com")
    terminal.expect("Where that site itself is")
    terminal.type("https://app.example.net")
    terminal.expect("Dashboard: ssh -L 8080")
    terminal.expect("/reset/")
    terminal.expect("point example.com and www.example.com at")
    assert terminal.process.wait(60) == 0
    assert "example.com" in machine.sh("crawlight domain list")
