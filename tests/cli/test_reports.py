from pathlib import Path

from tests.conftest import Cli


def test_a_report_is_written(cli: Cli, tmp_path: Path) -> None:
    cli("user", "add", "me@example.org")
    cli("domain", "add", "example.com", "--owner", "me@example.org")
    file = tmp_path / "report.pdf"
    status, out, err = cli("report", "--user", "me@example.org", "--domain", "example.com", "-o", str(file))
    assert (status, err) == (0, "")
    assert str(file) in out
    assert file.read_bytes().startswith(b"%PDF-")


def test_what_cannot_be_reported_is_told(cli: Cli, tmp_path: Path) -> None:
    cli("user", "add", "me@example.org")
    asked = ("report", "--user", "me@example.org")
    assert cli(*asked, "--domain", "example.com")[::2] == (
        1,
        "crawlight: me@example.org has no domain example.com\n",
    )
    assert cli(*asked, "--period", "2d")[0] == 2
    assert cli(*asked, "-o", str(tmp_path / "no" / "such.pdf"))[0] == 1
