"""Points in time as the tables hold them: ISO 8601, UTC, milliseconds, so that they sort as text."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)


def after(moment: datetime, **span: float) -> str:
    return iso(moment + timedelta(**span))
