"""Answers that fit together, folders that a service can have, and what is said at the end."""

from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.setup.answers import Answers, check_ours, fit_data
from crawlight.setup.left import what_is_left
from tests.conftest import Cli

ME = "me@example.org"
ORIGIN = "https://app.example.net"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (Answers(password="a long enough password"), "needs --email"),
        (Answers(email=ME, origin=ORIGIN), "needs --site"),
        (Answers(site="example.com"), "needs --email"),
        (Answers(email=ME, site="example.com", origin=ORIGIN, front=False), "--no-front"),
        (Answers(email=ME, site="example.com", name="example.com"), "cannot be both"),
        (Answers(email=ME, site="example.com", origin="https://www.example.com"), "other name"),
        (Answers(email=ME, site="example.com", origin="http://example.com:8080"), "other name"),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers: Answers, told: str) -> None:
    with pytest.raises(UserError, match=told):
        answers.check()


def test_answers_that_fit_are_taken() -> None:
    Answers(email=ME).check()
    Answers(email=ME, site="example.com", front=False).check()
    Answers(email=ME, site="example.com", name="crawlight.example.com", origin="http://192.0.2.7").check()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/root/data",
            "/home/me/data",
            "/tmp/data",
            "/srv/my data",
            "/srv/50%",
            "/etc",
            "/etc/crawlight",
        ),
        *("/usr/share/x", "/var", "/var/lib", "/srv", "/srv/../etc", "/proc/self/root/etc"),
    ],
)
def test_folders_that_a_service_cannot_have_are_refused(path: str) -> None:
    with pytest.raises(UserError):
        fit_data(Path(path))


def test_a_folder_below_srv_or_var_will_do() -> None:
    assert fit_data(Path("/var/lib/crawlight")) == Path("/var/lib/crawlight")
    assert fit_data(Path("/srv/../srv/Crawl-light_2.0")) == Path("/srv/Crawl-light_2.0")


def test_a_folder_that_is_absent_empty_or_crawlights_will_do(tmp_path: Path) -> None:
    check_ours(tmp_path / "absent")
    (tmp_path / "lost+found").mkdir()
    check_ours(tmp_path)
    (tmp_path / "crawlight.sqlite").touch()
    (tmp_path / "spool").mkdir()
    check_ours(tmp_path)


def test_what_is_not_crawlights_is_neither_taken_nor_removed(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    with pytest.raises(UserError, match="is a link"):
        check_ours(link)
    (folder / "passwd").touch()
    with pytest.raises(UserError, match=r"neither crawlight\.toml nor crawlight\.sqlite"):
        check_ours(folder)
    with pytest.raises(UserError, match="is no folder"):
        check_ours(folder / "passwd")


def test_the_command_changes_nothing_for_a_bad_folder(cli: Cli, tmp_path: Path) -> None:
    status, _, err = cli("setup", "--yes", "--email", ME)
    assert (status, str(tmp_path) in err, "no place for a service" in err) == (1, True, True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_depends_on_the_answers() -> None:
    whole = Answers(email=ME, name="c.example.net", site="example.com", origin=ORIGIN)
    told = "\n".join(what_is_left(whole, 8080, ["https://c.example.net/reset/x"], started=True))
    assert "point c.example.net at" in told
    assert "point example.com and www.example.com at" in told
    assert "/reset/x" in told
    assert "systemctl" not in told
    bare = "\n".join(
        what_is_left(Answers(email=ME, site="example.com", front=False), 9000, [], started=False)
    )
    assert "systemctl enable --now crawlight" in bare
    assert "ssh -L 9000:127.0.0.1:9000" in bare
    assert "docs/integrations.md" in bare
    assert "DNS" not in bare
