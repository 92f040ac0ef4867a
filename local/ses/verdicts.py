"""What SES's scanners and checks say about a mail: of real ones only the two test patterns, the rest as told."""

from collections.abc import Mapping
from email import message_from_bytes

# The EICAR test file and the GTUBE test mail, which every scanner knows; in halves, so that none stops at this file.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
KINDS = ("spam", "virus", "spf", "dkim", "dmarc")
STATUSES = ("PASS", "FAIL", "GRAY", "PROCESSING_FAILED")


def is_virus(raw: bytes) -> bool:
    return _EICAR in _decoded(raw)


def verdicts(raw: bytes, told: Mapping[str, str]) -> dict[str, str]:
    """A status for each of KINDS; `told` overrides."""
    found = dict.fromkeys(KINDS, "PASS")
    text = _decoded(raw)
    if _EICAR in text:
        found["virus"] = "FAIL"
    if _GTUBE in text:
        found["spam"] = "FAIL"
    return {**found, **{kind: told[kind] for kind in KINDS if kind in told}}


def _decoded(raw: bytes) -> bytes:
    """The mail and the content of each of its parts, where attachments are readable again."""
    parts = (part.get_payload(decode=True) for part in message_from_bytes(raw).walk())
    return raw + b"\n".join(part for part in parts if isinstance(part, bytes))
