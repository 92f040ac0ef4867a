import json

import pytest
from click.testing import CliRunner

import cli.editions
import cli.templates
from cli.main import mailroom


def run(*arguments, status=0):
    ran = CliRunner().invoke(mailroom, ["templates", *arguments])
    assert ran.exit_code == status, ran.output
    return ran.stdout if status == 0 else ran.output


def test_the_list_names_templates_languages_and_variables():
    assert "one-time-code         en, de      yes         code, minutes" in run("list")
    assert json.loads(run("list", "--json"))[4] == {
        "name": "one-time-code",
        "locales": ["en", "de"],
        "variables": ["code", "minutes"],
        "marketing": True,
    }


def test_a_persons_answer_has_no_link_to_unsubscribe():
    assert {row["name"] for row in json.loads(run("list", "--json")) if not row["marketing"]} == {"ticket-answer"}


def test_a_good_check_counts_the_mails():
    assert run("check") == "20 mails checked, 0 faults.\n"
    assert json.loads(run("check", "--json")) == {"checked": 20, "faults": []}


def test_a_fault_is_told_with_its_mail_and_fails_the_check(monkeypatch):
    wrong = {("receipt", "de"): ["subject.txt: is empty"]}
    monkeypatch.setattr(cli.templates, "faults", lambda mails, mail: wrong.get((mail.name, mail.locale), []))
    assert run("check", status=1) == "receipt (de): subject.txt: is empty\n20 mails checked, 1 fault.\n"
    assert json.loads(run("check", "--json", status=1)) == {
        "checked": 20,
        "faults": [{"template": "receipt", "locale": "de", "fault": "subject.txt: is empty"}],
    }


def test_the_preview_of_all_mails_is_one_page(tmp_path):
    assert run("preview", "--output", str(tmp_path)) == f"{tmp_path / 'index.html'}\n"
    page = (tmp_path / "index.html").read_text()
    assert page.count("<section ") == 20
    assert page.count("<iframe sandbox ") == 80
    assert "<dd>Ihre Quittung zur Bestellung A-1042</dd>" in page


def test_the_preview_of_one_mail_in_one_language_shows_that_alone(tmp_path):
    shown = run("preview", "receipt", "--locale", "de", "--output", str(tmp_path), "--json")
    assert json.loads(shown) == {"page": str(tmp_path / "receipt.html")}
    page = (tmp_path / "receipt.html").read_text()
    assert page.count("<section ") == 1
    assert "2 x Notizbuch, Leinen, A5, punktiert: 29,80 €" in page


def test_the_preview_shows_both_colour_schemes_whatever_the_readers_own(tmp_path):
    run("preview", "notice", "--output", str(tmp_path))
    page = (tmp_path / "notice.html").read_text()
    assert "prefers-color-scheme" not in page
    assert (page.count("@media all {"), page.count("@media not all {")) == (4, 4)


def test_the_preview_opens_in_the_browser_only_when_asked(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("click.launch", opened.append)
    run("preview", "notice", "--output", str(tmp_path))
    assert opened == []
    run("preview", "notice", "--output", str(tmp_path), "--open")
    assert opened == [(tmp_path / "notice.html").as_uri()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonesuch"], "'nonesuch' is not one of acknowledgement, alert, delivery-update, notice"),
        (["notice", "--locale", "fr"], "'fr' is not one of de, en"),
    ],
)
def test_what_is_not_there_cannot_be_shown(arguments, said):
    assert said in run("preview", *arguments, status=2)


def test_a_stage_that_is_not_there_has_no_brand():
    ran = CliRunner().invoke(mailroom, ["--stage", "nonesuch", "templates", "check"])
    assert (ran.exit_code, "cdk.json has no stage 'nonesuch'" in ran.output) == (1, True)


def test_a_colour_that_white_text_cannot_stand_on_is_told_with_its_setting(monkeypatch):
    stage = {"region": "eu-west-1", "domain": "acme.test", "sender": "hello@acme.test", "brand": {"color": "#ffcc00"}}
    monkeypatch.setattr(cli.editions, "_stages", lambda: {"local": stage})
    said = "cdk.json, stage local: brand: its `color` must be darker: white text on #ffcc00 has a contrast of 1.5"
    assert said in run("check", status=1)
