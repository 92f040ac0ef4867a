import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.inbound.announce import ticket_event
from lambdas.inbound.keep import content_type, cut, message, new_ticket, stored
from lambdas.shared.mail.mail import Address, Attachment
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.table import message_item, ticket_item
from tests.unit.lambdas.inbound.test_judge import received

PLAIN = parse(b"From: Mia <mia@example.org>\r\nTo: support@acme.test\r\nSubject: Hi\r\n\r\nText")
TOKENS = ("t" * 26, "u" * 26)
FILE = Attachment(filename="a.pdf", content_type="application/pdf", size=1, content_id="", inline=False, content=b"%")
# Any text that a mail can hold, as long as it likes: a few characters, many times.
ANY = st.builds(lambda piece, times: piece * times, st.text(max_size=3), st.integers(1, 150_000))
LONG = [character * 150_000 for character in ("a", "\x01", '"', "é", "漢", "😀")]


def ticket(mail, **verdicts):
    return new_ticket(
        received(**verdicts),
        mail,
        number=1,
        mailbox="support@acme.test",
        tokens=("t" * 26, "u" * 26),
        own={"support@acme.test"},
    )


def hostile(text, name, address, files):
    return replace(
        PLAIN,
        sender=Address(name=name, email=address),
        to=tuple(Address(name=name, email=f"{n}{address}") for n in range(100)),
        subject=name,
        text=text,
        reply=text,
        attachments=tuple(replace(FILE, filename=name, content_type=name) for _ in range(files)),
        reasons=(name,),
    )


def size(value):
    """At least what DynamoDB counts for a value (developer guide, "Item sizes and formats")."""
    match value:
        case str():
            return len(value.encode())
        case dict():
            return 3 + sum(1 + len(name.encode()) + size(item) for name, item in value.items())
        case list() | tuple() | set() | frozenset():
            return 3 + sum(1 + size(item) for item in value)
    return 21


def fits(mail):
    opened = ticket(mail)
    kept = message(received(), mail, stored(received(), mail), ())
    event = ticket_event(opened, received(), mail)
    assert size(message_item(1, kept)) < 400 * 1024
    assert size(ticket_item(opened)) < 400 * 1024
    assert len(json.dumps(event).encode()) < 255 * 1024


@settings(max_examples=60, deadline=None)
@given(ANY, ANY, ANY, st.integers(0, 500))
def test_whatever_is_in_a_mail_its_items_and_its_event_are_taken(text, name, address, files):
    fits(hostile(text, name, address, files))


@pytest.mark.parametrize("text", LONG)
def test_the_largest_mail_is_taken_too(text):
    fits(hostile(text, text, f"{text[:60]}@example.org", 500))


@pytest.mark.parametrize(
    ("text", "octets", "kept"),
    [("abc", 3, "abc"), ("abcd", 3, "abc"), ("aéb", 2, "a"), ("😀", 3, ""), ("a\ud800", 9, "a?")],
)
def test_a_text_is_cut_between_characters(text, octets, kept):
    assert cut(text, octets) == kept


def test_the_new_text_and_the_whole_text_are_kept_each_to_100_000_bytes():
    mail = replace(PLAIN, text="é" * 60_000, reply="漢" * 60_000, subject="s" * 2_000)
    kept = message(received(), mail, [], ())
    assert (kept.text, kept.reply, kept.subject) == ("é" * 50_000, "漢" * 33_333, "s" * 1_000)


def test_of_very_many_attachments_the_rest_stays_in_the_mail_and_is_counted():
    mail = replace(PLAIN, attachments=(FILE,) * 212)
    kept = stored(received(), mail)
    assert (len(kept), kept[199].key) == (200, "attachments/ses-1/199")
    assert message(received(), mail, kept, ()).flags == ("12 more attachments, only in the raw mail",)
    assert len(ticket_event(ticket(mail), received(), mail)["message"]["attachments"]) == 50


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("application/pdf", "application/pdf"),
        ("image/svg+xml", "image/svg+xml"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("text/html\r\nx-amz-acl: public-read", "application/octet-stream"),
        ("text/plain\n", "application/octet-stream"),
        ("text/hät", "application/octet-stream"),
        ("text/\x00", "application/octet-stream"),
        ("text / plain", "application/octet-stream"),
        ("text/a/b", "application/octet-stream"),
        (f"text/{'a' * 65}", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_content_type_is_one_or_none(given, kept):
    assert content_type(given) == kept


def test_the_requester_comes_first_and_then_who_appears_first():
    people = tuple(Address(name="", email=f"{99 - n}@example.net") for n in range(99))
    found = ticket(replace(PLAIN, sender=Address(name="Zoe", email="zoe@example.org"), to=people))
    assert found.participants == {"zoe@example.org", *(f"{99 - n}@example.net" for n in range(49))}


@pytest.mark.parametrize(
    ("verdicts", "others"), [({}, {"bo@example.net"}), ({"dmarc": "GRAY"}, set()), ({"dmarc": "FAIL"}, set())]
)
def test_whom_else_a_mail_names_takes_part_only_if_the_mail_passed_dmarc(verdicts, others):
    mail = replace(PLAIN, cc=(Address(name="", email="Bo@example.net"),))
    assert ticket(mail, **verdicts).participants == {"mia@example.org", *others}


@pytest.mark.parametrize("sender", [None, Address(name="Zoe", email=""), Address(name="", email="zoe")])
def test_without_an_address_in_from_the_envelopes_sender_asks(sender):
    found = new_ticket(
        received(source="Zoe@example.org"),
        replace(PLAIN, sender=sender),
        number=1,
        mailbox="support@acme.test",
        tokens=TOKENS,
        own=set(),
    )
    assert (found.requester, found.requester_name) == ("zoe@example.org", sender.name if sender else "")


def test_nobody_known_is_unknown():
    found = new_ticket(
        received(source=""),
        replace(PLAIN, sender=None),
        number=1,
        mailbox="support@acme.test",
        tokens=TOKENS,
        own=set(),
    )
    assert found.requester == "unknown"
