"""A ticket with one mail, as a team finds it."""

from lambdas.shared.tickets.ticket import Delivery, Ticket, TicketMessage

TOKEN = "abcdefghijklmnopqrstuvwxyz"
TICKET = Ticket(
    number=1,
    subject="Parcel",
    status="open",
    mailbox="support@acme.test",
    requester="mia@example.org",
    requester_name="Mia",
    participants=frozenset({"mia@example.org"}),
    token=TOKEN,
    team_token="team",
    created_at="2026-11-21T10:00:00.000Z",
    updated_at="2026-11-21T10:00:00.000Z",
)
MESSAGE = TicketMessage(
    id="ses-1",
    message_id=None,
    at="2026-11-21T10:00:00.000Z",
    sender="mia@example.org",
    sender_name="Mia",
    subject="Parcel",
    text="Text",
    reply="Text",
    kind="mail",
    flags=(),
    raw_key="raw/ses-1",
    attachments=(),
)
DELIVERY = Delivery(
    ses_id="ses-1",
    outcome="ticket",
    at=MESSAGE.at,
    sender="mia@example.org",
    mailbox="support@acme.test",
    raw_key="raw/ses-1",
    ticket=1,
)
