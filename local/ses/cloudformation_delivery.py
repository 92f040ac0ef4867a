"""The AWS::SES types for what a stage may ask for besides: dedicated IP pools, VDM, a tenant. Handlers as those in
cloudformation.py."""

from typing import Any

from local.ses.errors import AlreadyExists, BadRequest
from local.ses.service import Ses
from local.ses.tenants import Tenant

Properties = dict[str, Any]
Created = tuple[str, dict[str, str]]


class DedicatedIpPool:
    def __init__(self, ses: Ses) -> None:
        self._pools = ses.account.pools

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        name = properties["PoolName"]
        if name in self._pools:
            raise AlreadyExists(f"Pool {name} already exists.")
        self._pools[name] = properties.get("ScalingMode", "STANDARD")
        return name, {}

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack: str) -> Created:
        mode = new.get("ScalingMode", "STANDARD")
        if (self._pools[physical_id], mode) == ("MANAGED", "STANDARD"):
            raise BadRequest(f"Pool {physical_id} is managed, which a pool cannot stop to be.")
        self._pools[physical_id] = mode
        return physical_id, {}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        self._pools.pop(physical_id, None)


class VdmAttributes:
    """There is one of them in an account and region."""

    def __init__(self, ses: Ses) -> None:
        self._account = ses.account

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        return self.update(f"{stack}-{logical_id}", {}, properties, stack)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack: str) -> Created:
        self._account.vdm = {"VdmEnabled": "ENABLED", **new}
        return physical_id, {"VdmAttributesResourceId": physical_id}

    def delete(self, _physical_id: str, _properties: Properties) -> None:
        self._account.vdm = {"VdmEnabled": "DISABLED"}


class TenantHandler:
    def __init__(self, ses: Ses) -> None:
        self._tenants = ses.account.tenants

    def create(self, _logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties["TenantName"]
        if name in self._tenants:
            raise AlreadyExists(f"Tenant {name} already exists.")
        return self.update(name, {}, properties, stack)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack: str) -> Created:
        associated = frozenset(item["ResourceArn"] for item in new.get("ResourceAssociations", ()))
        self._tenants[physical_id] = Tenant(name=physical_id, resources=associated)
        return physical_id, {}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        self._tenants.pop(physical_id, None)
