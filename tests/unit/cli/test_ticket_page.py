import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cli.ticket_page import ticket_page
from lambdas.shared.tickets.ticket import Attachment
from tests import ticket_values

MAILS = Path(__file__).parents[2] / "mail"
TICKET = replace(
    ticket_values.TICKET,
    number=7,
    subject="Broken <b>lamp</b> \x1b[31m",
    requester_name='Mia "M" Keller',
    participants=frozenset({"mia@example.org", "tom@example.net"}),
    token="secret-token",
    team_token="team-secret",
    created_at="2026-11-03T20:12:00+00:00",
    updated_at="2026-11-04T07:01:10+00:00",
    tags=frozenset({"lamp", "urgent"}),
)
MESSAGE = replace(
    ticket_values.MESSAGE,
    id="m-1",
    at="2026-11-03T20:12:00+00:00",
    subject="Broken lamp",
    text="The lamp is broken.\n> quoted",
    reply="The lamp is broken.",
    raw_key="",
)


def message(**fields):
    return replace(MESSAGE, **fields)


def page(*messages, mails=None, remote=False):
    def raw(key):
        name = (mails or {}).get(key)
        return name and (MAILS / f"{name}.eml").read_bytes()

    return ticket_page(
        TICKET, messages, raw, lambda file: f"https://bucket.example/{file.key}?X-Amz&x=1", remote=remote
    )


class Read(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.title = [], "", ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.lasttag == "title":
            self.title += data
        elif self.lasttag != "style":
            self.text += data

    def every(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def policy(html):
    [content] = [meta["content"] for meta in Read(html).every("meta") if "http-equiv" in meta]
    return content


def test_the_page_says_what_the_ticket_is_and_not_its_tokens():
    html = page(message())
    read = Read(html)
    assert read.title.strip() == "Ticket 7: Broken <b>lamp</b> \\x1b[31m"
    assert 'Mia "M" Keller <mia@example.org>' in read.text
    assert "lamp, urgent" in read.text
    assert "2026-11-04 07:01:10 UTC" in read.text
    assert "secret" not in html


def test_messages_stand_in_their_order_each_with_its_sender_and_text():
    note = message(id="m-2", kind="note", sender="ann@acme.test", sender_name="Ann", text="", reply="Ask <Tom>\u202e?")
    change = message(id="m-3", kind="change", sender="ann@acme.test", text="", reply="", before="open", after="solved")
    text = Read(page(message(), note, change)).text
    shown = ["The lamp is broken.\n> quoted", "Ann <ann@acme.test>", "Ask <Tom>\\u202e?", "open → solved"]
    assert [text.count(part) for part in shown] == [1, 1, 1, 1]
    assert sorted(shown, key=text.index) == shown


def test_html_mail_is_shown_as_html_with_its_own_images():
    read = Read(page(message(raw_key="raw/1"), mails={"raw/1": "apple-mail-reply-inline-image"}))
    [image] = read.every("img")
    assert re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/=]{90,100}", image["src"])
    assert "Here is a picture of it:" in read.text
    assert "The lamp is broken" not in read.text


@pytest.mark.parametrize("mails", [{"raw/1": None}, {"raw/1": "gmail-forward"}, {"raw/1": "truncated-unreadable"}])
def test_text_is_shown_of_a_mail_that_is_gone_or_has_no_html(mails):
    assert "The lamp is broken.\n> quoted" in Read(page(message(raw_key="raw/1"), mails=mails)).text


def test_attachments_are_listed_with_their_links():
    file = Attachment(filename='lamp".png', content_type="image/png", size=70, key="attachments/1/0")
    read = Read(page(message(attachments=(file,))))
    [link] = read.every("a")
    assert link["href"] == "https://bucket.example/attachments/1/0?X-Amz&x=1"
    assert 'lamp".png' in read.text
    assert "image/png, 70 bytes" in read.text


def test_a_hostile_mail_brings_no_element_and_no_address_of_its_own():
    html = page(message(raw_key="raw/1", flags=("DMARC failed",)), mails={"raw/1": "hostile-html"})
    read = Read(html)
    assert "Hello, this is what a person reads." in read.text
    assert "DMARC failed" in read.text
    assert "Not shown: 6 remote images." in read.text
    assert "tracker.example" not in html
    assert "owned" not in html
    assert [image["src"][:22] for image in read.every("img") if "src" in image] == ["data:image/png;base64,"]
    assert {tag for tag, _ in read.tags} & {
        "script",
        "iframe",
        "form",
        "object",
        "embed",
        "svg",
        "link",
        "base",
    } == set()
    assert [name for _, attributes in read.tags for name in attributes if name.startswith("on")] == []


def test_the_policy_forbids_all_but_styles_and_images():
    rest = "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
    assert policy(page(message())) == f"default-src 'none'; img-src data:; {rest}"
    assert policy(page(message(), remote=True)) == f"default-src 'none'; img-src data: https:; {rest}"


def test_remote_images_are_kept_where_they_are_asked_for():
    html = page(message(raw_key="raw/1"), mails={"raw/1": "hostile-html"}, remote=True)
    assert "http://tracker.example/image.gif" in html
    assert "Not shown" not in html
    assert "tracker.example/script.js" not in html
