"""Who sealed this paper, and is it still as it was sealed? PAdES signatures with a certificate of our own."""

import io
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gis.errors import InputError, OneMapError

KEY = "report.key"
CERTIFICATE = "report.crt"
YEARS = 10
FIELD = "EGIS"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a signed paper shows.

    Attributes
    ----------
    intact
        Whether the bytes that were signed are unchanged and the signature fits them.
    whole
        Whether the signature covers the file to its last byte: nothing was added behind it.
    ours
        Whether the certificate is the one that is trusted here.
    signer, signed_at
        Name in the certificate, and the moment the signer's clock gave.
    """

    intact: bool
    whole: bool
    ours: bool
    signer: str
    signed_at: datetime | None
    fingerprint: str

    @property
    def ok(self) -> bool:
        """Whether the paper is as it was sealed, and sealed here."""
        return self.intact and self.whole and self.ours


def seal(paper: bytes, folder: Path, *, reason: str, place: str) -> bytes:
    """
    Sign a PDF (PAdES B-B): every later change of it is found.

    Parameters
    ----------
    folder
        Where the keys of this installation lie; key and certificate are made at the first use.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
    from pyhanko.sign.fields import SigSeedSubFilter

    make(folder)
    signer = SimpleSigner.load(str(folder / KEY), str(folder / CERTIFICATE))  # type: ignore[no-untyped-call]
    if signer is None:
        raise OneMapError(f"{folder / KEY} cannot be read as a signing key; put it aside and a new one is made")
    about = PdfSignatureMetadata(
        field_name=FIELD, reason=reason, location=place, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    out = io.BytesIO()
    sign_pdf(IncrementalPdfFileWriter(io.BytesIO(paper)), about, signer=signer, output=out)
    return out.getvalue()


def check(paper: bytes, certificate: Path) -> list[Finding]:
    """
    What the signatures of a PDF say, one finding each; empty where there is none.

    Parameters
    ----------
    certificate
        The certificate that is trusted (PEM).

    Raises
    ------
    InputError
        Not a PDF, or one too damaged to be read.
    """
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    try:
        trusted = load_cert_from_pemder(str(certificate))  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(f"{certificate}: no certificate can be read there; name one with --certificate") from error
    context = ValidationContext(trust_roots=[trusted], allow_fetching=False)
    found = []
    try:
        for one in PdfFileReader(io.BytesIO(paper), strict=False).embedded_signatures:
            held = one.signer_cert
            try:
                status = validate_pdf_signature(one, context)
            except (SignatureValidationError, SigningError, ValueError):
                found.append(_finding(held, one, intact=False, whole=False, trusted=trusted))
                continue
            whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
            found.append(_finding(held, one, intact=status.intact and status.valid, whole=whole, trusted=trusted))
    except (PdfError, ValueError, KeyError, TypeError) as error:
        raise InputError("this file cannot be read as a PDF: it is damaged or something else") from error
    return found


def _finding(held: Any, one: Any, *, intact: bool, whole: bool, trusted: Any) -> Finding:
    return Finding(
        intact=intact, whole=whole, ours=held.sha256 == trusted.sha256, signer=str(held.subject.human_friendly),
        signed_at=one.self_reported_timestamp, fingerprint=held.sha256_fingerprint.replace(" ", "").lower(),
    )  # fmt: skip


def make(folder: Path) -> Path:
    """Make the key and the certificate of this installation if they are not there; gives the certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate = folder / CERTIFICATE
    if certificate.is_file():
        return certificate
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "EGIS 应急管理一张图"),
            x509.NameAttribute(NameOID.COMMON_NAME, "EGIS report seal"),
        ]
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The key first: whoever finds the certificate finds its key. Of several processes only one makes them.
    if _only(folder / KEY, private):
        _only(certificate, made.public_bytes(serialization.Encoding.PEM))
    else:
        _wait_for(certificate)
    return certificate


_USAGE = x509.KeyUsage(
    digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


def _only(path: Path, content: bytes) -> bool:
    """Write a file that is not there yet, whole or not at all; whether this process did."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _wait_for(path: Path) -> None:
    moment = threading.Event()
    for _ in range(50):
        if path.is_file():
            return
        moment.wait(0.1)
    raise OneMapError(f"{path} is missing beside its key; put {path.with_name(KEY).name} aside and both are made anew")
