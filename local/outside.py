"""The deployed system as the world sees it: an application with its bus, people with their mail and browsers."""

import email
import email.policy
import http.client
import json
import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3

from local.server import Running

Found = TypeVar("Found")
WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


class NotSeen(AssertionError):
    """Something that should have happened did not, in the time it was given."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail in the outbox: what the receiving server got, where it lies, and what became of it."""

    path: Path
    mail: EmailMessage
    destination: tuple[str, ...]
    outcome: str

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        return str(body.get_content()) if body else ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Outside:
    aws: Running
    stage: str
    outputs: dict[str, str] = field(init=False)
    _seen: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = boto3.Session(
            aws_access_key_id=self.aws.access_key_id,
            aws_secret_access_key=self.aws.secret_access_key,
            region_name=self.aws.region,
        )
        self.outputs = dict(self._outputs())
        self._ear = self._listen()

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.aws.endpoint)  # type: ignore[call-overload]

    def table(self, output: str) -> Any:
        resources = self.session.resource("dynamodb", endpoint_url=self.aws.endpoint)
        return resources.Table(self.outputs[output])

    def items(self, output: str) -> Iterator[dict[str, Any]]:
        """All items of a table, by the output that names it."""
        table = self.table(output)
        pages = table.meta.client.get_paginator("scan").paginate(TableName=table.name, ConsistentRead=True)
        for page in pages:
            yield from page["Items"]

    def waiting(self, output: str) -> int:
        """How many messages a queue has, by the output that names it: those that are being handled, or come later,
        too."""
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=[*WAITING])
        return sum(int(found["Attributes"][name]) for name in WAITING)

    def _outputs(self) -> Iterator[tuple[str, str]]:
        for stack in self.client("cloudformation").describe_stacks()["Stacks"]:
            if stack["StackName"].startswith(f"Mailroom-{self.stage}-"):
                yield from ((output["OutputKey"], output["OutputValue"]) for output in stack.get("Outputs", []))

    # An application

    def put(self, detail_type: str, detail: dict[str, Any]) -> str:
        """Put an event on the bus, as an application does; gives its id."""
        entry = {"EventBusName": self.outputs["BusName"], "Source": "shop", "DetailType": detail_type}
        answer = self.client("events").put_events(Entries=[entry | {"Detail": json.dumps(detail)}])
        return str(answer["Entries"][0]["EventId"])

    def heard(self, detail_type: str) -> list[dict[str, Any]]:
        """The details of the events of this kind that came out of the bus so far, in order."""
        return [event["detail"] for event in self.events() if event["detail-type"] == detail_type]

    def events(self) -> list[dict[str, Any]]:
        """Whatever Mailroom said on the bus so far, in order."""
        sqs = self.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._ear, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._seen.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._ear, ReceiptHandle=message["ReceiptHandle"])
        return self._seen

    def _listen(self) -> str:
        """A queue that hears what Mailroom says on the bus."""
        sqs, events = self.client("sqs"), self.client("events")
        url = str(sqs.create_queue(QueueName="ear")["QueueUrl"])
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                }
            ],
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        bus = self.outputs["BusName"]
        events.put_rule(Name="ear", EventBusName=bus, EventPattern='{"source": ["mailroom"]}')
        events.put_targets(Rule="ear", EventBusName=bus, Targets=[{"Id": "ear", "Arn": arn}])
        return url

    # A person with a mail program and a browser

    def deliver(self, raw: bytes, *, sender: str, recipients: list[str]) -> None:
        """Bring a mail to our door, as its sender's server does; smtplib's errors if it is not let in."""
        with smtplib.SMTP("127.0.0.1", self.aws.smtp_port, timeout=30) as door:
            door.ehlo("mx.example.org")
            door.sendmail(sender, recipients, raw)

    def mail_to(self, address: str) -> list[Sent]:
        """What went out to an address so far, the oldest first."""
        return [sent for sent in self.outbox() if address in sent.destination]

    def outbox(self) -> Iterator[Sent]:
        for path in sorted(self.aws.outbox.glob("*.eml")):
            told = json.loads(path.with_suffix(".json").read_text())
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            yield Sent(path=path, mail=mail, destination=tuple(told["destination"]), outcome=told["outcome"])

    def browse(self, url: str, method: str = "GET", posted: str = "") -> Answer:
        """Open a link, or press its page's button (POST), or post a form to it. Names under .localhost are this machine
        (RFC 6761)."""
        parts = urlsplit(url)
        headers = {"Host": parts.netloc} | ({"Content-Type": "application/x-www-form-urlencoded"} if posted else {})
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=30)
        try:
            connection.request(method, parts.path, posted.encode() if method == "POST" else None, headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(status=answer.status, headers=told, body=answer.read().decode())
        finally:
            connection.close()


def until(look: Callable[[], Found], what: str, *, seconds: float = 30, pause: float = 0.05) -> Found:
    """What `look` gives once it gives something; NotSeen after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NotSeen(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(pause)
    return found
