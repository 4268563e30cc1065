"""Web Bot Auth: real Ed25519 signatures, and a key directory on this machine."""

import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from crawlight.bots.signatures import WELL_KNOWN, Signatures, signing_agent
from crawlight.bots.signed import TAG, read_directory, thumbprint
from crawlight.kit.net import FetchError
from tests.bots.conftest import Site, from_here

pytestmark = pytest.mark.anyio
ORIGIN = "https://chatgpt.com"
URL = "https://shop.example/page?a=1"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def x_of(key: Ed25519PrivateKey) -> str:
    return base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()


def directory(*keys: Ed25519PrivateKey) -> bytes:
    return msgspec.json.encode({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x_of(key)} for key in keys]})


def signed(key: Ed25519PrivateKey = KEY, **options: Any) -> dict[str, str]:
    """The headers of a signed request, names in lower case."""
    now = datetime.now(UTC)
    agent = options.pop("agent", f'"{ORIGIN}"')
    request = SimpleNamespace(method="GET", url=options.pop("url", URL), headers={"signature-agent": agent})
    how = {
        "created": now,
        "expires": now + timedelta(minutes=5),
        "tag": TAG,
        "covered_component_ids": ("@authority", "signature-agent"),
        **options,
    }
    key_id = thumbprint(x_of(key))
    resolver = MappingKeyResolver(public_keys={}, private_keys={key_id: key})
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver).sign(
        request, key_id=key_id, **how
    )
    return {name.lower(): value for name, value in request.headers.items()}


@pytest.fixture
def signatures(site: Site) -> Signatures:
    site.pages[WELL_KNOWN] = (200, directory(KEY))

    async def fetch(url: str) -> bytes:
        assert url.startswith(ORIGIN)
        return await from_here(site.url + url.removeprefix(ORIGIN))

    return Signatures(fetch=fetch)


async def identity_of(signatures: Signatures, headers: dict[str, str], url: str = URL) -> str:
    verdict = await signatures.check("get", url, headers)
    assert verdict
    assert verdict.host == ORIGIN
    return verdict.identity


async def test_signed_request_is_verified(signatures: Signatures) -> None:
    verdict = await signatures.check("GET", URL, signed())
    assert verdict
    assert (verdict.identity, verdict.method, verdict.host) == ("verified", "signature", ORIGIN)
    agent = signing_agent(signed())
    assert agent
    assert (agent.name, agent.key) == ("ChatGPT Agent", "openaibot")


async def test_signature_agent_as_a_dictionary(signatures: Signatures) -> None:
    headers = signed(
        agent=f'sig1="{ORIGIN}"', covered_component_ids=("@authority", '"signature-agent";key="sig1"')
    )
    assert await identity_of(signatures, headers) == "verified"


async def test_nonce_is_good_for_one_request(signatures: Signatures) -> None:
    headers = signed(nonce="once")
    assert await identity_of(signatures, headers) == "verified"
    assert await identity_of(signatures, headers) == "unchecked"
    assert await identity_of(signatures, signed(nonce="another")) == "verified"


async def test_forged_nonce_is_not_used_up(signatures: Signatures) -> None:
    assert await identity_of(signatures, signed(OTHER, nonce="once")) == "spoofed"
    assert await identity_of(signatures, signed(nonce="once")) == "verified"


