import csv
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from cli import suppress as module
from cli.deployment import Deployment
from lambdas.shared.recipients import Recipients, SoftBounces, Suppression
from lambdas.suppression import ses_list
from local.ses import suppression
from tests.integration.suppression_list import SuppressionList

MIA, BO = "mia@example.org", "bo@example.net"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
AT = "2026-11-{:02}T10:00:00.000Z".format


@pytest.fixture
def recipients(account):
    return Recipients(boto3.resource("dynamodb").Table("recipients"))


@pytest.fixture(autouse=True)
def ses(monkeypatch):
    """SES's own list, in pages of two; its rate is no matter here."""
    monkeypatch.setattr(suppression, "PAGE", 2)
    monkeypatch.setattr(ses_list, "SECONDS", 0)
    made, client = SuppressionList(lambda: NOW), Deployment.client
    monkeypatch.setattr(
        Deployment, "client", lambda self, service: made if service == "sesv2" else client(self, service)
    )
    return made


def bounced(recipients, address, day, scope="all", **more):
    why = {"reason": "permanent bounce (General)", "message_id": "m1", "evidence": "Bounce#fb", "by": "feedback"}
    recipients.suppress(address, Suppression(scope=scope, at=AT(day), **(why | more)))


def standing(recipients, address):
    return [(one.scope, one.reason, one.by) for one in recipients.get(address).suppressions]


def test_the_suppressed_are_listed_the_newest_first_and_page_by_page(run, recipients):
    for day, name in enumerate("abcd", start=1):
        bounced(recipients, f"{name}@example.org", day, "marketing" if name == "b" else "all")
    assert run("recipients", "--limit", "2", columns=70) == [
        "since (UTC)        no         by         address, reason",
        "2026-11-04 10:00   all mail   feedback   d@example.org",
        "                                         permanent bounce (General)",
        "2026-11-03 10:00   all mail   feedback   c@example.org",
        "                                         permanent bounce (General)",
        "There are more: --after c@example.org",
    ]
    following = run("recipients", "--limit", "2", "--after", "c@example.org", "--json")
    assert [one["address"] for one in following["recipients"]] == ["b@example.org", "a@example.org"]
    assert following["after"] is None
    only = run("recipients", "--scope", "marketing", "--json")
    assert [(one["address"], len(one["suppressions"])) for one in only["recipients"]] == [("b@example.org", 1)]
    assert "is not suppressed: begin without --after" in run("recipients", "--after", "x@example.org", status=1)


def test_who_is_suppressed_no_more_is_not_listed(run, recipients):
    bounced(recipients, MIA, 1, until=AT(2))
    bounced(recipients, BO, 3)
    recipients.lift(recipients.get(BO), ["all"], AT(4))
    assert run("recipients") == ["Nobody is suppressed."]


def test_an_address_is_shown_with_its_soft_bounces_and_what_ses_has(run, recipients, ses):
    bounced(recipients, MIA, 1, "marketing", reason="complaint (abuse)", evidence="Complaint#fb")
    limit = SoftBounces(most=5, days=14)
    for day in (4, 3):
        recipients.soft_bounce(MIA, message_id=f"m{day}", evidence=f"Bounce#{day}", at=AT(day), limit=limit)
    ses.put_suppressed_destination(EmailAddress=MIA, Reason="COMPLAINT")
    assert run("recipient", "show", MIA, "--ses") == [
        "mia@example.org",
        "suppressed  marketing mail",
        "since       2026-11-01 10:00:00 UTC",
        "by          feedback",
        "reason      complaint (abuse)",
        "message     m1",
        "evidence    Complaint#fb",
        "soft bounce (UTC)     message, evidence",
        "2026-11-03 10:00:00   m3#Bounce#3",
        "2026-11-04 10:00:00   m4#Bounce#4",
        "SES has it on its list (COMPLAINT) since 2026-11-21 10:00:00 UTC, and sends it",
        "no marketing mail.",
    ]
    assert run("recipient", "show", BO, "--ses")[-1] == "It is not on SES's list."
    assert run("recipient", "show", MIA, "--ses", "--json")["ses"]["reason"] == "COMPLAINT"


def test_an_address_is_looked_up_as_the_outbox_does(run, recipients):
    assert "xn--bcher-kva.example" in run("suppress", "Mia@bücher.example")[0]
    assert run("recipient", "show", "mia@bücher.example", "--json")["suppressions"][0]["scope"] == "all"
    for wrong in ("", "nobody", f"mia@{'example.' * 400}org"):
        run("recipient", "show", wrong, status=2)


