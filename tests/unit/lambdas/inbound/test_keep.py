import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.inbound.announce import notification
from lambdas.inbound.keep import asked, content, content_type, cut, message, new_ticket, stored
from lambdas.inbound.team import answer, not_sent, note, report
from lambdas.inbound.thread import participants
from lambdas.shared.mail.mail import Address
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.events import message_event
from lambdas.shared.tickets.items import message_item, ticket_item
from tests.ticket_values import DELIVERY
from tests.unit.lambdas.inbound.values import FILE, MAILBOX, PLAIN, received

AT = "2026-11-21T10:00:00.000Z"
# Any text that a mail can hold, as long as it likes: a few characters, many times.
ANY = st.builds(lambda piece, times: piece * times, st.text(max_size=3), st.integers(1, 150_000))
LONG = [character * 150_000 for character in ("a", "\x01", '"', "é", "漢", "😀")]


def ticket(mail, others=(), **changes):
    return new_ticket(asked(received(**changes), mail), AT, number=1, mailbox="support@acme.test", others=others)


def kept(mail, files=(), doubts=()):
    return message(received(), mail, asked(received(), mail), files, doubts)


def event(opened, said):
    return message_event(opened, said, id=said.id, status=opened.status)


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
    opened = ticket(mail, participants(mail, {"support@acme.test"}))
    said = kept(mail, stored(received(), mail))
    assert size(message_item(1, said)) < 400 * 1024
    assert size(ticket_item(opened)) < 400 * 1024
    told = [event(opened, said), notification(opened, said, MAILBOX, "ann@acme.test", "opened")]
    asked_for = (note, report) if not_sent(received(), mail, opened) else (answer,)
    asks = [make(DELIVERY, received(), mail) for make in asked_for]
    for detail in (*told, *asks):
        assert len(json.dumps(detail, ensure_ascii=False).encode()) < 255 * 1024


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
    said = kept(mail)
    assert (said.text, said.reply, said.subject) == ("é" * 50_000, "漢" * 33_333, "s" * 1_000)


def test_of_very_many_attachments_the_rest_stays_in_the_mail_and_is_counted():
    mail = replace(PLAIN, attachments=(FILE,) * 212)
    files = stored(received(), mail)
    assert (len(files), files[199].key) == (200, "attachments/ses-1/199")
    assert kept(mail, files).flags == ("12 more attachments, only in the raw mail",)
    assert len(event(ticket(mail), kept(mail, files))["message"]["attachments"]) == 50


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
    found = ticket(
        replace(PLAIN, sender=Address(name="Zoe", email="zoe@example.org")), [f"{99 - n}@x" for n in range(99)]
    )
    assert found.participants == {"zoe@example.org", *(f"{99 - n}@x" for n in range(49))}


@pytest.mark.parametrize("sender", [None, Address(name="Zoe", email=""), Address(name="", email="zoe")])
def test_without_an_address_in_from_the_envelopes_sender_asks(sender):
    found = ticket(replace(PLAIN, sender=sender), source="Zoe@example.org")
    assert (found.requester, found.requester_name) == ("zoe@example.org", sender.name if sender else "")


def test_nobody_known_is_unknown():
    assert ticket(replace(PLAIN, sender=None), source="").requester == "unknown"


def test_two_tickets_have_no_token_in_common():
    tokens = {token for _ in range(20) for found in [ticket(PLAIN)] for token in (found.token, found.team_token)}
    assert len(tokens) == 40


def test_what_is_doubtful_is_flagged_and_nothing_else():
    mail = replace(PLAIN, attachments=())
    assert kept(mail, doubts=["", "answers ticket 7"]).flags == ("answers ticket 7",)


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": Address(name="", email="eve@x.test")},
        {"subject": "Hi!"},
        {"date": "2026-11-21T10:00:00+00:00"},
        {"text": "Text."},
        {"html": "<p>Text</p>"},
        {"attachments": (FILE,)},
        {"subject": "HiText", "text": ""},
    ],
)
def test_a_mail_with_another_content_is_no_copy(changed):
    assert content(replace(PLAIN, **changed), AT) != content(PLAIN, AT)


def test_a_copy_has_the_same_content_whatever_was_written_on_top_of_it():
    raw = b"From: Mia <mia@example.org>\r\nTo: support@acme.test\r\nSubject: Hi\r\n\r\nText"
    other = b"Received: by mx.example.org; Sat, 21 Nov 2026 10:00:00 +0000\r\n" + raw
    encoded = raw.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n").replace(b"Text", b"VGV4dA==")
    assert content(parse(raw), AT) == content(parse(other), AT) == content(parse(encoded), AT)


def test_what_has_neither_id_nor_date_is_the_same_mail_within_a_day_only():
    assert (
        content(PLAIN, AT) == content(PLAIN, "2026-11-21T23:59:59.999Z") != content(PLAIN, "2026-11-22T00:00:00.000Z")
    )
    dated = replace(PLAIN, date="Sat, 21 Nov 2026 10:00:00 +0000")
    assert content(dated, AT) == content(dated, "2026-11-22T00:00:00.000Z")
