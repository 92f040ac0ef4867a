import boto3
import pytest

from cli import inbound, wait
from lambdas.shared.tickets.table import Tickets
from tests.integration.cli.test_tickets import MESSAGE, TICKET, delivered
from tests.integration.records import drain


@pytest.fixture
def store(account, monkeypatch):
    monkeypatch.setattr(wait, "SECONDS", 0)
    boto3.client("s3").put_object(Bucket="mail", Key="raw/ses-7", Body=b"raw")
    return Tickets(boto3.resource("dynamodb").Table("tickets"))


@pytest.fixture
def handled(store, monkeypatch):
    """The function has handled the mail by the time that the command looks."""

    def put(deployment, kind, detail):
        store.open(TICKET, MESSAGE, delivered("ses-7", "ticket", ticket=7))
        store.announced("ses-7")
        return "id"

    monkeypatch.setattr(inbound, "put", put)


def asked():
    [command] = drain("queue")
    assert command.keys() == {"id", "detail-type", "time", "detail"}
    return command["detail-type"], command["detail"]


def test_a_mail_taken_for_spam_is_let_in(run, store):
    store.set_aside(delivered("ses-7", "spam"))
    said = run("inbound", "release", "ses-7", columns=200)
    assert said == [
        "Mail ses-7 is in the queue, and without an outcome after 15 seconds. `mailroom status` shows how the queue"
        " inbound gets on."
    ]
    assert asked() == ("ReleaseMail", {"ses_id": "ses-7"})


def test_what_became_of_a_released_mail_is_shown(run, store, handled):
    store.set_aside(delivered("ses-7", "spam"))
    assert run("inbound", "release", "ses-7") == ["Mail ses-7: ticket, ticket 7."]


def test_a_virus_is_let_in_only_by_that_word(run, store):
    store.set_aside(delivered("ses-7", "quarantined"))
    assert run("inbound", "release", "ses-7", status=1) == (
        "Error: SES found a virus in mail ses-7: let it in all the same with --virus.\n"
    )
    assert run("inbound", "release", "ses-7", "--virus", "--json") == {"ses_id": "ses-7", "mail": None}
    assert asked() == ("ReleaseMail", {"ses_id": "ses-7", "virus": True})


def test_a_mail_that_is_not_held_back_or_never_came_is_not_released(run, store):
    store.set_aside(delivered("ses-7", "bounce", reason="5.1.1"))
    assert run("inbound", "release", "ses-7", status=1) == "Error: Mail ses-7 is not held back: bounce (5.1.1).\n"
    assert run("inbound", "release", "x\x1b", status=1).startswith("Error: No mail x\\x1b has come: `mailroom tickets")
    assert drain("queue") == []


@pytest.mark.parametrize("key", ["raw/ses-7", "ses-7"])
def test_a_mail_without_an_outcome_is_handled_again(run, store, key):
    run("inbound", "retry", key)
    assert asked() == ("RetryMail", {"key": "raw/ses-7"})


def test_what_became_of_a_mail_that_was_handled_again_is_shown(run, store, handled):
    told = run("inbound", "retry", "raw/ses-7", "--json")
    assert (told["mail"]["outcome"], told["mail"]["ticket"]) == ("ticket", 7)


def test_a_mail_that_still_cannot_be_read_is_shown_as_that(run, store):
    store.set_aside(delivered("ses-7", "unreadable", reason="the mail is empty"))
    assert run("inbound", "retry", "raw/ses-7") == ["Mail ses-7: unreadable (the mail is empty)."]
    assert asked() == ("RetryMail", {"key": "raw/ses-7"})


def test_a_mail_with_an_outcome_is_left_alone_and_one_that_is_not_there_is_an_error(run, store):
    store.set_aside(delivered("ses-7", "spam", reason="SES takes it for spam", announced=True))
    assert run("inbound", "retry", "raw/ses-7") == ["Mail ses-7: spam (SES takes it for spam)."]
    assert run("inbound", "retry", "raw/none", status=1) == "Error: There is no mail raw/none in the bucket mail.\n"
    assert drain("queue") == []


def test_all_that_slipped_is_looked_for(run, store):
    assert run("inbound", "reconcile") == [
        "Asked for. What is found shows in `mailroom tickets` and `mailroom tickets",
        "--aside`.",
    ]
    assert asked() == ("Reconcile", {})
    assert run("inbound", "reconcile", "--json").keys() == {"command"}
