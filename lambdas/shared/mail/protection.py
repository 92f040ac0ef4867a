"""Signed, encrypted and packed mail: kept whole, and said."""

from lambdas.shared.mail import bodies, dsn
from lambdas.shared.mail.parts import Part

_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")  # RFC 8551 section 3.2
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")  # Outlook's own form, named winmail.dat


def marks(root: Part, text: str) -> tuple[str, ...]:
    """What a reader has to know before trusting or opening the mail."""
    found = [
        f"{_protected(part)} ({part.parameters.get('protocol', 'unknown protocol')})" for part in _multiparts(root)
    ]
    for part in dsn.find(root, _SMIME):
        kind = part.parameters.get("smime-type", "").lower()
        found.append(f"{'signed' if kind == 'signed-data' else 'encrypted'} ({part.content_type}), kept as it is")
    if "-----BEGIN PGP MESSAGE-----" in text[:10_000]:
        found.append("encrypted (PGP in the text), kept as it is")
    if dsn.find(root, _TNEF) or bodies.filename(root).lower() == "winmail.dat":
        found.append("winmail.dat (TNEF), kept as it is")
    return tuple(found)


def _multiparts(root: Part) -> list[Part]:
    return dsn.find(root, ("multipart/signed", "multipart/encrypted"))


def _protected(part: Part) -> str:
    return part.content_type.removeprefix("multipart/")
