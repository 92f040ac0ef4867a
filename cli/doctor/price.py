"""What SES's price plans cost for a volume of mails: US list prices for mail that goes out, in dollars. Pure.

From the AWS Price List of 2026-07-22 (aws.amazon.com/ses/pricing). Of Pro and Enterprise the price of the first tier is
used, so that a very large volume costs less there than is said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

MONTH = 30  # days


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`tiers` are up to how many mails a month a thousand cost so much."""

    name: str
    tiers: tuple[tuple[float, float], ...]
    a_month: float = 0

    @property
    def a_thousand(self) -> float:
        return self.tiers[0][1]

    def costs(self, mails: int) -> float:
        """Dollars for so many mails in a month."""
        total, before = self.a_month, 0.0
        for most, price in self.tiers:
            total += max(0.0, min(mails, most) - before) / 1000 * price
            before = most
        return total


PLANS = {
    "NONE": Plan(name="no plan", tiers=((inf, 0.10),)),
    "ESSENTIALS": Plan(name="Essentials", tiers=((10_000_000, 0.16), (100_000_000, 0.14), (inf, 0.11))),
    "PRO": Plan(name="Pro", tiers=((inf, 0.22),), a_month=105),
    "ENTERPRISE": Plan(name="Enterprise", tiers=((inf, 0.23),), a_month=500),
}
