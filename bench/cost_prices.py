"""What AWS asks for what, in dollars, US East (N. Virginia), without free tiers and before volume discounts.

`sure`: read from AWS's own price lists or documents. The others are from third parties or from memory, and how a thing
is billed may be unconfirmed too: `note` says what was assumed, always the dearer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Price:
    """Dollars for so many units."""

    dollars: float
    units: float
    source: str
    sure: bool = True
    note: str = ""

    @property
    def each(self) -> float:
        return self.dollars / self.units


MILLION, GB = 1e6, 1e9
PRICE_LIST = "AWS Price List, 2026-07-22"
FIRST_PARTY = "AWS agent toolkit, 2026-08-20"

SES = {
    "à la carte": Price(dollars=0.10, units=1000, source=PRICE_LIST),
    "Essentials": Price(dollars=0.16, units=1000, source=PRICE_LIST),
}
SNS_PUBLISH = Price(
    dollars=0.50,
    units=MILLION,
    source="from memory",
    sure=False,
    note="that SES publishes is billed as if we did; what goes on to SQS is free",
)
SQS_REQUEST = Price(
    dollars=0.40,
    units=MILLION,
    source="third party, 2026-03",
    sure=False,
    note="SNS's, S3's and EventBridge's sends into the queue are billed as requests, and so are Lambda's receives",
)
LAMBDA_CALL = Price(dollars=0.20, units=MILLION, source="AWS, 2026-05")
LAMBDA_GB_SECOND = Price(dollars=0.0000133334, units=1, source="AWS, arm64, 2026-05")
TABLE_WRITE = Price(dollars=0.625, units=MILLION, source=FIRST_PARTY)
TABLE_READ = Price(dollars=0.125, units=MILLION, source=FIRST_PARTY)
TABLE_GB_MONTH = Price(dollars=0.25, units=1, source=FIRST_PARTY, note="a month of it; not its backup")
STREAM_READ = Price(dollars=0.02, units=100_000, source="from memory", sure=False, note="2.5 million a month are free")
BUS_EVENT = Price(dollars=1.00, units=MILLION, source="AWS, EventBridge pricing; 2026-08-20")
FIREHOSE_STEP = Price(
    dollars=0.029,
    units=GB / 5000,
    source="from memory",
    sure=False,
    note="a record is billed in steps of 5 KB, and SES makes a record of each event",
)
FILE_WRITE = Price(dollars=0.005, units=1000, source="third party, 2026", sure=False, note="S3, as above")
FILE_READ = Price(dollars=0.0004, units=1000, source="third party, 2026", sure=False, note="S3, as above")
FILE_GB_MONTH = Price(dollars=0.023, units=1, source="third party, 2026", sure=False, note="S3, as above")
LOG_GB = Price(
    dollars=0.50,
    units=1,
    source="third party, 2026",
    sure=False,
    note="Lambda logs three records of its own a call, 1 KB in all, unless the template tells it not to",
)
