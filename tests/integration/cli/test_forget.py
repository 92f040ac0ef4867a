from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError

from cli import erase as module
from cli.deployment import Deployment
from lambdas.feedback import ses_event
from lambdas.feedback.record import learned
from lambdas.shared.messages import Messages, Outgoing
from lambdas.shared.recipients import Recipients, Suppression
from lambdas.shared.tickets.change import acted, received
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Attachment
from lambdas.shared.tokens.make import token_id
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MIA, BO = "mia@example.org", "bo@example.net"
FILE = Attachment(filename="a.txt", content_type="text/plain", size=1, key="")


def table(name):
    return boto3.resource("dynamodb").Table(name)


def everything():
    """All items of all tables, and the bucket's keys."""
    items = [item for name in ("tickets", "messages", "recipients", "tokens") for item in table(name).scan()["Items"]]
    return items, sorted(
        entry["Key"] for entry in boto3.client("s3").list_objects_v2(Bucket="mail").get("Contents", [])
    )


def mailed(id, to, ticket=None):
    messages = Messages(table("messages"))
    outgoing = Outgoing(id=id, recipient=to, stream="transactional", template="t", fingerprint="f", ticket=ticket)
    messages.claim(outgoing, "Hi", NOW, 600, from_domain="acme.test")
    messages.sent(id, f"ses-{id}", NOW)


def stored(*keys):
    for key in keys:
        boto3.client("s3").put_object(Bucket="mail", Key=key, Body=b"x")


class Ses:
    """SES's own list, which moto lacks."""

    def __init__(self):
        self.listed = {}

    def get_suppressed_destination(self, EmailAddress):  # noqa: N803 - boto3's spelling
        if EmailAddress not in self.listed:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetSuppressedDestination")
        return {"SuppressedDestination": {"Reason": self.listed[EmailAddress]}}


@pytest.fixture(autouse=True)
def ses(monkeypatch):
    ses, client = Ses(), Deployment.client
    monkeypatch.setattr(Deployment, "client", lambda self, name: ses if name == "sesv2" else client(self, name))
    return ses


@pytest.fixture
def store(account):
    return Tickets(table("tickets"))


@pytest.fixture
def of_both(store):
    """Ticket 1 is Mia's, and Bo wrote there too; ticket 2 is Bo's, and Mia takes part."""
    mia = replace(MESSAGE, message_id="m1@x", attachments=(replace(FILE, key="attachments/ses-1/0"),))
    store.open(replace(TICKET, participants=frozenset({MIA, BO})), mia, DELIVERY, ["root@x"])
    bo = replace(MESSAGE, id="ses-2", sender=BO, sender_name="Bo", message_id="b1@x", raw_key="raw/ses-2")
    store.add(received(store.get(1), bo), bo, replace(DELIVERY, ses_id="ses-2", sender=BO))
    other = replace(TICKET, number=2, requester=BO, requester_name="Bo", participants=frozenset({MIA, BO}))
    other = replace(other, token="t2", team_token="u2", assignee=MIA, search="parcel bo")
    said = replace(bo, id="ses-3", message_id="b2@x", text=f"Ask {MIA}.", reply=f"Ask {MIA}.", raw_key="raw/ses-3")
    store.open(other, said, replace(DELIVERY, ses_id="ses-3", sender=BO, ticket=2))
    hers = replace(mia, id="ses-4", message_id="m2@x", reply="My secret.", text="My secret.", raw_key="raw/ses-4")
    hers = replace(hers, sender="Mia@Example.org", attachments=(replace(FILE, key="attachments/ses-4/0"),))
    store.add(received(store.get(2), hers), hers, replace(DELIVERY, ses_id="ses-4", ticket=2))
    answer = replace(MESSAGE, id="a1", kind="answer", sender="ann", sender_name="", recipients=(BO, MIA), raw_key="")
    store.act(acted(store.get(2), answer), answer)
    stored("raw/ses-1", "raw/ses-2", "raw/ses-3", "raw/ses-4", "attachments/ses-1/0", "attachments/ses-4/0")


@pytest.fixture
def more(store):
    """A mail of Mia's among the spam, mail to her, a link, and Bo's mail."""
    store.set_aside(replace(DELIVERY, ses_id="ses-5", outcome="spam", ticket=None, raw_key="raw/ses-5"))
    mailed("to-mia", "Mia@example.org")
    mailed("to-bo", BO)
    mailed("to-bo-of-1", BO, ticket="1")
    table("tokens").put_item(Item={"id": token_id("verification", MIA), "email": MIA})
    stored("raw/ses-5", "raw/ses-51", "outgoing/to-mia/0", "outgoing/to-bo/0")


