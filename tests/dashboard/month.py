"""A month of a company's mail, as metrics: an ordinary one, but for what is written in INCIDENTS.

November 2026 in slots of five minutes. Marketing goes out on Tuesdays and Thursdays at nine. The numbers are made up;
they are the same each time.
"""

from __future__ import annotations

import math
import random
from functools import cached_property

from lambdas.shared.metrics import NAMESPACE

DAYS = 30
A_DAY, AN_HOUR = 288, 12  # slots
SLOTS = DAYS * A_DAY
QUOTA = 50_000
TRANSACTIONAL, MARKETING = 30, 800  # mails a slot, on average and while a campaign goes out
CAMPAIGNS = dict.fromkeys((3, 5, 10, 12, 17, 19, 24, 26), 24)  # day: slots that it takes


def at(day, hour=0, minute=0):
    """The slot that begins then."""
    return (day - 1) * A_DAY + hour * AN_HOUR + minute // 5


# What goes wrong: from when until when.
INCIDENTS = {
    "inbound stands still": (at(9, 12), at(9, 14)),
    "counts does not keep up": (at(11, 10), at(11, 11)),
    "connect's events fail": (at(12, 8), at(12, 13)),
    "tickets fails": (at(14, 10), at(14, 10, 20)),
    "a destination is paused": (at(15, 12), at(16, 9)),
    "a bad list": (at(17, 9), at(17, 9, 45)),  # then `guard` pauses marketing
    "AWS reviews": (at(17, 20), at(18, 8)),
    "a campaign is unwanted": (at(19, 9), at(19, 11)),
    "marketing is slowed down": (at(19, 9, 45), at(20, 9)),
    "somebody activates another rule set": (at(21, 16), at(21, 16, 45)),
    "the bucket's policy is gone": (at(23, 11), at(23, 11, 30)),
    "Firehose's role is changed": (at(22, 9), at(22, 11)),
    "four hours after": (at(23, 15), at(23, 15, 30)),
    "a great campaign": (at(24, 9), at(24, 11)),
    "the DKIM records are gone": (at(26, 3), at(26, 6)),
    "the MAIL FROM records are gone": (at(27, 3), at(27, 5)),
    "account is not called": (at(29, 2), at(29, 5)),
    "feedback's events fail": (at(30, 18), at(31)),
}


def during(incident, slot):
    start, end = INCIDENTS[incident]
    return start <= slot < end


