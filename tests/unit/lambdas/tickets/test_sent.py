import pytest

from lambdas.shared.queue import Rejected
from lambdas.tickets.sent import sent


def test_a_mail_of_ours_that_belongs_to_a_ticket_is_known_by_its_ses_id():
    assert sent({"detail-type": "MailSent", "detail": {"ses_id": "0100-1", "ticket": "17"}}) == ("0100-1", 17)


@pytest.mark.parametrize(
    "detail",
    [
        *(None, [], {}, {"ses_id": "0100-1"}, {"ticket": "17"}, {"ses_id": "0100-1", "ticket": None}),
        *({"ses_id": 7, "ticket": "17"}, {"ses_id": "", "ticket": "17"}, {"ses_id": "0100-1", "ticket": "x"}),
        *({"ses_id": "0100-1", "ticket": "١٧"}, {"ses_id": "0100-1", "ticket": "1" * 16}),
    ],
)
def test_any_other_event_is_rejected(detail):
    with pytest.raises(Rejected, match="no MailSent event of a ticket's mail"):
        sent({"detail-type": "MailSent", "detail": detail})