def test_it_is_shown_and_nothing_erased(run, of_both, more):
    before = everything()
    assert run("forget", "Mia@example.org") == [
        "mia@example.org",
        "tickets               1 (asked for by the person)",
        "in tickets of others  2 (takes part, or is named)",
        "mails that came       3",
        "mails that went out   2 with 2 events",
        "links and codes       1",
        "files                 7 in the mail bucket",
        "",
        "What others wrote in tickets 2 stays without the address, and may quote the",
        "person; so do their mails as they came, until the setting raw_mail_days takes",
        "them.",
        "",
        "Nothing is erased yet: say it again with --yes.",
    ]
    assert everything() == before


def test_all_of_a_person_is_erased_and_nothing_of_others(run, of_both, more, store):
    told = run("forget", MIA, "--yes", "--json")
    assert told["found"]["tickets"] == [1]
    assert told["found"]["shared_tickets"] == [2]
    counts = told["erased"]
    assert (counts["tickets"], counts["messages"], counts["received"], counts["mails"]) == (1, 3, 3, 2)
    assert (counts["tokens"], counts["entries"], counts["objects"], counts["waiting"]) == (1, 0, 7, 0)
    items, keys = everything()
    assert "mia" not in str(items).lower()
    assert "secret" not in str(items)
    assert keys == ["outgoing/to-bo/0", "raw/ses-3", "raw/ses-51"]
    assert store.get(1) is None
    left = store.get(2)
    assert (left.participants, left.assignee, left.requester) == ({BO}, None, BO)
    assert "secret" not in left.search
    assert [(m.sender, m.reply, m.recipients) for m in sorted(store.messages(2), key=lambda m: m.id)] == [
        ("ann", "Text", (BO,)),
        (BO, "Ask (erased).", ()),
        ("(erased)", "(erased)", ()),
    ]
    assert [item["id"] for item in items if item.get("template")] == ["to-bo"]
    assert not [item for item in items if item.get("sk") == "REF" and item["ticket"] == 1]


def test_a_mail_of_another_application_that_went_to_others_too_stays_without_the_person(run, account):
    def happened(kind, name, to, **facts):
        part = {"timestamp": "2026-11-21T10:00:01.000Z", "recipients": to, "feedbackId": "fb1", **facts}
        part["bouncedRecipients"] = [{"emailAddress": one, "diagnosticCode": f"550 <{one}>? No {BO}x"} for one in to]
        mail = {"messageId": "s1", "timestamp": "2026-11-21T10:00:00.000Z", "source": "a@acme.test"}
        mail["destination"] = ["Mia@example.org", BO, f"x{MIA}"]
        event = ses_event.happened({"eventType": kind, name: part, "mail": mail})
        Messages(table("messages")).happened("ses-s1", event.happening, learned(event))

    happened("Delivery", "delivery", ["Mia@example.org"])
    happened("Delivery", "delivery", [BO])
    happened("Bounce", "bounce", ["Mia@example.org"], bounceType="Permanent")
    happened("Bounce", "bounce", [f"x{MIA}"], bounceType="Permanent", feedbackId="fb2")
    told = run("forget", MIA, "--yes", "--json")
    assert (told["found"]["mails"], told["found"]["shared_mails"], told["erased"]["shared_mails"]) == (
        [],
        ["ses-s1"],
        1,
    )
    left = Messages(table("messages")).get("ses-s1")
    assert left.recipient == f"(erased), {BO}, x{MIA}"
    assert [(one.kind, one.facts.get("diagnostic")) for one in left.timeline] == [
        ("Send", None),
        ("Bounce", f"550 <(erased)>? No {BO}x"),
        ("Bounce", f"550 <x{MIA}>? No {BO}x"),
        ("Delivery", None),
    ]
    assert run("forget", MIA) == ["mia@example.org", "There is nothing to erase."]
    run("forget", f"x{MIA}", "--yes")
    assert Messages(table("messages")).get("ses-s1").recipient == f"(erased), {BO}, (erased)"
    assert run("forget", BO, "--json")["found"]["mails"] == ["ses-s1"]
    run("forget", BO, "--yes")
    assert table("messages").scan()["Items"] == []


def test_a_second_run_finds_nothing(run, of_both, more):
    run("forget", MIA, "--yes")
    before = everything()
    assert run("forget", MIA, "--yes") == ["mia@example.org", "There is nothing to erase."]
    assert everything() == before


