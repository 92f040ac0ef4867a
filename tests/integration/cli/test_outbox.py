import json

MAIL = "20261121T100000.123456Z-0100-aaaa-000000"
RAW = b"From: Acme <hello@acme.test>\r\nTo: mia@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n"


def keep(folder, name=MAIL, outcome="delivered", raw=RAW):
    (folder / f"{name}.json").write_text(json.dumps({"destination": ["mia@example.org"], "outcome": outcome}))
    (folder / f"{name}.eml").write_bytes(raw)
    return folder / f"{name}.eml"


def test_the_outbox_lists_its_mails_newest_first_with_the_file_on_a_line_of_its_own(run, laptop):
    folder = laptop().outbox
    first = keep(folder)
    second = keep(folder, "20261121T100001.000000Z-0100-bbbb-000000", "bounced", b"")
    assert run("outbox") == [
        "2026-11-21 10:00:01 UTC  bounced  mia@example.org",
        "  (the mail is empty)",
        f"  {second}",
        "2026-11-21 10:00:00 UTC  delivered  mia@example.org",
        "  Grüße",
        f"  {first}",
    ]


def test_the_outbox_as_json(run, laptop):
    file = keep(laptop().outbox)
    assert run("outbox", "--json") == [
        {
            "at": "2026-11-21T10:00:00.123Z",
            "to": ["mia@example.org"],
            "subject": "Grüße",
            "outcome": "delivered",
            "path": str(file),
        }
    ]


def test_no_more_mails_are_listed_than_asked_for(run, laptop):
    folder = laptop().outbox
    keep(folder)
    keep(folder, "20261121T100001.000000Z-0100-bbbb-000000")
    assert [mail["at"] for mail in run("outbox", "--limit", 1, "--json")] == ["2026-11-21T10:00:01.000Z"]


def test_an_empty_outbox_says_so(run, laptop):
    laptop()
    assert run("outbox") == ["The outbox is empty."]


def test_an_account_has_no_outbox(run, account):
    assert run("outbox", status=1) == (
        "Error: Stage example is in an AWS account: its mail really goes out, so there is no outbox; "
        "`mailroom messages` lists it.\n"
    )
