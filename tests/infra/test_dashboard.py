"""What an operator sees: that every metric exists, what a month looks like, and on which of its days alarms go off.

`make screenshots` runs this with SCREENSHOTS=docs/images, where the pictures of the documentation are kept.
"""

import html
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from infra.metrics import BOUNCES, COMPLAINTS
from lambdas.account.standing import Standing
from tests.dashboard import definitions
from tests.dashboard.catalogue import AWS, OURS
from tests.dashboard.draw import page
from tests.dashboard.evaluate import in_alarm, points
from tests.dashboard.month import A_DAY, SLOTS, Month
from tests.infra.conftest import STAGES, without_hash

EVERYTHING_WRONG = Standing(
    sent=1,
    quota=1,
    enforcement="SHUTDOWN",
    sending=False,
    dkim={"acme.test": "FAILED"},
    mail_from={"acme.test": "FAILED"},
    active="",
    ours="ours",
)
PICTURES = {"dashboard-mail": (0, 20), "dashboard-engine": (20, 99)}  # rows of the grid
MAY_BE_EMPTY = {"rejected"}  # SES rejects a mail with a virus, and there is none
# By what must go off on which days of the month (tests/dashboard/month.py). All other alarms are silent.
GOES_OFF = {
    "InboundAge": [9],
    "CountsLate": [11],
    "ConnectDeadLetters": [12],
    "TicketsErrors": [14],
    "DestinationPaused": [15, 16],
    "MarketingBounceRate": [17],
    "AccountBounceRate": [17, 18],
    "SendingRestricted": [17, 18],
    "MarketingPaused": [17, 18],
    "MarketingSlowed": [19, 20],
    "MarketingComplaintRate": [19, 20],
    "AccountComplaintRate": [19, 20],
    "RuleSetLost": [21],
    "EventFilesLate": [22],
    "ReceiptFailures": [23],
    "ReceiptLosses": [23],
    "SendThrottles": [24],
    "FeedbackThrottles": [24],
    "DailyQuota": [24, 25],
    "DkimLost": [26],
    "MailFromLost": [27],
    "AccountUnseen": [29],
    "FeedbackDeadLetters": [30],
}


@pytest.fixture(scope="session")
def month():
    return Month("local")


@pytest.fixture(scope="session")
def widgets(templates):
    return definitions.dashboard(templates("local")["Monitoring"])


@pytest.fixture(scope="session")
def went_off(templates, month):
    """The slots in which each alarm was in ALARM."""
    found = {}
    for name, (properties, metric) in definitions.alarms(templates("local")["Monitoring"]).items():
        series = month.series(metric.namespace, metric.name, dict(metric.dimensions))
        assert series is not None, f"nobody publishes what {name} watches"
        found[name] = in_alarm(properties, series)
    return found


@pytest.fixture
def looked_at(templates):
    """Every metric of a stage's dashboard and alarms, each once."""

    def collect(stage):
        template = templates(stage)["Monitoring"]
        lines = [line for widget in definitions.dashboard(template) for line in widget.metrics if not line.expression]
        watched = [metric for _, metric in definitions.alarms(template).values()]
        plain = (replace(found, id="", label="", visible=True, period=0, axis="left") for found in (*lines, *watched))
        return list(dict.fromkeys(plain))

    return collect


def published(resources, stage):
    """Our own metrics, as functions and metric filters publish them."""
    stage_alone, by_stream = frozenset({"Stage"}), frozenset({"Stage", "Stream"})
    ours = {("Mailroom", name): ([stage_alone], OURS) for name in EVERYTHING_WRONG.figures}
    by_guard = ("BounceRate", "ComplaintRate", "SendingSlowed", "SendingPaused")
    ours |= {("Mailroom", name): ([by_stream], OURS) for name in by_guard}
    for item in resources(stage, "AWS::Logs::MetricFilter").values():
        for made in item["Properties"]["MetricTransformations"]:
            ours[made["MetricNamespace"], made["MetricName"]] = ([frozenset()], OURS)
    return ours


@pytest.mark.parametrize("stage", STAGES)
def test_every_metric_is_one_that_is_published_and_is_asked_what_means_something(looked_at, resources, stage):
    exist = AWS | published(resources, stage)
    for metric in looked_at(stage):
        assert (metric.namespace, metric.name) in exist, f"nobody publishes {metric}"
        dimensions, statistics = exist[metric.namespace, metric.name]
        assert frozenset(name for name, _ in metric.dimensions) in dimensions, f"not by these dimensions: {metric}"
        assert metric.statistic in statistics, f"says nothing: {metric}"


