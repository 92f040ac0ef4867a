"""How SES says that the request for production access stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PENDING = "PENDING"


@dataclass(frozen=True, kw_only=True)
class State:
    """`review` is PENDING, GRANTED, DENIED or FAILED, empty where nothing was ever asked for; `details` what was."""

    production: bool
    review: str
    case: str
    details: dict[str, Any]

    @classmethod
    def read(cls, account: dict[str, Any]) -> State:
        """Of GetAccount's answer."""
        details: dict[str, Any] = account.get("Details", {})
        review = details.get("ReviewDetails", {})
        return cls(
            production=bool(account.get("ProductionAccessEnabled")),
            review=review.get("Status", ""),
            case=review.get("CaseId", ""),
            details={name: value for name, value in details.items() if name != "ReviewDetails"},
        )

    @property
    def told(self) -> str:
        case = f" (support case {self.case})" if self.case else ""
        if self.production:
            return "SES is in production: it sends to anybody."
        return SAID.get(self.review, "SES is in the sandbox, and says {status} of the request{case}.").format(
            status=self.review, case=case
        )

    def data(self) -> dict[str, Any]:
        return {"production": self.production, "review": self.review or None, "case": self.case or None}


SAID = {
    "": "SES is in the sandbox, and nobody has asked for production access.",
    PENDING: "SES is in the sandbox; AWS reviews the request{case}, which takes about a day, and answers there.",
    "DENIED": "SES is in the sandbox; AWS has denied the request{case}, and says why there: answer, or ask again.",
    "FAILED": "SES is in the sandbox; AWS could not review the request{case}. Ask again.",
    "GRANTED": "AWS has granted the request{case}, and SES is in the sandbox for a moment yet.",
}
