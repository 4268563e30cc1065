import msgspec
import pytest

from crawlight.domains.readiness import Seen, readiness

READY = Seen(
    url="https://example.com/a?b=c",
    headers={"content-signal": "ai-train=no"},
    missing_text="",
    markdown=True,
    robots_txt="User-agent: *\nDisallow: /private\n",
    llms_txt=True,
    unknown_agent=200,
)


def test_a_site_that_is_ready_for_agents() -> None:
    checks = readiness(READY)
    assert [one.check for one in checks] == ["text", "markdown", "robots", "signals", "llms-txt", "reachable"]
    assert all(one.ok is True and one.found and not one.fix for one in checks)


@pytest.mark.parametrize(
    ("check", "changes", "ok", "told"),
    [
        ("text", {"missing_text": "The raw HTML has 3 of 90 words (3 %)."}, False, "3 of 90"),
        ("text", {"missing_text": None}, None, "not rendered"),
        ("markdown", {"markdown": False}, False, "something else"),
        ("robots", {"robots_txt": "User-agent: GPTBot\nDisallow: /a\n"}, False, "blocks GPTBot"),
        ("robots", {"robots_txt": "User-agent: GPTBot\nDisallow: /a$\n"}, True, "lets all"),
        ("robots", {"robots_txt": "User-agent: *\nDisallow: /\n"}, False, " more."),
        ("robots", {"robots_txt": None}, None, "could not be read"),
        ("robots", {"robots_txt": ""}, True, "lets all"),
        ("signals", {"headers": {}}, False, "does not say"),
        ("signals", {"headers": {}, "robots_txt": "User-agent: *\nContent-Signal: search=yes"}, True, "says"),
        ("llms-txt", {"llms_txt": False}, False, "no llms.txt"),
        ("reachable", {"unknown_agent": 403}, False, "403"),
        ("reachable", {"unknown_agent": 0}, False, "no answer"),
        ("reachable", {"unknown_agent": 404}, True, "404"),
    ],
)
def test_each_check(check: str, changes: dict[str, object], ok: bool | None, told: str) -> None:
    (found,) = [one for one in readiness(msgspec.structs.replace(READY, **changes)) if one.check == check]
    assert (found.ok, told in found.found) == (ok, True)
    assert bool(found.fix) == (ok is False)
