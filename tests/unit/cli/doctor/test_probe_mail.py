import pytest

from cli.doctor.probe_mail import authentication, signed

KEY, SES_ID = "raw/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1", "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"
H = "Content-Type:Date:From:To:Message-ID:Subject:List-Unsubscribe:List-Unsubscribe-Post:MIME-Version"


def mail(*, domain="acme.test", h=H, spf="pass", dmarc="pass", ses_id=SES_ID, sender="Acme <hello@acme.test>"):
    """As it lies in the bucket: on top what SES wrote when it came in, below what it wrote when it went out."""
    lines = [
        "Return-Path: <0102019a-0000@bounce.acme.test>",
        "Received: from a4-7.smtp-out.eu-west-1.amazonses.com (a4-7.smtp-out.eu-west-1.amazonses.com [54.240.4.7])",
        f" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id {ses_id}",
        " for support@acme.test;",
        " Sat, 21 Nov 2026 12:00:01 +0000 (UTC)",
        "X-SES-Spam-Verdict: PASS",
        "X-SES-Virus-Verdict: PASS",
        f"Received-SPF: {spf} (spfCheck: domain of bounce.acme.test designates 54.240.4.7) client-ip=54.240.4.7;",
        f"Authentication-Results: amazonses.com; spf={spf} client-ip=54.240.4.7; dkim=pass header.i=@acme.test;",
        f" dmarc={dmarc} header.from=acme.test;",
        "X-SES-RECEIPT: AEFBQUFBQUFBQUFF",
        f"DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple; s=t1lk2v7xq3c5; d={domain};",
        f" t=1795262400; h={h}; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA",
        "DKIM-Signature: v=1; a=rsa-sha256; d=amazonses.com; s=ug7nbtf4gccmlpwj322ax3p6ow6yfsug; h=From:To; b=BBBB",
        f"From: {sender}",
        "Subject: Mailroom probe 1f",
        "",
        "Sent by mailroom doctor.",
    ]
    return "\r\n".join(lines).encode()


def test_a_signature_that_covers_one_click_is_well():
    line = signed(mail(), laptop=False)
    assert (line.level, line.said) == ("ok", "SES's signature (h=) covers List-Unsubscribe and List-Unsubscribe-Post")
    assert signed(mail(h=H.lower().replace(":", " :\r\n ")), laptop=False).level == "ok"
    assert signed(mail(sender="Acme <hello@mail.acme.test>"), laptop=False).level == "ok"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"h": "From:To:Subject:List-Unsubscribe"}, "leaves out list-unsubscribe-post"),
        ({"h": "From:To:Subject"}, "leaves out list-unsubscribe and list-unsubscribe-post"),
        ({"h": ""}, "leaves out list-unsubscribe and list-unsubscribe-post"),
        ({"domain": "other.test"}, "no signature is of acme.test; there are those of: other.test, amazonses.com"),
        ({"domain": "cme.test"}, "no signature is of acme.test"),
        ({"sender": "nobody"}, "no signature is of "),
    ],
)
def test_a_signature_that_does_not_is_an_error(changed, words):
    line = signed(mail(**changed), laptop=False)
    assert line.level == "error"
    assert words in line.said


def test_a_mail_without_any_signature_is_an_error_but_on_the_laptop():
    assert signed(b"From: hello@acme.test\r\n\r\nhi", laptop=False).said.endswith("there are those of: nobody")
    assert signed(b"From: hello@acme.test\r\n\r\nhi", laptop=True).level == "warning"


@pytest.mark.parametrize(
    ("changed", "level", "said"),
    [
        ({}, "ok", "receivers see: SPF PASS, DKIM PASS, DMARC PASS"),
        ({"spf": "softfail"}, "error", "receivers see: SPF GRAY, DKIM PASS, DMARC PASS"),
        ({"dmarc": "fail"}, "error", "receivers see: SPF PASS, DKIM PASS, DMARC FAIL"),
    ],
)
def test_what_receivers_see_is_told(changed, level, said):
    line = authentication(mail(**changed), KEY, SES_ID)
    assert (line.level, line.said) == (level, said)


def test_a_mail_that_ses_has_not_written_on_is_told_as_such():
    line = authentication(mail(ses_id="another"), KEY, SES_ID)
    assert (line.check, line.level) == ("probe-authentication", "error")
    assert "does not begin with the Received field that SES writes" in line.said
