"""The certificate under which we are a site to our browser, where the site has an origin of its own.

Its key is made for this process, lies in memory only, and is trusted by nobody but the browsers that it starts.
"""

import ssl
import tempfile
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

_VALID: Final = timedelta(days=3650)


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pin() -> str:
    """The hash of the key, as Chromium's ``--ignore-certificate-errors-spki-list`` takes it."""
    key = _key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(key).digest()).decode()


@cache
def server_context() -> ssl.SSLContext:
    """What answers as any site, in HTTP/1.1: one certificate for all names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    private = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.TemporaryDirectory() as folder:  # the module takes it from a file only
        file = Path(folder) / "own.pem"
        file.touch(mode=0o600)
        file.write_bytes(private + _certificate().public_bytes(Encoding.PEM))
        context.load_cert_chain(file)
    return context


def _certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Crawlight")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("crawlight.invalid")]), critical=False)
        .sign(_key(), hashes.SHA256())
    )
