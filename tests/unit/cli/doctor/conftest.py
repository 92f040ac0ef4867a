"""A case whose AWS is a table of answers: by service and operation what it says, or the error that it raises."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from cli.deployment import Deployment, Stack
from cli.doctor.case import Case
from cli.doctor.names import Names
from infra.settings import Settings
from local.ses import wire
from tests.zone import looking_up

ANSWERS = Path(__file__).with_name("answers")
STACKS = ("Identity", "Storage", "Outbound", "Feedback", "Inbound", "Monitoring")
STAGE = {
    "account": "111122223333",
    "region": "eu-west-1",
    "domain": "acme.test",
    "sender": "Acme <hello@acme.test>",
    "mailboxes": [{"name": "Support", "address": "support@acme.test"}],
}


def recorded(name, operation):
    """An answer of SES, checked against its own model."""
    read = json.loads((ANSWERS / f"{name}.json").read_text(), object_hook=times)
    report = ParamValidator().validate(read, wire.model("sesv2").operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return read


def times(found):
    return {
        name: datetime.fromisoformat(value) if name.endswith("Timestamp") else value for name, value in found.items()
    }


class NotFoundException(ClientError):
    """As clients have it, by its name."""


def refused(operation, code="AccessDeniedException", message=""):
    kind = NotFoundException if code == "NotFoundException" else ClientError
    said = message or f"User: arn:aws:iam::111122223333:user/mia is not authorized to perform: ses:{operation}"
    return kind({"Error": {"Code": code, "Message": said}}, operation)


class Client:
    exceptions = SimpleNamespace(NotFoundException=NotFoundException)

    def __init__(self, answers):
        self._answers = answers

    def __getattr__(self, operation):
        def call(**parameters):
            answer = self._answers[operation]
            answer = answer(**parameters) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, operation):
        return Pages(getattr(self, operation))


class Pages:
    def __init__(self, operation):
        self._operation = operation

    def paginate(self, **parameters):
        return [self._operation(**parameters)]


@dataclass(frozen=True, kw_only=True)
class There(Deployment):
    answers: dict

    def client(self, service):
        return Client(self.answers[service])


def made(logical, kind, physical, status="CREATE_COMPLETE"):
    """A resource as CloudFormation lists it."""
    told = {"LogicalResourceId": logical, "ResourceType": kind, "ResourceStatus": status}
    return told | ({"PhysicalResourceId": physical} if physical else {})


def stack(name, **more):
    given = {"status": "UPDATE_COMPLETE", "at": "2026-11-20T10:00:00Z", "outputs": {}} | more
    return Stack(name=name, **given)


@pytest.fixture
def case():
    """Makes a case: `case(sesv2={"get_account": {...}}, stage={...})`, deployed unless `stacks` are others; of `stage`
    what is None is left out. The DNS has the records in `zone`, and nothing else."""

    def make(*, stage=None, stacks=STACKS, zone="", **answers):
        def listed():
            if isinstance(stacks, Exception):
                raise stacks
            return [stack(one) if isinstance(one, str) else one for one in stacks]

        return Case(
            settings=Settings.read("shop", {key: value for key, value in (STAGE | (stage or {})).items() if value}),
            there=There(stage="shop", session=None, account="111122223333", stacks=(), answers=answers),
            list_stacks=listed,
            names=Names(look_up=looking_up(zone)),
            now=datetime(2026, 11, 21, 12, tzinfo=UTC),
        )

    return make
