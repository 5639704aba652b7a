"""TLS for an address beyond localhost: the files that are given, or a certificate we make.

A self-signed certificate lets passkeys and Secure cookies work from the first minute; callers
compare its fingerprint, which doctor tells. It is renewed a month before it ends.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from simplr.operations.start.account import Account
from simplr.operations.start.errors import FolderUnsuitable
from simplr.operations.start.folder import DataFolder, write_privately

LIFETIME = datetime.timedelta(days=397)
RENEWED_BEFORE = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """What a caller may compare."""

    path: Path
    key: Path
    fingerprint: str
    ends_at: datetime.datetime
    self_signed: bool


def certificate_for(
    host: str,
    folder: DataFolder,
    *,
    given: tuple[Path, Path] | None,
    account: Account | None,
    now: datetime.datetime,
) -> Certificate:
    """The certificate that the web service shows, in a place that it can read.

    Given files may lie where only root reads: they are copied. Without any, one is made, and kept
    as long as it names `host` and does not end soon.
    """
    certificate, key = folder.secret / "tls-certificate.pem", folder.secret / "tls-key.pem"
    if given is not None:
        for source, target in zip(given, (certificate, key), strict=True):
            if not source.is_file():
                raise FolderUnsuitable(f"There is no file {source}.")
            partial = target.with_suffix(".partial")
            partial.touch(mode=0o600)
            shutil.copyfile(source, partial)
            partial.rename(target)
    elif not _is_good(certificate, key, host, now=now):
        _make(certificate, key, host, now=now)
    if account is not None:
        account.own(certificate)
        account.own(key)
    return read(certificate, key)


def read(certificate: Path, key: Path) -> Certificate:
    """What the certificate says. Raises FolderUnsuitable when it cannot be read."""
    try:
        found = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except (OSError, ValueError, IndexError) as error:
        raise FolderUnsuitable(f"{certificate} holds no readable certificate: {error}") from error
    digest = found.fingerprint(hashes.SHA256()).hex().upper()
    return Certificate(
        path=certificate,
        key=key,
        fingerprint=":".join(digest[i : i + 2] for i in range(0, len(digest), 2)),
        ends_at=found.not_valid_after_utc,
        self_signed=found.issuer == found.subject,
    )


def _is_good(certificate: Path, key: Path, host: str, *, now: datetime.datetime) -> bool:
    if not certificate.exists() or not key.exists():
        return False
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _name_of(host) in list(names) and found.not_valid_after_utc - now > RENEWED_BEFORE


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _make(certificate: Path, key: Path, host: str, *, now: datetime.datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    names = dict.fromkeys(
        [_name_of(host), x509.DNSName("localhost"), _name_of("127.0.0.1"), _name_of("::1")]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    encoded = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_privately(key, encoded.decode(), mode=0o600)
    write_privately(certificate, made.public_bytes(serialization.Encoding.PEM).decode(), mode=0o600)
    os.sync()
