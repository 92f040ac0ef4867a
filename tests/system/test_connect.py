"""Tickets go to Jira, to Zendesk and to a webhook, and what is said there comes back to whoever wrote."""

import json
import math
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from urllib.error import HTTPError

import pytest

from lambdas.connect.adf_text import plain
from local.outside import until
from local.standins.there import There
from local.standins.webhooks import here

SHOP, TRAVEL = "shop@acme.test", "travel@acme.test"
SECRETS = {"token": "a-token", "webhook_secret": "what both know"}
KINDS = ("TicketOpened", "TicketReplied", "TicketAnswered", "TicketNoted", "TicketStatusChanged", "TicketClosed")


def mail(sender, subject, text, *, again=0, file=b""):
    """A customer's mail, or the next of the same."""
    known = [f"<{sender}-{number}@mail.example>" for number in range(again + 1)]
    fields = {"From": f"Kira Kunde <{sender}>", "To": SHOP, "Subject": subject, "Message-ID": known[-1]}
    fields |= {"In-Reply-To": known[0], "References": " ".join(known[:-1])} if again else {}
    fields |= {"Date": "Sun, 22 Nov 2026 10:00:00 +0000", "MIME-Version": "1.0"}
    body = f"\r\n{text}\r\n"
    if file:
        fields["Content-Type"] = "multipart/mixed; boundary=0"
        attached = 'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="order.csv"\r\n\r\n'
        body = f"\r\n--0\r\n{body}\r\n--0\r\n{attached}{file.decode()}\r\n--0--\r\n"
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + body.encode()


@dataclass(frozen=True)
class Seen:
    """A ticket there, as both systems have it. `comments` are (text, public), without the text it was opened with."""

    id: str
    text: str
    requester: str
    files: list
    comments: list
    status: str


def in_jira(there, subject):
    for issue in there.tickets:
        if issue["fields"]["summary"] == subject:
            text, files = plain(issue["fields"]["description"]), [file["filename"] for file in issue["attachments"]]
            comments = [(unmarked(plain(each["body"])), each["jsdPublic"]) for each in issue["comments"]]
            requester = text.splitlines()[0].removeprefix("From: ")
            return Seen(issue["id"], text, requester, files, comments, issue["status"])
    return None


def in_zendesk(there, subject):
    state = there.state
    for ticket in state["tickets"]:
        if ticket["subject"] == subject:
            [user] = [user for user in state["users"] if user["id"] == ticket["requester_id"]]
            first, *rest = ticket["comments"]
            files = [file["file_name"] for file in first["attachments"]]
            requester = f"{user['name']} <{user['email']}>"
            comments = [(unmarked(each["body"]), each["public"]) for each in rest]
            return Seen(str(ticket["id"]), first["body"], requester, files, comments, ticket["status"])
    return None


def unmarked(text):
    return text.partition("\n\nMailroom-Ref: ")[0]


@dataclass(frozen=True)
class System:
    """A ticket system: the mailbox that feeds it, and how a person solves a ticket there with a comment."""

    name: str
    mailbox: str
    seen: Callable
    solve: Callable
    solved: str
    agent: str


def in_two_steps(there, id, text):
    """In Jira somebody comments, and moves the issue."""
    there.turn("comment", {"id": id, "text": text})
    there.turn("status", {"id": id, "status": "Done"})


def at_once(there, id, text):
    """In Zendesk somebody submits a comment as solved."""
    there.turn("comment", {"id": id, "text": text, "status": "solved"})


JIRA = System("jira", SHOP, in_jira, in_two_steps, "Done", "Ann Agent (jira)")
ZENDESK = System("zendesk", TRAVEL, in_zendesk, at_once, "solved", "Zendesk user 2 (zendesk)")


@pytest.fixture(scope="module")
def standins(outside, mailroom):
    """Of Jira, Zendesk and the webhook, with the secrets that an operator gives to both sides."""
    known = {name: There(base) for name, base in outside.aws.standins.items()}
    for each in mailroom("connect", "status", "--json")["destinations"]:
        name = each["name"]
        if name == "hook":
            known[name].turn("secret", {"secret": mailroom("connect", "set", name, "--json")["secret"]})
            known[name].fail("after")  # the first event is taken, and not answered as if it were
        else:
            mailroom("connect", "set", name, "--email", "mailroom@acme.test", "--json", given=json.dumps(SECRETS))
            known[name].turn("webhook", own_hook(outside, name))
        mailroom("connect", "resume", name, "--json")  # the first poll may have found it without a secret
    return known