async def test_only_so_many_nonces_are_remembered(
    signatures: Signatures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawlight.bots.signatures.NONCES", 2)
    first = signed(nonce="1")
    for headers in (first, signed(nonce="2"), signed(nonce="3"), first):
        assert await identity_of(signatures, headers) == "verified"


async def test_signature_without_nonce_may_be_used_again(signatures: Signatures) -> None:
    headers = signed()
    assert [await identity_of(signatures, headers) for _ in range(2)] == ["verified", "verified"]


async def test_signature_is_good_for_a_day_at_most(signatures: Signatures) -> None:
    old = signed(created=NOW - timedelta(hours=25), expires=NOW + timedelta(hours=25))
    assert await identity_of(signatures, old) == "spoofed"


NOW = datetime.now(UTC)
FORGED: dict[str, dict[str, Any]] = {
    "expired": {"created": NOW - timedelta(hours=2), "expires": NOW - timedelta(hours=1)},
    "never expires": {"expires": None},
    "other tag": {"tag": "something-else"},
    "authority not signed": {"covered_component_ids": ("@method", "signature-agent")},
    "agent not signed": {"covered_component_ids": ("@authority",)},
    "other site": {"url": "https://other.example/"},
    "other key": {"key": OTHER},
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_does_not_verify_is_spoofed(signatures: Signatures, name: str) -> None:
    assert await identity_of(signatures, signed(**FORGED[name])) == "spoofed"


@pytest.mark.parametrize("header", ["signature", "signature-input"])
@pytest.mark.parametrize("value", [None, "", "sig=:AAAA:", 'x=("@authority");created=1', "\x00", "=" * 5_000])
async def test_missing_and_broken_headers(signatures: Signatures, header: str, value: str | None) -> None:
    headers = signed()
    headers.pop(header)
    if value is not None:
        headers[header] = value
    assert await identity_of(signatures, headers) == "spoofed"


async def test_unknown_agents_are_not_asked_for_keys(signatures: Signatures, site: Site) -> None:
    assert await signatures.check("GET", URL, signed(agent='"https://evil.example"')) is None
    assert await signatures.check("GET", URL, {"user-agent": "x"}) is None
    assert site.asked == []


async def test_directory_out_of_order_is_unchecked(signatures: Signatures, site: Site) -> None:
    site.pages[WELL_KNOWN] = (503, b"")
    assert await identity_of(signatures, signed()) == "unchecked"
    site.pages[WELL_KNOWN] = (200, b"<html>")
    assert await identity_of(signatures, signed()) == "unchecked"


async def test_directory_is_remembered_and_asked_again_for_a_new_key(site: Site) -> None:
    now = [0.0]

    async def fetch(url: str) -> bytes:
        return await from_here(site.url + url.removeprefix(ORIGIN))

    signatures = Signatures(fetch=fetch, clock=lambda: now[0])
    site.pages[WELL_KNOWN] = (200, directory(KEY))
    for _ in range(3):
        assert await identity_of(signatures, signed()) == "verified"
    assert len(site.asked) == 1
    site.pages[WELL_KNOWN] = (200, directory(KEY, OTHER))
    assert await identity_of(signatures, signed(OTHER)) == "unchecked"
    assert await identity_of(signatures, signed(OTHER, expires=NOW - timedelta(hours=1))) == "spoofed"
    assert len(site.asked) == 1
    now[0] = 61.0
    assert await identity_of(signatures, signed(OTHER)) == "verified"
    assert len(site.asked) == 2


async def test_key_that_a_directory_lacks_when_asked_for_it_is_no_new_one(
    signatures: Signatures, site: Site
) -> None:
    assert [await identity_of(signatures, signed(OTHER)) for _ in range(2)] == ["spoofed", "spoofed"]
    assert await identity_of(signatures, signed(Ed25519PrivateKey.generate())) == "unchecked"
    assert await identity_of(signatures, signed(OTHER)) == "spoofed"
    assert len(site.asked) == 1


def test_thumbprint_of_the_standard() -> None:
    """The example of RFC 8037, appendix A.3."""
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert thumbprint(x) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": 1}',
        b'{"keys": [1]}',
        b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}',
    ],
)
def test_no_directory(body: bytes) -> None:
    with pytest.raises(FetchError):
        read_directory(body)


def test_other_keys_are_passed_over() -> None:
    body = msgspec.json.encode({"keys": [{"kty": "RSA"}, *msgspec.json.decode(directory(KEY))["keys"]]})
    assert list(read_directory(body)) == [thumbprint(x_of(KEY))]
