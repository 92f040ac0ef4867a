"""What lies where in the mail bucket. Pure."""

RAW = "raw/"  # raw/<ses id>: a mail as it came
ATTACHMENTS = "attachments/"  # attachments/<id of a message of a ticket>/<n>: its files, which go with the ticket
OUTGOING = "outgoing/"  # outgoing/<message id>/<n>: files of mails that wait, a year ahead at most


def raw_key(ses_id: str) -> str:
    return f"{RAW}{ses_id}"


def ses_id_of(raw_key: str) -> str:
    return raw_key.removeprefix(RAW)


def attachments_of(message: str) -> str:
    """Where the files of a ticket's message are, each under its number."""
    return f"{ATTACHMENTS}{message}/"


def outgoing_of(message: str) -> str:
    """Where the files of a mail that waits are, each under its number; the outbox reads no others of this bucket."""
    return f"{OUTGOING}{message}/"
