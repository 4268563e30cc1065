import pytest

from crawlight.accounts import sessions
from crawlight.dashboard import throttle
from tests.dashboard.conftest import PASSWORD, House, email_of

pytestmark = pytest.mark.anyio

OWNER = email_of("owner")


async def test_signing_in_begins_a_session_that_no_script_can_read(house: House) -> None:
    answer = await house.post("nobody", "/sign-in", email=" Owner@Example.org ", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "session" in one)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert OWNER in (await house.get("nobody", "/")).text


async def test_by_https_cookies_are_bound_to_the_host(house: House) -> None:
    answer = await house.post("nobody", "https://test/sign-in", email=OWNER, password=PASSWORD)
    cookies = answer.headers.get_list("set-cookie")
    assert all(one.startswith("__Host-") and "Secure" in one and "Path=/" in one for one in cookies)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (OWNER, "wrong horse battery"),
        (OWNER, ""),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("no address", "x"),
        (OWNER, "x" * 5000),
    ],
)
async def test_a_wrong_password_and_an_unknown_account_are_told_alike(
    house: House, email: str, password: str
) -> None:
    answer = await house.post("nobody", "/sign-in", email=email, password=password)
    assert answer.status_code == 400
    assert "No account has this e-mail address and password." in answer.text
    assert "session" not in answer.headers.get("set-cookie", "")


async def test_pages_send_whoever_is_signed_out_to_sign_in_and_back(house: House) -> None:
    answer = await house.get("nobody", "/account?period=7d")
    assert answer.headers["location"] == "/sign-in?next=%2Faccount%3Fperiod%3D7d"
    form = await house.get("nobody", answer.headers["location"])
    assert 'value="/account?period=7d"' in form.text
    fields = {"email": OWNER, "password": PASSWORD, "next": "/account?period=7d"}
    assert (await house.post("nobody", "/sign-in", **fields)).headers["location"] == "/account?period=7d"


async def test_signing_in_leads_to_paths_in_any_script(house: House) -> None:
    fields = {
        "email": OWNER,
        "password": PASSWORD,
        "next": "/domains/example.com/pages?q=€ \U0001f600&page=2",
    }
    answer = await house.post("nobody", "/sign-in", **fields)
    assert answer.headers["location"] == "/domains/example.com/pages?q=%E2%82%AC%20%F0%9F%98%80&page=2"


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\r\nx: y", ""]
)
async def test_signing_in_never_leads_elsewhere(house: House, target: str) -> None:
    answer = await house.post("nobody", "/sign-in", email=OWNER, password=PASSWORD, next=target)
    assert answer.headers["location"] == "/"


async def test_signing_out_ends_the_session_for_good(house: House) -> None:
    browser = house.browsers["owner"]
    kept = dict(browser.cookies)
    assert (await house.post("owner", "/sign-out")).headers["location"] == "/sign-in"
    assert (await house.get("owner", "/")).headers["location"] == "/sign-in"
    browser.cookies.update(kept)
    assert (await house.get("owner", "/")).headers["location"] == "/sign-in"


@pytest.mark.parametrize("cookie", ["", "x", "x.y.z", "é", "a" * 4000])
async def test_a_made_up_cookie_is_nobody(house: House, cookie: str) -> None:
    headers = {"cookie": f"crawlight-session={cookie}".encode()}
    assert (await house.get("nobody", "/account", headers=headers)).status_code == 303


async def test_a_session_ends_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    started = sessions.now()
    for late in (sessions.IDLE, sessions.LONGEST):
        monkeypatch.setattr(sessions, "now", lambda late=late: started + late + sessions.IDLE / 1000)
        assert (await house.get("owner", "/")).status_code == 303


async def test_forms_of_other_sites_are_refused(house: House) -> None:
    browser = house.browsers["owner"]
    del browser.headers["sec-fetch-site"]
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://test"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        answer = await browser.post("/sign-out", headers=headers)
        assert answer.status_code == 403, headers
    assert (await house.get("owner", "/")).status_code == 200
    assert (await browser.post("/sign-out", headers={"origin": "http://test"})).status_code == 303


async def test_guessing_is_slowed_and_locks_no_owner_out(house: House) -> None:
    await house.post("owner", "/sign-out")
    assert (await house.post("owner", "/sign-in", email=OWNER, password=PASSWORD)).status_code == 303
    tries = [
        (await house.post("nobody", "/sign-in", email=OWNER, password=f"guess number {n}")).status_code
        for n in range(throttle.PER_ACCOUNT + 1)
    ]
    assert tries[-1] == 429
    assert tries.count(400) == throttle.PER_ACCOUNT - 1
    refused = await house.post("nobody", "/sign-in", email=OWNER, password=PASSWORD)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert "Too many tries" in refused.text
    await house.post("owner", "/sign-out")
    assert (await house.post("owner", "/sign-in", email=OWNER, password=PASSWORD)).status_code == 303


async def test_one_address_cannot_try_many_accounts(house: House) -> None:
    statuses = {
        (await house.post("nobody", "/sign-in", email=f"a{n}@example.org", password="x")).status_code
        for n in range(throttle.PER_ADDRESS + 1)
    }
    assert statuses == {400, 429}


async def test_malformed_forms_are_refused(house: House) -> None:
    browser = house.browsers["nobody"]
    for body, status in ((b"email=%00", 400), (b"\xff\xfe", 400), (b"a=%ff", 400), (b"a" * 70_000, 413)):
        assert (await browser.post("/sign-in", content=body)).status_code == status