def own_hook(outside, name):
    return {"url": f"{outside.outputs['PagesUrl']}/hooks/{name}", "secret": SECRETS["webhook_secret"]}


@pytest.fixture
def opened(outside, standins):
    """Delivers a customer's first mail; gives the number of its ticket, and the ticket there."""

    def open_ticket(system, sender, subject, text="Where is it?", **more):
        outside.deliver(mail(sender, subject, text, **more), sender=sender, recipients=[system.mailbox])
        there = until(lambda: system.seen(standins[system.name], subject), f"{subject!r} in {system.name}")
        return number_of(sender), there

    def number_of(sender):
        events = outside.heard("TicketOpened")
        return next(event["ticket"] for event in events if event["requester"]["email"] == sender)

    return open_ticket


@pytest.fixture
def ticket(mailroom):
    return lambda number: mailroom("ticket", "show", str(number), "--json")


def said(ticket):
    """What people said in a ticket of ours: (kind, by whom, the text)."""
    found = [(each["kind"], each["sender"], each["reply"]) for each in ticket["messages"]]
    return [each for each in found if each[0] != "change"]


def own_comment(sender, text):
    return f"Kira Kunde <{sender}> wrote:\n\n{text}", True


def past(moment):
    return lambda: time.time() >= math.ceil(moment)


@pytest.mark.parametrize("system", [JIRA, ZENDESK], ids=lambda system: system.name)
def test_a_ticket_is_answered_noted_and_solved_elsewhere(outside, standins, mailroom, opened, ticket, system):
    assert mailroom("connect", "test", system.name, "--json")["wrong"] == []
    kira, subject, there = f"kira@{system.name}.example", f"Order for {system.name}", standins[system.name]
    number, first = opened(system, kira, subject, file=b"item;1\r\n")
    seen = lambda: system.seen(there, subject)  # noqa: E731
    assert "Where is it?" in first.text
    assert (first.requester, first.comments) == (f"Kira Kunde <{kira}>", [])
    assert until(lambda: seen().files, "the attachment") == ["order.csv"]
    outside.deliver(mail(kira, f"Re: {subject}", "It is urgent.", again=1), sender=kira, recipients=[system.mailbox])
    until(lambda: seen().comments == [own_comment(kira, "It is urgent.")], "the second mail as a comment")

    until(past(time.time()), "the next second: Zendesk's times have no fractions")
    there.turn("comment", {"id": first.id, "text": "She is right.", "public": False})
    system.solve(there, first.id, "It left today.")
    [sent] = until(lambda: outside.mail_to(kira), "the answer")
    assert sent.subject == f"Re: {subject} [#{number}]"
    assert sent.mail["From"].endswith(f"<{system.mailbox}>")
    assert sent.mail["In-Reply-To"] == f"<{kira}-1@mail.example>"
    assert sent.mail["References"] == f"<{kira}-0@mail.example> <{kira}-1@mail.example>"
    assert "It left today." in sent.text
    assert "She is right." not in sent.text
    until(lambda: ticket(number)["status"] == "solved", "solved there, and so here")
    assert said(ticket(number)) == [
        ("mail", kira, "Where is it?"),
        ("mail", kira, "It is urgent."),
        ("note", system.agent, "She is right."),
        ("answer", system.agent, "It left today."),
    ]
    until(lambda: seen().status == system.solved, "and there it stays")
    assert seen().comments == [
        own_comment(kira, "It is urgent."),
        ("She is right.", False),
        ("It left today.", True),
    ]
    assert len(outside.mail_to(kira)) == 1


def poll(outside):
    """What the schedule asks every five minutes."""
    asked = {"id": "now", "detail-type": "PollDestinations", "time": "2026-11-22T10:00:00.000Z", "detail": {}}
    outside.client("sqs").send_message(QueueUrl=outside.outputs["ConnectQueue"], MessageBody=json.dumps(asked))


