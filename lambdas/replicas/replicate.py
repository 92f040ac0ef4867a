"""Copies of the first region's tables in this one, kept in step by DynamoDB: global tables, version 2019.11.21.

DynamoDB makes a replica in minutes, of a large table in more, and goes on when nobody waits for it any more. Its keys,
indexes, stream and expiry are the table's; whether it is protected and recoverable is each replica's own matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.custom_resource import Refused

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient

REPLICATED = ("MessagesTable", "RecipientsTable", "TokensTable")  # outputs of the first region's stack Storage
QUEUES = ("SendQueue", "TokensQueue")  # of Outbound
ACTIVE = "ACTIVE"
SECONDS = 5  # between two looks
# What DynamoDB answers for a while where a table is new: it is being changed, or its backups are still being set up
# (API, UpdateTable and UpdateContinuousBackups, errors).
NOT_READY = {"ResourceInUseException", "ContinuousBackupsUnavailableException"}
NOT_YET = (
    "DynamoDB is still making replicas in {region}: {waiting}. It goes on by itself; deploy again once `aws dynamodb "
    "describe-table --region {first} --table-name TABLE` says ACTIVE of each. A first deployment that stops here "
    "leaves a protected stack: docs/regions.md, Taking it back."
)


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """`stacks` and `tables` are the first region's, `here` are the tables of this `region`; `in_time` says whether
    there is time for another look."""

    first: str
    region: str
    stacks: CloudFormationClient
    tables: DynamoDBClient
    here: DynamoDBClient
    sleep: Callable[[float], None]
    in_time: Callable[[], bool]

    def prepare(self, names: list[str]) -> dict[str, str]:
        """What this region has to know of the first, whose stacks have these names: no more, for CloudFormation takes
        4,096 bytes. Refused if a replica takes longer than there is time."""
        outputs = self._outputs(names)
        tables = [outputs[name] for name in REPLICATED]
        self._wait_for(tables)
        for table in tables:
            self._protect(table)
        stream = self.here.describe_table(TableName=outputs["MessagesTable"])["Table"]["LatestStreamArn"]
        key = outputs["TokenKeyArn"].replace(f":{self.first}:", f":{self.region}:", 1)
        told = {name: outputs[name] for name in (*REPLICATED, *QUEUES)} | {"MessagesStream": stream, "TokenKey": key}
        if "InboundQueue" in outputs:
            told["InboundQueueArn"] = queue_arn(outputs["InboundQueue"], like=outputs["TokenKeyArn"])
        return told

    def _outputs(self, names: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in names:
            [stack] = self.stacks.describe_stacks(StackName=name)["Stacks"]
            told = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            found |= {key: value for key, value in told.items() if not key.startswith("ExportsOutput")}
        return found

    def _wait_for(self, tables: list[str]) -> None:
        waiting = tables
        while waiting := [table for table in waiting if not self._is_there(table)]:
            if not self.in_time():
                raise Refused(NOT_YET.format(region=self.region, first=self.first, waiting=", ".join(waiting)))
            self.sleep(SECONDS)

    def _is_there(self, name: str) -> bool:
        """Whether the table has a replica here; asks for one where it has none."""
        table: dict[str, Any] = dict(self.tables.describe_table(TableName=name)["Table"])
        replicas = {replica["RegionName"]: replica["ReplicaStatus"] for replica in table.get("Replicas", [])}
        if self.region not in replicas and table["TableStatus"] == ACTIVE:
            self._create(name)
        return replicas.get(self.region) == ACTIVE

    def _create(self, name: str) -> None:
        try:
            self.tables.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": self.region}}])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUseException":  # it is being changed; the next look asks
                raise

    def _protect(self, name: str) -> None:
        self._patiently(lambda: self.here.update_table(TableName=name, DeletionProtectionEnabled=True))
        self._patiently(
            lambda: self.here.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
        )

    def _patiently(self, change: Callable[[], object]) -> None:
        """Make a change as soon as DynamoDB takes it, while there is time."""
        while True:
            try:
                change()
            except ClientError as error:
                if error.response["Error"]["Code"] not in NOT_READY or not self.in_time():
                    raise
                self.sleep(SECONDS)
            else:
                return


def queue_arn(url: str, *, like: str) -> str:
    """Of a queue, whose URL ends in its name, in the partition, region and account of another ARN."""
    partition, _, region, account = like.split(":")[1:5]
    return f"arn:{partition}:sqs:{region}:{account}:{url.rpartition('/')[2]}"
