"""Makes the stage's identities in the standby region, as CloudFormation custom resources."""

from __future__ import annotations

from typing import Any

import boto3

from lambdas.identities.replica import Identities
from lambdas.shared.custom_resource import answer

identities = Identities(ses=boto3.client("sesv2"))
# An update may be of the name, as where a stage's first domain changes; that identity has to be made.
ACTIONS = {"Create": identities.create, "Update": identities.create, "Delete": identities.delete}


def handler(event: dict[str, Any], _context: object) -> None:
    # The physical id is the identity's name: another name is another identity, and the one before is deleted.
    answer(event, ACTIONS, physical_id=event.get("ResourceProperties", {}).get("Identity", "none"))