def read_once(outside, number):
    link = outside.table("TicketsTable").get_item(Key={"pk": f"TICKET#{number}", "sk": "LINK#jira"})["Item"]
    return link.get("looked") and "holder" not in link


def test_where_no_webhook_comes_a_poll_finds_what_is_new(outside, standins, opened):
    standins["jira"].turn("webhook", None)
    number, there = opened(JIRA, "luis@example.org", "A poll")
    until(lambda: read_once(outside, number), "what was done on opening it has found nothing")
    standins["jira"].turn("comment", {"id": there.id, "text": "Found by asking."})
    poll(outside)
    [sent] = until(lambda: outside.mail_to("luis@example.org"), "the answer")
    standins["jira"].turn("webhook", own_hook(outside, "jira"))
    assert "Found by asking." in sent.text
    assert f"[#{number}]" in sent.subject


def test_a_paused_destination_keeps_no_other_from_its_events(outside, standins, mailroom, opened, ticket):
    jira, hook = standins["jira"], standins["hook"]
    jira.turn("token", {"token": "another"})
    [wrong] = mailroom("connect", "test", "jira", "--json", status=1)["wrong"]
    assert "the API token is wrong" in wrong
    outside.deliver(mail("mona@example.org", "Paused", "Hi"), sender="mona@example.org", recipients=[SHOP])
    until(lambda: "the API token is wrong" in health(mailroom)["jira"]["reason"], "jira is paused")
    until(lambda: "mona@example.org" in json.dumps(hook.state["events"]), "the webhook is told")
    assert not health(mailroom)["hook"]["paused_at"]
    assert in_jira(jira, "Paused") is None

    jira.turn("token", {"token": SECRETS["token"]})
    assert mailroom("connect", "test", "jira", "--json")["wrong"] == []
    assert mailroom("connect", "resume", "jira", "--json")["resumed"]
    number = next(each["ticket"] for each in outside.heard("TicketOpened") if each["subject"] == "Paused")
    mailroom("connect", "resync", str(number), "--json")
    until(lambda: in_jira(jira, "Paused"), "the issue is made")


def health(mailroom):
    return {each["name"]: each["health"] for each in mailroom("connect", "status", "--json")["destinations"]}


def test_an_issue_that_was_deleted_is_told_on_its_ticket(standins, opened, ticket):
    number, there = opened(JIRA, "nino@example.org", "To be deleted")
    standins["jira"].turn("delete", {"id": there.id})
    until(lambda: ticket(number)["elsewhere"][0]["gone"], "the ticket knows")
    [(kind, by, text)] = until(lambda: said(ticket(number))[1:], "a note")
    assert (kind, by) == ("note", "mailroom")
    assert "is not there any more, so jira gets no more of this ticket" in text


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [
        ("jira", {"X-Hub-Signature": "sha256=" + 64 * "0"}, 401),
        ("jira", {}, 401),
        ("zendesk", {"X-Hub-Signature": "sha256=" + 64 * "0"}, 401),
        ("hook", {}, 404),
    ],
)
def test_a_webhook_that_is_not_signed_is_turned_away(outside, standins, name, headers, status):
    url, host = here(f"{outside.outputs['PagesUrl']}/hooks/{name}")
    request = urllib.request.Request(url, b'{"issue": {"id": "10001"}}', {"Host": host, **headers}, method="POST")
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with closing(refused.value):
        assert refused.value.status == status


def test_the_webhook_is_told_once_of_every_event_of_its_mailbox(outside, standins):
    """In whatever order: each is tried by itself. One was answered as if it had not been taken."""

    def put():
        return sorted((kind, each["id"]) for kind in KINDS for each in outside.heard(kind) if each["mailbox"] == SHOP)

    def told():
        return sorted((each["event"]["type"], each["event"]["data"]["id"]) for each in standins["hook"].state["events"])

    until(lambda: told() == put(), "all have been told")
    assert len({kind for kind, _ in told()}) == 5
    assert list(standins["hook"].state["repeats"].values()) == [1]
    assert standins["hook"].state["refused"] == []


def test_nothing_was_asked_or_answered_that_the_descriptions_do_not_allow(standins):
    assert [there.state["wrong"] for there in standins.values()] == [[], [], []]