class Month:
    """`stage` is the deployed one; series are lists of samples, a list a slot, None where nothing is published."""

    def __init__(self, stage):
        self._stage, self._made, self._called = stage, {}, {}
        self._ours = {
            "QuotaUsed": self._quota_used,
            "SendingRestricted": self._while("AWS reviews"),
            "RuleSetLost": self._while("somebody activates another rule set"),
            "DkimLost": self._while("the DKIM records are gone"),
            "MailFromLost": self._while("the MAIL FROM records are gone"),
        }

    def _one(self, namespace, name, dimensions):
        self._dice = random.Random(f"{namespace}{name}{sorted(dimensions.items())}")
        makers = {
            "AWS/SES": self._of_ses,
            "AWS/SQS": self._of_queues,
            "AWS/Lambda": self._of_functions,
            "AWS/ApiGateway": self._of_the_api,
            "AWS/DynamoDB": self._of_tables,
            "AWS/Firehose": self._of_files,
            "AWS/Logs": self._of_logs,
            NAMESPACE: self._of_ours,
            f"{NAMESPACE}/{self._stage}": self._of_filters,
        }
        return makers[namespace](name, dimensions) if namespace in makers else None

    def series(self, namespace, name, dimensions):
        key = (namespace, name, *sorted(dimensions.items()))
        if key not in self._made:
            self._made[key] = self._one(namespace, name, dimensions)
        return self._made[key]

    # Mail that goes out, by stream: sent, bounced and complained in each slot.

    @cached_property
    def streams(self):
        dice = random.Random("streams")
        return {
            "transactional": [self._transactional(dice, slot) for slot in range(SLOTS)],
            "marketing": [self._marketing(dice, slot) for slot in range(SLOTS)],
        }

    def _transactional(self, dice, slot):
        sent = round(TRANSACTIONAL * self._busy(slot) * dice.uniform(0.8, 1.2))
        return sent, some(dice, sent, 0.004), int(not slot % 251)

    @staticmethod
    def _marketing(dice, slot):
        day, within = slot // A_DAY + 1, slot % A_DAY - 9 * AN_HOUR
        if not 0 <= within < CAMPAIGNS.get(day, 0) or during_pause(slot):
            return 0, 0, 0
        sent = round((1_400 if during("a great campaign", slot) else MARKETING) * dice.uniform(0.95, 1.05))
        bounces = 0.09 if during("a bad list", slot) else 0.006
        complained = sent // 600 if during("a campaign is unwanted", slot) else int(not slot % 7)
        return sent, some(dice, sent, bounces), complained

    @staticmethod
    def _busy(slot):
        """From little at night to twice the average in the afternoon; half of it at weekends."""
        hour, weekend = slot % A_DAY / AN_HOUR, slot // A_DAY % 7 in {0, 6}  # November 2026 begins on a Sunday
        return (1 - 0.9 * math.cos((hour - 3) / 24 * 2 * math.pi)) * (0.5 if weekend else 1)

    def _summed(self, which, slot, streams=("transactional", "marketing")):
        return sum(self.streams[stream][slot][which] for stream in streams)

    # Namespaces.

    def _of_ses(self, name, dimensions):
        if name in {"Reputation.BounceRate", "Reputation.ComplaintRate"}:
            stream = dimensions.get("ses:configuration-set", "").strip("<>").lower()
            return self._reputation(("BounceRate", "ComplaintRate").index(name.partition(".")[2]) + 1, stream)
        if name in {"Send", "Bounce", "Complaint"}:
            which = ("Send", "Bounce", "Complaint").index(name)
            return [[self._summed(which, slot)] for slot in range(SLOTS)]
        if name == "Delivery":
            return [[self._summed(0, slot) - self._summed(1, slot)] for slot in range(SLOTS)]
        failing = {"PublishFailure": "the bucket's policy is gone", "PublishExpired": "four hours after"}
        if name in failing:
            return [[2] if during(failing[name], slot) and not slot % 3 else [] for slot in range(SLOTS)]
        return {"Received": self._received, "Reject": lambda: [[] for _ in range(SLOTS)]}.get(name, lambda: None)()

    def _of_files(self, _name, _dimensions):
        """How old the oldest event is that is in no file."""
        begun = INCIDENTS["Firehose's role is changed"][0]
        return [
            [60 + 300 * (slot - begun) if during("Firehose's role is changed", slot) else self._dice.uniform(50, 70)]
            for slot in range(SLOTS)
        ]

    def _received(self):
        return [[some(self._dice, 10 * self._busy(slot), 1)] for slot in range(SLOTS)]

    def _reputation(self, which, stream):
        """SES's "representative volume" is not said; here it is a day."""
        streams = [stream] if stream else ["transactional", "marketing"]
        sent = rolling([self._summed(0, slot, streams) for slot in range(SLOTS)], A_DAY)
        told = rolling([self._summed(which, slot, streams) for slot in range(SLOTS)], A_DAY)
        known = range(AN_HOUR * 12, SLOTS)
        return [
            [told[slot] / sent[slot]] if slot in known and sent[slot] and not slot % 3 else [] for slot in range(SLOTS)
        ]

    def _of_ours(self, name, dimensions):
        if dimensions.get("Stage") != self._stage:
            return None
        if "Stream" in dimensions and name in {"BounceRate", "ComplaintRate"}:
            return self._window(("BounceRate", "ComplaintRate").index(name) + 1, dimensions["Stream"])
        if "Stream" in dimensions:
            return self._restricted(name, dimensions["Stream"])
        return self._ours[name]() if name in self._ours and len(dimensions) == 1 else None

    def _window(self, which, stream):
        """`guard` publishes the rate of a window, here an hour or a day, that holds enough to mean something."""
        window, enough = (AN_HOUR, 500) if which == 1 else (A_DAY, 5_000)
        sent = rolling([self.streams[stream][slot][0] for slot in range(SLOTS)], window)
        told = rolling([self.streams[stream][slot][which] for slot in range(SLOTS)], window)
        return [[100 * told[slot] / sent[slot]] if sent[slot] >= enough else [] for slot in range(SLOTS)]

    def _restricted(self, name, stream):
        """`guard` publishes it as long as it is so."""
        holds = {"SendingPaused": during_pause, "SendingSlowed": lambda slot: during("marketing is slowed down", slot)}
        if name not in holds:
            return None
        return [[1] if stream == "marketing" and holds[name](slot) else [] for slot in range(SLOTS)]

    def _quota_used(self):
        sent = rolling([self._summed(0, slot) for slot in range(SLOTS)], A_DAY)
        looked = (slot for slot in range(SLOTS))
        return [
            [100 * sent[slot] / QUOTA] if not slot % 3 and not during("account is not called", slot) else []
            for slot in looked
        ]

    def _while(self, incident):
        return lambda: [[1] if during(incident, slot) and not slot % 3 else [] for slot in range(SLOTS)]

    def _of_filters(self, name, dimensions):
        """What metric filters find in the logs of `connect` and `counts`."""
        found = {
            "Paused": lambda slot: [int(during("a destination is paused", slot))],
            "CountsLag": lambda slot: [1200] if during("counts does not keep up", slot) else [],
        }
        return [found[name](slot) for slot in range(SLOTS)] if name in found and not dimensions else None

    def _of_queues(self, name, dimensions):
        queue = dimensions["QueueName"].strip("<>").removesuffix(".QueueName")
        calls = self._calls(queue.removesuffix("Queue").removesuffix("DeadLetters"))
        if queue.endswith("DeadLetters"):
            failing = {"Connect": "connect's events fail", "Feedback": "feedback's events fail"}
            incident = failing.get(queue.removesuffix("DeadLetters"))
            return [[3 if incident and during(incident, slot) else 0] for slot in range(SLOTS)]
        waiting = [self._waiting(queue, slot) for slot in range(SLOTS)]
        if name == "ApproximateAgeOfOldestMessage":
            return [[age] for age, _ in waiting]
        if name == "ApproximateNumberOfMessagesVisible":
            return [[depth] for _, depth in waiting]
        return [[75]] * SLOTS if name == "NumberOfEmptyReceives" else [[count] for count in calls]

    def _waiting(self, queue, slot):
        """Seconds, and messages."""
        start, _ = INCIDENTS["inbound stands still"]
        if queue == "InboundQueue" and during("inbound stands still", slot):
            return (slot - start) * 300, (slot - start) * 12
        campaign = self.streams["marketing"][slot][0]
        if campaign and queue in {"SendQueue", "FeedbackQueue"}:
            depth = campaign * (4 if queue == "SendQueue" else 0.4) * self._dice.uniform(0.7, 1.2)
            return depth / 4, depth
        return (0, 0) if self._dice.random() < 0.7 else (self._dice.uniform(0, 4), self._dice.randrange(4))

    def _of_functions(self, name, dimensions):
        function = dimensions["FunctionName"].strip("<>").removesuffix("Function")
        calls = self._calls(function)
        if name == "Invocations":
            return [[count] for count in calls]
        if name == "Errors":
            failing = function == "Tickets"
            return [[2 if failing and during("tickets fails", slot) else 0] for slot in range(SLOTS)]
        if name == "Throttles":
            busy = function in {"Send", "Feedback"}
            return [[40 if busy and during("a great campaign", slot) else 0] for slot in range(SLOTS)]
        usual = {"Inbound": 420, "Send": 150, "Connect": 600, "Api": 140, "Counts": 300}.get(function, 60)
        return [[self._dice.lognormvariate(math.log(usual), 0.4) for _ in range(min(3, count))] for count in calls]

    def _calls(self, function):
        each = {"Inbound": 10, "Tickets": 4, "Send": 12, "Feedback": 40, "Pages": 6, "Api": 20, "Tokens": 5}
        regular = {"Counts": 5, "Connect": 1, "Guard": 1}
        campaign = {"Send": 0.1, "Feedback": 0.3}.get(function, 0)
        dice = random.Random(function)
        self._called[function] = self._called.get(function) or [
            some(dice, each.get(function, 0.5) * self._busy(slot), 1)
            + regular.get(function, 0)
            + round(campaign * self.streams["marketing"][slot][0])
            for slot in range(SLOTS)
        ]
        return self._called[function]

    def _of_the_api(self, name, _dimensions):
        if name == "5xx":
            return [[int(self._dice.random() < 0.0005)] for _ in range(SLOTS)]
        return [[self._dice.lognormvariate(math.log(90), 0.5) for _ in range(6)] for _ in range(SLOTS)]

    def _of_tables(self, name, dimensions):
        table = dimensions["TableName"].strip("<>")
        each = {"Messages": 3.4, "Counts": 0.3, "Recipients": 0.1, "Tokens": 0.3, "Tickets": 0.5, "Reports": 0.01}[
            table
        ]
        reads = 0.7 if "Read" in name else 1
        return [[each * reads * self._summed(0, slot)] for slot in range(SLOTS)]

    def _of_logs(self, _name, dimensions):
        calls = self._calls(dimensions["LogGroupName"].strip("<>").removesuffix("Log"))
        return [[900 * count] for count in calls]


def during_pause(slot):
    """From the bad list's end, for that day."""
    return INCIDENTS["a bad list"][1] <= slot < at(18)


def some(dice, count, share):
    """About that share of so many, never the same."""
    return max(0, round(dice.gauss(count * share, math.sqrt(count * share))))


def rolling(values, width):
    """Of each slot the sum of so many up to it."""
    sums, total = [], 0
    for slot, value in enumerate(values):
        total += value - (values[slot - width] if slot >= width else 0)
        sums.append(total)
    return sums
