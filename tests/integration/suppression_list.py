"""SES's suppression list as the embedded SES keeps it, behind the methods of boto3's client; moto has none."""

from botocore.exceptions import ClientError

from local.ses import suppression
from local.ses.account import Account
from local.ses.errors import SesError
from local.ses.wire import Call


class SuppressionList:
    """`refuses` are the codes of errors that the next calls end with; `calls` what was asked."""

    def __init__(self, clock):
        self.account = Account(id="000000000000", region="us-east-1", clock=clock)
        self.refuses, self.calls = [], []

    @property
    def entries(self):
        return {entry.address: entry.reason for entry in self.account.suppressed.values()}

    def list_suppressed_destinations(self, **asked):
        return self._perform(suppression.list_suppressed_destinations, "List", asked)

    def get_suppressed_destination(self, **asked):
        return self._perform(suppression.get_suppressed_destination, "Get", asked)

    def put_suppressed_destination(self, **asked):
        return self._perform(suppression.put_suppressed_destination, "Put", asked)

    def delete_suppressed_destination(self, **asked):
        return self._perform(suppression.delete_suppressed_destination, "Delete", asked)

    def _perform(self, operation, name, asked):
        self.calls.append(name)
        try:
            if self.refuses and (code := self.refuses.pop(0)):
                raise ClientError({"Error": {"Code": code, "Message": ""}}, name)
            return operation(self.account, Call(operation=name, parameters=asked))
        except SesError as error:
            raise ClientError({"Error": {"Code": error.code, "Message": error.message}}, name) from error