def test_a_run_that_was_broken_off_is_gone_on_with(run, of_both, more, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(module, "unrefer", lambda *_: 1 / 0)
        run("forget", MIA, "--yes", status=1)
    run("forget", MIA, "--yes")
    assert "mia" not in str(everything()[0]).lower()


def test_that_nobody_mails_an_address_is_kept_and_said(run, account, ses):
    why = {"scope": "all", "reason": "permanent bounce (General)", "message_id": "m", "evidence": "e", "by": "feedback"}
    Recipients(table("recipients")).suppress(MIA, Suppression(**why, at="2026-11-20T10:00:00.000Z"))
    ses.listed[MIA] = "BOUNCE"
    mailed("to-mia", MIA)
    told = run("forget", MIA, "--yes", "--json")
    assert told["kept"] == [
        "Kept: no mail goes to the address since 2026-11-20 10:00:00 UTC (permanent bounce (General)). Without this it "
        "would be mailed again.",
        "Kept: the address is on SES's own list of those not mailed (BOUNCE); `mailroom unsuppress` takes it off.",
        "The tables' backups hold what was erased until it is 35 days old (point-in-time recovery).",
    ]
    assert Recipients(table("recipients")).get(MIA).suppressions
    assert table("messages").scan()["Items"] == []
    assert run("forget", MIA, "--json")["erased"] is None


def test_an_entry_that_forbids_nothing_is_erased(run, account):
    table("recipients").put_item(Item={"address": MIA})
    run("forget", MIA, "--yes")
    assert table("recipients").scan()["Items"] == []


def test_a_mail_that_is_on_its_way_is_left_and_said(run, account):
    outgoing = Outgoing(id="m1", recipient=MIA, stream="transactional", template="t", fingerprint="f")
    Messages(table("messages")).claim(outgoing, "Hi", datetime.now(UTC), 600, from_domain="acme.test")
    told = run("forget", MIA, "--yes", "--json")
    assert (told["erased"]["mails"], told["erased"]["waiting"]) == (0, 1)
    assert "Left: 1 mails are on their way. Say it again once they have gone out." in told["kept"]


@pytest.mark.parametrize(("status", "left"), [(200, []), (409, ["m1"])])
def test_a_scheduled_mail_is_taken_back_first(run, account, monkeypatch, status, left):
    asked = []

    def call(deployment, method, path):
        asked.append((method, path))
        return type("Answer", (), {"status": status})

    monkeypatch.setattr(module, "call", call)
    outgoing = Outgoing(id="m1", recipient=MIA, stream="transactional", template="t", fingerprint="f")
    Messages(table("messages")).schedule(outgoing, datetime(2099, 1, 1, tzinfo=UTC), NOW)
    run("forget", MIA, "--yes")
    assert asked == [("DELETE", "/messages/m1")]
    assert [item["id"] for item in table("messages").scan()["Items"]] == left


def test_who_writes_at_the_same_time_is_not_hindered(run, of_both, store, monkeypatch):
    rewrite = module.rewrite

    def late(table, ticket, messages):
        monkeypatch.setattr(module, "rewrite", rewrite)
        note = replace(
            MESSAGE,
            id="n1",
            kind="note",
            sender="ann",
            sender_name="",
            text=f"Call {MIA}",
            reply=f"Call {MIA}",
            raw_key="",
        )
        store.act(acted(store.get(2), note), note)
        rewrite(table, ticket, messages)

    monkeypatch.setattr(module, "rewrite", late)
    run("forget", MIA, "--yes")
    assert [m.reply for m in store.messages(2) if m.id == "n1"] == ["Call (erased)"]
    assert "mia" not in str(everything()[0]).lower()


def test_another_address_that_ends_or_begins_alike_is_somebody_else(run, store):
    other = replace(MESSAGE, text=f"x{MIA} {MIA}.uk anna-{MIA}", sender=BO)
    store.open(replace(TICKET, requester=BO, participants=frozenset({BO})), other, replace(DELIVERY, sender=BO))
    assert run("forget", MIA) == ["mia@example.org", "There is nothing to erase."]


def test_a_mailbox_is_no_person_and_a_word_no_address(run, of_both):
    assert run("forget", "support@acme.test", status=1) == (
        "Error: support@acme.test is a mailbox of this stage, and no person.\n"
    )
    assert "mia is no address." in run("forget", "mia", status=2)