def test_an_operators_word_stops_mail_is_told_and_is_lifted_as_easily(run, recipients, heard):
    assert run("suppress", "Mia@Example.org", "--scope", "marketing", "--reason", "asked by phone") == [
        "mia@example.org gets no marketing mail from now on."
    ]
    assert standing(recipients, MIA) == [("marketing", "asked by phone", "command")]
    [(kind, told)] = heard()
    assert (kind, told["recipient"], told["scope"], told["by"]) == ("RecipientSuppressed", MIA, "marketing", "command")
    assert "already, since" in run("suppress", MIA, "--scope", "marketing")[0]
    assert run("suppress", MIA, "--json") == {"address": MIA, "scope": "all", "new": True}
    assert run("unsuppress", MIA) == ["mia@example.org may have mail and marketing mail again."]
    assert standing(recipients, MIA) == []
    assert run("unsuppress", MIA) == ["mia@example.org: nothing is suppressed."]
    run("suppress", "nobody", status=2)


def test_evidence_is_lifted_only_by_who_says_so_and_then_on_sess_list_too(run, recipients, ses):
    bounced(recipients, MIA, 1)
    bounced(recipients, MIA, 2, "marketing", reason="complaint (abuse)")
    ses.put_suppressed_destination(EmailAddress=MIA, Reason="BOUNCE")
    refused = run("unsuppress", MIA, status=1)
    assert "permanent bounce (General) since 2026-11-01 10:00:00 UTC" in refused
    assert "--despite-evidence" in refused
    assert (len(standing(recipients, MIA)), ses.entries) == (2, {MIA: "BOUNCE"})
    assert run("unsuppress", MIA, "--scope", "marketing", "--despite-evidence", columns=100) == [
        "mia@example.org may have marketing mail again. All mail to it still is suppressed (permanent bounce",
        "(General)). SES still has it on its list (BOUNCE).",
    ]
    assert run("unsuppress", MIA, "--scope", "transactional", columns=200) == [
        "mia@example.org: nothing of the scope transactional is suppressed. All mail to it still is suppressed "
        "(permanent bounce (General)). SES still has it on its list (BOUNCE)."
    ]
    assert run("unsuppress", MIA, "--despite-evidence", "--json") == {
        "address": MIA,
        "lifted": ["all"],
        "off_ses": True,
    }
    assert (standing(recipients, MIA), ses.entries) == ([], {})
    assert run("recipients", "sync", "--dry-run") == ["Both lists say the same."]


def test_what_only_ses_has_is_lifted_like_evidence(run, account, ses):
    ses.put_suppressed_destination(EmailAddress=MIA, Reason="COMPLAINT")
    assert "SES has it on its list (COMPLAINT)" in run("unsuppress", MIA, status=1)
    run("unsuppress", MIA, "--despite-evidence")
    assert ses.entries == {}


def test_a_word_of_ours_that_was_put_on_sess_list_is_no_evidence(run, recipients, ses):
    run("suppress", MIA)
    run("recipients", "sync")
    assert ses.entries == {MIA: "BOUNCE"}
    run("unsuppress", MIA)
    assert (standing(recipients, MIA), ses.entries, recipients.get(MIA).on_ses) == ([], {}, None)


def test_what_changes_while_it_is_lifted_is_not_lifted(run, recipients, monkeypatch):
    run("suppress", MIA)
    lift = module.lift
    monkeypatch.setattr(module, "lift", lambda *given: (bounced(recipients, MIA, 1), lift(*given)))
    assert "has changed at this moment" in run("unsuppress", MIA, status=1)
    assert standing(recipients, MIA) == [("all", "permanent bounce (General)", "feedback")]


def test_export_writes_what_lasts_and_import_reads_it(run, recipients, tmp_path):
    bounced(recipients, MIA, 1)
    bounced(recipients, "-x@example.org", 2, "marketing", reason="=SUM(A1)")
    bounced(recipients, BO, 3, until="2126-01-01T00:00:00.000Z")
    file = tmp_path / "out.csv"
    [said] = run("recipients", "export", file, columns=200)
    assert said == f"2 suppressions are in {file}. 1 that end by themselves are left out."
    with file.open(newline="") as out:
        assert list(csv.reader(out)) == [
            ["address", "scope", "reason", "since"],
            ["'-x@example.org", "marketing", "'=SUM(A1)", "2026-11-02T10:00:00.000Z"],
            [MIA, "all", "permanent bounce (General)", "2026-11-01T10:00:00.000Z"],
        ]
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert run("recipients", "import", file) == ["0 suppressed, 2 already were."]
    assert "cannot be written" in run("recipients", "export", tmp_path / "no" / "out.csv", status=1)


@pytest.fixture
def file(tmp_path):
    def write(*lines):
        path = tmp_path / "in.csv"
        path.write_text("\n".join(("address,scope,reason,since", *lines)))
        return path

    return write


