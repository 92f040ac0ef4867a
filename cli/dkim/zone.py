"""A key's record in a hosted zone of the stage, which no template can make: it would have to know the key."""

from __future__ import annotations

from typing import Any

from infra.records import TTL


def publish(route53: Any, zone_id: str, record: tuple[str, str, str]) -> None:
    """Make it, or leave it as it is where it is there."""
    name, kind, value = record
    found = {"Name": f"{name}.", "Type": kind, "TTL": TTL, "ResourceRecords": [{"Value": value}]}
    changes = [{"Action": "UPSERT", "ResourceRecordSet": found}]
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
