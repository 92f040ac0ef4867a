import pytest

from cli.deliver import envelope_sender


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (b"Return-Path: <a@example.org>\r\nFrom: b@example.org\r\n\r\n", "a@example.org"),
        (b"Return-Path: <>\nFrom: Mail Delivery <mailer-daemon@example.org>\n\n", ""),
        (b"From: =?utf-8?q?M=C3=BCller=2C_Mia?= <mia@example.org>\n\n", "mia@example.org"),
        (b"From: Mia <mia@example.org>, Bob <bob@example.org>\n\n", "mia@example.org"),
        (b"From: \xff\xfe <mia@example.org>\n\n", "mia@example.org"),
        (b"Subject: nobody\n\n", ""),
        (b"", ""),
    ],
)
def test_the_envelope_sender_is_the_return_path_or_the_author(raw, sender):
    assert envelope_sender(raw) == sender