def test_an_import_says_first_what_it_would_change_then_does_it_and_again_nothing(run, recipients, file):
    bounced(recipients, MIA, 1)
    path = file(
        f"{MIA},all,,", f"{BO},marketing,left,2026-01-01", f"{BO},marketing,left,2026-01-01", f"{MIA},marketing,,"
    )
    asked = ("recipients", "import", path)
    assert run(*asked, "--dry-run") == [
        "2 would be suppressed, 1 already were.",
        "line 4: the same as line 3",
        "Nothing is changed.",
    ]
    assert standing(recipients, BO) == []
    assert run(*asked)[0] == "2 suppressed, 1 already were."
    assert recipients.get(BO).suppressions == (
        Suppression(
            scope="marketing", reason="left", message_id="", evidence="", at="2026-01-01T00:00:00.000Z", by="import"
        ),
    )
    assert standing(recipients, MIA) == [
        ("all", "permanent bounce (General)", "feedback"),
        ("marketing", "imported", "import"),
    ]
    assert run(*asked, "--json") == {
        "dry_run": False,
        "new": 0,
        "already": 3,
        "repeats": [{"line": 4, "same_as": 3}],
        "bad": [],
    }


def test_of_a_file_with_a_bad_line_nothing_is_imported_unless_asked(run, recipients, file):
    path = file(f"{MIA},all,,", "nobody,all,,", *(f"n{number}@example.org,all,,tomorrow" for number in range(30)))
    refused = run("recipients", "import", path, status=1)
    assert "Nothing is imported, for 31 of 32 lines are bad." in refused
    assert "line 3: 'nobody' is no address" in refused
    assert "and 11 more" in refused
    assert standing(recipients, MIA) == []
    assert run("recipients", "import", path, "--skip-bad")[0] == "1 suppressed, 0 already were."
    assert standing(recipients, MIA) == [("all", "imported", "import")]


def test_an_import_that_is_broken_off_says_so_and_goes_on(run, recipients, file, monkeypatch):
    path = file(*(f"n{number}@example.org,all,," for number in range(20)))
    suppress, calls = Recipients.suppress, []

    def broken(self, address, suppression):
        calls.append(address)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return suppress(self, address, suppression)

    monkeypatch.setattr(Recipients, "suppress", broken)
    told = run("recipients", "import", path, status=1)
    assert "Some of the lines may be imported; the same again goes on with the rest." in told
    done = len([n for n in range(20) if standing(recipients, f"n{n}@example.org")])
    assert run("recipients", "import", path)[0] == f"{20 - done} suppressed, {done} already were."


def test_sync_shows_the_differences_and_settles_them(run, recipients, ses, heard):
    for address, reason in (("a@example.org", "BOUNCE"), ("b@example.org", "COMPLAINT"), (MIA, "COMPLAINT")):
        ses.put_suppressed_destination(EmailAddress=address, Reason=reason)
    bounced(recipients, MIA, 1)
    bounced(recipients, BO, 2)
    recipients.lift(recipients.get("a@example.org"), ["all"], iso_after(NOW, hours=1))
    shown = run("recipients", "sync", "--dry-run", columns=100)
    assert shown == [
        "what                                 reason, since (UTC)   address",
        "lifted here: taken off SES's list    BOUNCE                a@example.org",
        "                                     2026-11-21 10:00",
        "SES has it: suppressed here          COMPLAINT             b@example.org",
        "                                     2026-11-21 10:00",
        "suppressed here: put on SES's list   BOUNCE                bo@example.net",
        "                                     2026-11-02 10:00",
        "suppressed here: put on SES's list   BOUNCE                mia@example.org",
        "                                     2026-11-01 10:00",
        "It would be: suppressed here: 1, taken off SES's list: 1, put on SES's list: 2.",
    ]
    assert standing(recipients, "b@example.org") == []
    assert [one["kind"] for one in run("recipients", "sync", "--json")["differences"]] == ["lift", "take", "put", "put"]
    assert standing(recipients, "b@example.org") == [("marketing", "on SES's list (complaint)", "ses")]
    assert ses.entries == {"b@example.org": "COMPLAINT", MIA: "BOUNCE", BO: "BOUNCE"}
    assert [(kind, detail["recipient"]) for kind, detail in heard()] == [("RecipientSuppressed", "b@example.org")]
    assert run("recipients", "sync") == ["Both lists say the same."]


def iso_after(moment, **span):
    return (moment + timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("asked", [("recipients", "sync"), ("unsuppress", MIA), ("recipient", "show", MIA, "--ses")])
def test_where_ses_takes_no_more_requests_nothing_is_done_and_it_is_said(run, recipients, ses, monkeypatch, asked):
    monkeypatch.setattr(ses_list, "PATIENCE", ())
    run("suppress", MIA)
    ses.refuses = ["TooManyRequestsException"]
    assert "SES takes no more requests for now: say it again later." in run(*asked, status=1)
    assert standing(recipients, MIA) == [("all", "asked for", "command")]


def test_sync_says_whom_ses_does_not_take(run, recipients, ses):
    bounced(recipients, MIA, 1)
    ses.account.sandbox = True
    told = run("recipients", "sync", status=1, columns=100)
    assert told[-1] == "SES did not take 1 of them, such as mia@example.org: in its sandbox it takes none."
    assert run("recipients", "sync", "--json", status=1)["refused"] == [MIA]
