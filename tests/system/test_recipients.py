"""Who gets no mail, here and on SES's own list, and who does again."""

import json

from lambdas.shared.timestamps import iso, now
from local.outside import until

NOTICE = {"template": "notice", "data": {"title": "Your parcel", "text": "It left this morning."}}
GIA, HAL, IVO = "gia@shop.example", "hal@shop.example", "ivo@shop.example"


def send(outside, to, key, **more):
    outside.put("SendMail", {"to": to, "idempotency_key": key, **NOTICE, **more})


def listed(outside):
    """SES's own list."""
    found = outside.client("sesv2").list_suppressed_destinations(PageSize=1000)["SuppressedDestinationSummaries"]
    return {entry["EmailAddress"]: entry["Reason"] for entry in found}


def scopes(mailroom, address):
    return [(one["scope"], one["by"]) for one in mailroom("recipient", "show", address, "--json")["suppressions"]]


def test_what_bounced_is_on_both_lists_and_is_lifted_on_both_by_who_knows_better(outside, mailroom, knob):
    knob("fate", address=GIA, fate="bounced")
    send(outside, GIA, "gia-1")
    until(lambda: scopes(mailroom, GIA) == [("all", "feedback")], "the recipient is suppressed")
    assert listed(outside)[GIA] == "BOUNCE"
    assert "--despite-evidence" in mailroom("unsuppress", GIA, status=1)
    mailroom("unsuppress", GIA, "--despite-evidence")
    assert GIA not in listed(outside)
    send(outside, GIA, "gia-2")
    until(lambda: [sent.outcome for sent in outside.mail_to(GIA)][1:] == ["delivered"], "the mail goes out")


def test_once_a_day_each_list_takes_over_what_the_other_has(outside, mailroom):
    outside.client("sesv2").put_suppressed_destination(EmailAddress=HAL, Reason="COMPLAINT")
    mailroom("suppress", IVO, "--reason", "asked by phone")
    shown = mailroom("recipients", "sync", "--dry-run", "--json")["differences"]
    assert {("take", HAL), ("put", IVO)} <= {(one["kind"], one["address"]) for one in shown}
    command = {"id": "1", "detail-type": "SyncSuppressions", "time": iso(now()), "detail": {}}
    outside.client("sqs").send_message(QueueUrl=outside.outputs["SuppressionQueue"], MessageBody=json.dumps(command))
    until(lambda: scopes(mailroom, HAL) == [("marketing", "ses")], "ours takes over what SES has", seconds=60)
    until(lambda: listed(outside).get(IVO) == "BOUNCE", "SES's takes over what we have", seconds=60)
    until(lambda: not outside.waiting("SuppressionQueue"), "the round is over")
    assert not outside.waiting("SuppressionDeadLetters")
    send(outside, HAL, "hal-1", stream="marketing")
    send(outside, HAL, "hal-2")  # a password reset is mail of this stream
    until(lambda: [sent.outcome for sent in outside.mail_to(HAL)] == ["delivered"], "the transactional mail goes out")


def test_suppressions_go_out_to_a_file_and_come_in_from_one(outside, mailroom, folder):
    path = folder / "in.csv"
    path.write_text("address,scope,reason,since\njan@shop.example,marketing,left,2026-01-01\nnobody,all,,\n")
    assert "line 3: 'nobody' is no address" in mailroom("recipients", "import", str(path), status=1)
    assert "1 would be suppressed" in mailroom("recipients", "import", str(path), "--skip-bad", "--dry-run")
    assert "1 suppressed" in mailroom("recipients", "import", str(path), "--skip-bad")
    found = mailroom("recipients", "--scope", "marketing", "--limit", "1000", "--json")["recipients"]
    assert "jan@shop.example" in {one["address"] for one in found}
    mailroom("recipients", "export", str(folder / "out.csv"))
    assert "jan@shop.example,marketing,left,2026-01-01T00:00:00.000Z" in (folder / "out.csv").read_text().splitlines()
