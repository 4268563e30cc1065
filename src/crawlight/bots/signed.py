"""Whether a signature holds (RFC 9421): apart from `signatures`, since what verifies it loads slowly."""

import base64
import hashlib
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    VerifyResult,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from crawlight.kit.net import FetchError

TAG = "web-bot-auth"
Keys = dict[str, Ed25519PublicKey]


class SignatureError(Exception):
    """A signature does not hold. ``unknown_key`` is the id of a key that the directory lacks, None where it has it."""

    def __init__(self, reason: Exception, unknown_key: str | None) -> None:
        super().__init__(str(reason))
        self.unknown_key = unknown_key


def read_directory(body: bytes) -> Keys:
    """The Ed25519 keys of a JSON Web Key Set by thumbprint. Raises FetchError where it is none."""
    try:
        entries = msgspec.json.decode(body, type=dict[str, Any])["keys"]
        ours = [entry for entry in entries if entry.get("kty") == "OKP" and entry.get("crv") == "Ed25519"]
        return {thumbprint(entry["x"]): _public_key(entry["x"]) for entry in ours}
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError, ValueError):
        raise FetchError("not a JSON Web Key Set") from None


def thumbprint(x: str) -> str:
    """The JWK thumbprint (RFC 7638, SHA-256, base64url) of an Ed25519 key given as its member ``x``."""
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def _public_key(x: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "=" * (-len(x) % 4)))


def verify(method: str, url: str, headers: Mapping[str, str], keys: Keys) -> list[VerifyResult]:
    """The signatures of a request, which all hold. Raises SignatureError."""
    message = SimpleNamespace(method=method, url=url, headers=dict(headers))
    try:
        return _held(message, keys)
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError) as error:
        cause = error.__cause__
        raise SignatureError(error, cause.key_id if isinstance(cause, _UnknownKeyError) else None) from error


class _UnknownKeyError(Exception):
    def __init__(self, key_id: str) -> None:
        super().__init__("its key is not in the directory")
        self.key_id = key_id


class _Resolver(HTTPSignatureKeyResolver):
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        if key_id not in self._keys:
            raise _UnknownKeyError(key_id)
        return self._keys[key_id]


def _held(message: SimpleNamespace, keys: Keys) -> list[VerifyResult]:
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519,
        key_resolver=_Resolver(keys),
    )
    results = verifier.verify(message, expect_tag=TAG, require_components=("@authority",))
    for result in results:
        if "expires" not in result.parameters:
            raise InvalidSignature("it never expires")
        if not any(name.startswith('"signature-agent"') for name in result.covered_components):
            raise InvalidSignature("Signature-Agent is not signed")
    return results
