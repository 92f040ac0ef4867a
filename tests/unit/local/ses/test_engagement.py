import dataclasses
import json

from local.ses.account import EventDestination
from local.ses.send import send_email
from tests.unit.local.ses.conftest import TOPIC, call, simple


def sent(ses, address):
    """What is told of the last mail to an address that was sent before."""
    ses.post.start()
    send_email(ses, call("SendEmail", **simple(address)))
    assert ses.post.wait(10)
    ses.aws.published.clear()


def told(ses):
    return [json.loads(message) for _, _, message, _ in ses.aws.published]


def tracked(ses):
    found = ses.account.configuration_sets["main"]
    asked = EventDestination(name="more", enabled=True, event_types=frozenset({"OPEN", "CLICK"}), to=TOPIC)
    more = dataclasses.replace(found, destinations={**found.destinations, "more": asked})
    ses.account.configuration_sets["main"] = more


def test_a_mail_is_opened_and_its_links_are_followed(ses):
    tracked(ses)
    sent(ses, "mia@example.org")
    ses.post.engage("Mia@example.org", bot="Likely")
    ses.post.engage("mia@example.org", link="https://acme.test/")
    opened, clicked = told(ses)
    details = {"ipAddress": "192.0.2.7", "timestamp": "2026-11-21T10:00:00.000Z", "userAgent": "Mozilla/5.0"}
    assert (opened["eventType"], opened["open"]) == ("Open", details | {"isBotEvent": "Likely"})
    assert (clicked["eventType"], clicked["click"]) == (
        "Click",
        details | {"isBotEvent": "Unlikely", "link": "https://acme.test/", "linkTags": None},
    )
    assert clicked["mail"]["destination"] == ["mia@example.org"]


def test_nobody_hears_of_it_where_no_destination_asks(ses):
    sent(ses, "mia@example.org")
    ses.post.engage("mia@example.org")
    assert told(ses) == []
