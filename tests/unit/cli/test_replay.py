import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import deployment
from cli.main import mailroom
from cli.replay import Hour, replay
from lambdas.shared.guard.policy import Policy
from lambdas.shared.guard.rates import Tally

BAD_LIST = Path("docs/examples/bad-list.csv")
HOUR = 490_000


def hours(*tallies, stream="marketing", domain="acme.test"):
    return [Hour(hour=HOUR + at, stream=stream, domain=domain, tally=tally) for at, tally in enumerate(tallies)]


def seen(moments):
    return [(f"{moment.at:%d %H:%M}", moment.stream or moment.who, moment.what) for moment in moments]


def run(*arguments, status=0):
    ran = CliRunner().invoke(mailroom, ["streams", "replay", *map(str, arguments)], env={"COLUMNS": "200"})
    assert ran.exit_code == status, ran.output
    return ran.output


def test_a_good_history_is_left_alone():
    good = Tally(sent=5000, bounced=30, complained=1)
    done = replay(hours(good, good, good), Policy())
    assert (done.guard, done.without, done.despite) == ([], [], [])
    assert done.would_be == done.was == Tally(sent=15_000, bounced=90, complained=3)


def test_what_is_held_back_brings_no_bounces_and_later_no_complaints():
    bad = Tally(sent=6000, bounced=1200)
    done = replay(hours(bad, bad, replace(bad, complained=60)), Policy())
    assert [moment.what for moment in done.guard] == ["paused"]
    assert done.guard[0].at.minute == 5  # as soon as there are 200 mails
    assert done.would_be == Tally(sent=500, bounced=100, complained=1)  # of 60 complaints 500 in 18,000


def test_a_slowed_stream_goes_on_at_a_part_of_its_rate_and_transactional_goes_on():
    near = Tally(sent=6000, bounced=204)
    done = replay([*hours(near), *hours(near, stream="transactional")], Policy(slowed_by=5))
    assert {(moment.stream, moment.what) for moment in done.guard} == {
        ("marketing", "slowed"),
        ("transactional", "warned"),
    }
    assert done.would_be.sent == 500 + 5500 / 5 + 6000


def test_the_example_is_paused_hours_before_aws_looks():
    shown = run(BAD_LIST)
    assert "2026-11-19 11:00   marketing   warned" in shown
    assert "2026-11-19 11:10   marketing   slowed" in shown
    assert "2026-11-19 14:00   marketing   paused" in shown
    assert "2026-11-19 14:00   AWS   reviews the account" in shown
    assert "2026-11-19 18:00   AWS   may pause the account" in shown


def test_the_lines_are_the_stages_own_and_wrong_ones_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    settings = {"account": "111122223333", "region": "eu-west-1", "domain": "acme.test", "sender": "Acme <a@acme.test>"}
    for guard, status, said in (
        ({"warn": {"bounces": 1}}, 0, "the line to warn is 1 %"),
        ({"warn": {"bounces": 9}}, 1, "cdk.json, stage local: guard: its `warn` `bounces` must be a percentage"),
    ):
        stages = {"stages": {"local": settings | {"guard": guard}}}
        (tmp_path / "cdk.json").write_text(json.dumps({"context": stages}))
        assert said in run(BAD_LIST, status=status)


def test_what_is_no_history_is_told(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text("time,sent\n2026-11-16T09:00Z,1\n")
    assert "needs the columns time, stream, domain, sent, bounced, complained" in run(file, status=1)
    heading = "time,stream,domain,sent,bounced,complained\n"
    for row, said in {
        "yesterday,marketing,acme.test,1,0,0": "line 2: Invalid isoformat string: 'yesterday'",
        "2026-11-16T09:00Z,news,acme.test,1,0,0": "line 2: no stream 'news'",
        "2026-11-16T09:00Z,marketing,acme.test,-1,0,0": "line 2: a number of mails is below 0",
        "2026-11-16T09:00,marketing,a,1,0,0\n2062-11-16T09:00,marketing,a,1,0,0": "from 2026-11-16 to 2062-11-16",
        "9999-12-31T23:30,marketing,a,1,0,0": "line 2: 9999 is no year of mails",
        "2026-11-16T09:00Z,marketing,a,1": "line 2: it has more or fewer columns than the first line",
        "2026-11-16T09:00Z,marketing,a,1,0,0,0": "line 2: it has more or fewer columns than the first line",
        '2026-11-16T09:00Z,marketing,"a,1,0,0': "line 2: unexpected end of data",
        f"2026-11-16T09:00Z,marketing,{'a' * 200_000},1,0,0": "line 2: field larger than field limit",
        "\u00e9,marketing,a,1,0,0": r"line 2: Invalid isoformat string: '\udce9'",
    }.items():
        file.write_text(f"{heading}{row}\n", encoding="latin-1")
        assert said in run(file, status=1)
    file.write_text(heading)
    assert "Nothing would have been done." in run(file)


@pytest.mark.parametrize(
    "text", ["2026-11-16T09:00,marketing,Acme.test,10,,", "2026-11-16T10:30+01:00,marketing,a,10,0,0"]
)
def test_times_are_utc_unless_they_say_so_and_empty_numbers_are_none(tmp_path, text):
    file = tmp_path / "history.csv"
    file.write_text(f"time,stream,domain,sent,bounced,complained\n{text}\n")
    assert '"sent": 10' in run(file, "--json")
