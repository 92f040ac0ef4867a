"""A request for production access: what was said of the account, and what AWS says to it (API PutAccountDetails)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REVIEWS = ("PENDING", "GRANTED", "DENIED", "FAILED")


@dataclass(frozen=True, kw_only=True)
class Details:
    """`given` as PutAccountDetails has it; `status` one of REVIEWS, `case` the number of the support case."""

    given: Mapping[str, Any]
    status: str
    case: str

    def describe(self) -> dict[str, Any]:
        """As GetAccount has them."""
        said = {name: value for name, value in self.given.items() if name != "ProductionAccessEnabled"}
        return {**said, "ReviewDetails": {"Status": self.status, "CaseId": self.case}}