@pytest.mark.parametrize("stage", STAGES)
def test_every_dimension_names_something_of_the_stage(looked_at, resources, stage):
    kinds = {
        "FunctionName": "AWS::Lambda::Function",
        "QueueName": "AWS::SQS::Queue",
        "LogGroupName": "AWS::Logs::LogGroup",
        "TableName": "AWS::DynamoDB::Table",
        "DeliveryStreamName": "AWS::KinesisFirehose::DeliveryStream",
        "ApiId": "AWS::ApiGatewayV2::Api",
        "RuleSetName": "AWS::SES::ReceiptRuleSet",
        "ses:configuration-set": "AWS::SES::ConfigurationSet",
    }
    there = {name: {without_hash(found) for found in resources(stage, kind)} for name, kind in kinds.items()}
    told = {"Stage": {stage}, "Stream": {"transactional", "marketing"}}
    for metric in looked_at(stage):
        for name, value in metric.dimensions:
            known = told.get(name) or there[name]
            assert value.strip("<>").removesuffix(".QueueName") in known, f"{metric} is of nothing in the stage"


def test_every_function_and_queue_is_to_be_seen(widgets, resources):
    seen = {value for widget in widgets for line in widget.metrics for _, value in line.dimensions}
    functions = {f"<{without_hash(name)}>" for name in resources("local", "AWS::Lambda::Function")}
    queues = {f"<{without_hash(name)}.QueueName>" for name in resources("local", "AWS::SQS::Queue")}
    assert functions - {"<SmtpFunction>"} | queues <= seen


def test_every_line_has_something_to_show_in_a_month(widgets, month):
    for widget in widgets:
        for line in widget.metrics:
            found = points(widget.metrics, line, month)
            assert found is not None, f"{widget.title}: nobody publishes {line}"
            assert found or line.label in MAY_BE_EMPTY, f"{widget.title}: {line} has no points"


def test_lines_are_drawn_where_alarms_go_off_and_where_aws_acts(widgets, templates):
    drawn = {widget.title: [line["value"] for line in widget.lines] for widget in widgets if widget.lines}
    raised = definitions.alarms(templates("local")["Monitoring"])
    limits = {name: properties["Threshold"] for name, (properties, _) in raised.items()}
    assert drawn == {
        "Bounces, % of mails": [5, 100 * limits["AccountBounceRate"], limits["MarketingBounceRate"]],
        "Complaints, % of mails": [0.1, 100 * limits["AccountComplaintRate"], limits["MarketingComplaintRate"]],
        "Age of the oldest message": [limits["SendAge"], limits["FeedbackAge"]],
        "SES quota used, % of 24 hours": [limits["DailyQuota"], 100],
    }
    assert (BOUNCES.paused, COMPLAINTS.paused) == (10, 0.5)


def test_in_a_month_each_alarm_goes_off_on_the_days_of_what_it_is_for_and_no_other(went_off):
    days = {name: sorted({slot // A_DAY + 1 for slot in slots}) for name, slots in went_off.items() if slots}
    assert days == GOES_OFF


def test_a_wrong_metric_and_an_expression_over_one_are_named_in_the_picture(widgets, month):
    [graph] = [widget for widget in widgets if widget.title == "Bounces, % of mails"]
    wrong = [replace(line, name="Reputation.Bounces") if line.id == "account" else line for line in graph.metrics]
    assert "account: no such metric" in page([replace(graph, metrics=tuple(wrong))], month, [])[0]
    assert "no such metric" not in page([graph], month, [])[0]


# Everything that is written stands within its widget.
MEASURE = """<script>addEventListener("load", () => {
  const outside = [...document.querySelectorAll("h1, h2, p, td, span, svg, text")].filter(part => {
    const own = part.getBoundingClientRect(), box = part.closest("div").getBoundingClientRect();
    return own.left < box.left || own.right > box.right || own.top < box.top || own.bottom > box.bottom;
  });
  document.body.innerHTML = "<pre>" + JSON.stringify(outside.map(part => part.textContent)) + "</pre>";
})</script>"""


def test_the_dashboard_of_a_month_is_drawn_and_everything_in_it_fits(widgets, month, went_off, browser, tmp_path):
    kept = os.environ.get("SCREENSHOTS")
    firing = [alarm for alarm, slots in went_off.items() if SLOTS - 1 in slots]
    shown = tmp_path / "page.html"
    content, height = page(widgets, month, firing)
    shown.write_text(content + MEASURE)
    printed = browser(shown, f"--window-size=1440,{height}", "--dump-dom")
    assert json.loads(html.unescape(re.search("<pre>(.*)</pre>", printed, re.DOTALL)[1])) == []
    for name, (first, end) in PICTURES.items() if kept else [("dashboard", (0, 99))]:
        png = Path(kept or tmp_path, f"{name}.png").resolve()
        content, height = page([widget for widget in widgets if first <= widget.y < end], month, firing)
        shown.write_text(content)
        browser(shown, f"--window-size=1440,{height}", f"--screenshot={png}")
        assert 100_000 < png.stat().st_size < 500_000
