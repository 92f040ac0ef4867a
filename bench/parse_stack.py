"""One parser over the mails of a folder, in a process of its own: `python -m bench.parse_stack NAME FOLDER SECONDS`.

Each stack gives the same things of a mail: who, subject, ids, text, attachments with sizes, the new text of a reply,
and whose delivery failed. It prints {"mails": parsed, "seconds": taken, "failed": mails of one round that raised}.
"""

from __future__ import annotations

import email
import email.policy
import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

LANGUAGES = ["en", "de", "fr", "it", "es", "nl", "pl"]


def ours() -> Callable[[bytes], object]:
    parse: Callable[[bytes], object] = import_module("lambdas.shared.mail.parse").parse
    return parse


def mail_parser() -> Callable[[bytes], object]:
    """mail-parser, mail-parser-reply, flufl.bounce."""
    parse = import_module("mailparser").parse_from_bytes
    replies = import_module("mailparser_reply").EmailReplyParser
    failures = import_module("flufl.bounce").all_failures

    def stack(raw: bytes) -> object:
        mail = parse(raw)
        text = mail.text_plain[0] if mail.text_plain else None
        reply = replies(languages=LANGUAGES).read(text).latest_reply if text else ""
        sizes = [(one["filename"], len(one["payload"])) for one in mail.attachments]
        who = (mail.from_, mail.to, mail.cc, mail.reply_to)
        return mail.subject, who, mail.message_id, reply, sizes, failures(email.message_from_bytes(raw))

    return stack


def standard_library() -> Callable[[bytes], object]:
    """email with its default policy, quotequail."""
    unwrap = import_module("quotequail").unwrap

    def stack(raw: bytes) -> object:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else None
        sizes = [(part.get_filename(), len(_payload(part))) for part in mail.walk() if not part.is_multipart()]
        who = [[one.addr_spec for one in mail[name].addresses] for name in ("from", "to", "cc") if mail[name]]
        return mail["subject"], who, mail["message-id"], unwrap(text) if text else None, sizes

    return stack


def _payload(part: Any) -> bytes:
    return part.get_payload(decode=True) or b""


STACKS: dict[str, Callable[[], Callable[[bytes], object]]] = {
    "ours": ours,
    "mail-parser": mail_parser,
    "standard library": standard_library,
}


def mails(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob("*.eml"))]


def main(name: str, folder: str, seconds: float) -> dict[str, float]:
    stack, every = STACKS[name](), mails(Path(folder))
    failed = sum(not _answers(stack, raw) for raw in every)  # the first round is not counted in the time
    count, begun = 0, time.process_time()
    while (taken := time.process_time() - begun) < seconds:
        for raw in every:
            _answers(stack, raw)
        count += len(every)
    return {"mails": count, "seconds": taken, "failed": failed}


def _answers(stack: Callable[[bytes], object], raw: bytes) -> bool:
    try:
        stack(raw)
    except Exception:  # a peer's failure is a figure; ours raises Unreadable for what is no mail
        return False
    return True


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2], float(sys.argv[3]))))
