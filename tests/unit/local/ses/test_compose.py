from email import message_from_bytes
from email.policy import default

import pytest

from local.ses.compose import compose
from local.ses.errors import BadRequest
from tests.unit.local.ses.conftest import simple


def composed(**content):
    text = {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hello"}}}
    return compose(simple(Content={"Simple": {**text, **content}}))


def read(draft):
    return message_from_bytes(draft.encode(), policy=default)


def utf8(data):
    return {"Data": data, "Charset": "UTF-8"}


def test_text_alone_is_one_part():
    message = read(composed())
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == "Hello\r\n"
    assert (message["From"], message["To"], message["Subject"]) == ("Acme <hello@acme.test>", "mia@example.org", "Hi")


def test_text_and_html_are_alternatives_in_utf_8():
    message = read(
        composed(Subject=utf8("Grüße aus Köln " * 8), Body={"Text": utf8("Grüße"), "Html": utf8("<p>Grüße</p>")})
    )
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"
    assert message["Subject"] == ("Grüße aus Köln " * 8).rstrip() + " "
    assert message.defects == []


def test_attachments_stand_beside_and_inline_parts_with_the_html():
    attachments = [
        {"FileName": "a.pdf", "RawContent": b"%PDF"},
        {"FileName": "logo.png", "RawContent": b"png", "ContentDisposition": "INLINE", "ContentId": "logo"},
    ]
    message = read(composed(Body={"Text": utf8("x"), "Html": utf8("<img src='cid:logo'>")}, Attachments=attachments))
    assert message.get_content_type() == "multipart/mixed"
    (pdf,) = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type(), pdf.get_content()) == ("a.pdf", "application/pdf", b"%PDF")
    related = next(part for part in message.walk() if part.get_content_type() == "multipart/related")
    image = related.get_payload()[1]
    assert (image["Content-ID"], image.get_content_disposition()) == ("<logo>", "inline")


def test_headers_of_ones_own_go_out_as_they_are():
    headers = [{"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}]
    assert composed(Headers=headers).first("list-unsubscribe-post") == "List-Unsubscribe=One-Click"


def test_bcc_is_nobodys_business():
    parameters = simple()
    parameters["Destination"] |= {"CcAddresses": ["c@example.org"], "BccAddresses": ["b@example.org"]}
    draft = compose(parameters)
    assert draft.first("Cc") == "c@example.org"
    assert b"b@example.org" not in draft.encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"Headers": [{"Name": "Message-ID", "Value": "<a@b>"}]}, "Message-ID cannot be set here"),
        ({"Headers": [{"Name": "X-A", "Value": "ü"}]}, "not printable ASCII"),
        ({"Headers": [{"Name": "X-A", "Value": "a\r\nBcc: x@example.org"}]}, "not printable ASCII"),
        ({"Headers": [{"Name": "X: A", "Value": "a"}]}, "not printable ASCII"),
        ({"Headers": [{"Name": f"X-{n}", "Value": "a"} for n in range(16)]}, "more than 15 headers"),
        ({"Subject": {"Data": "a\r\nBcc: x@example.org"}}, "line break"),
        ({"Body": {}}, "neither text nor HTML"),
        ({"Body": {"Text": {"Data": "ü"}}}, "not us-ascii"),
    ],
)
def test_what_ses_refuses(content, message):
    with pytest.raises(BadRequest, match=message):
        composed(**content)
