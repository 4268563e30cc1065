"""What is left to do once a machine is set up, for a person to read."""

import ipaddress
import socket
from collections.abc import Iterator

from crawlight.setup.answers import Answers


def what_is_left(answers: Answers, port: int, links: list[str], *, started: bool) -> list[str]:
    """One line for each thing to do, in their order."""
    return [
        *_start(answers.front, started),
        *_reach(answers, port),
        *(f"Open this link to set the password, within a day: {link}" for link in links),
        *_site(answers),
        "`crawlight doctor` says what is missing, `journalctl -u crawlight` what happens.",
    ]


def _start(front: bool, started: bool) -> Iterator[str]:
    if not started:
        units = "crawlight-front crawlight" if front else "crawlight"
        yield f"Once systemd runs: systemctl enable --now {units}"


def _reach(answers: Answers, port: int) -> Iterator[str]:
    if answers.name and answers.front:
        yield f"DNS: point {answers.name} at {_here()}. The dashboard is then on https://{answers.name}"
    elif answers.name:
        yield f"Let your proxy carry https://{answers.name} to http://127.0.0.1:{port}"
    else:
        yield (
            f"Dashboard: ssh -L {port}:127.0.0.1:{port} {_here('THIS-SERVER')}, then open http://127.0.0.1:{port}"
        )
    if answers.front:
        yield "Let the firewall pass ports 80 and 443."


def _site(answers: Answers) -> Iterator[str]:
    if answers.origin:
        yield f"Render its pages first, if you like: crawlight warm {answers.site}"
        yield f"DNS: point {answers.site} and www.{answers.site} at {_here()}"
    elif answers.site:
        yield (
            f"Have crawlers of {answers.site} led here: docs/integrations.md;"
            f" `crawlight key create --user {answers.email} --name edge` makes the key"
        )


def _here(unknown: str = "this server's public address") -> str:
    """This machine's public addresses, as far as it knows them."""
    found = [_address(socket.AF_INET, "192.0.2.1"), _address(socket.AF_INET6, "2001:db8::1")]
    known = [one for one in found if one and ipaddress.ip_address(one).is_global]
    return known[0] if unknown == "THIS-SERVER" and known else " and ".join(known) or unknown


def _address(family: socket.AddressFamily, towards: str) -> str:
    """The address from which another one is reached; nothing is sent to it."""
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((towards, 9))
        except OSError:
            return ""
        return str(asking.getsockname()[0])
