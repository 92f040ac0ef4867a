import pytest

from lambdas.feedback.effect import SoftBounce, Stop, effect
from lambdas.shared.timeline import Happening

SOFT = SoftBounce()


def found(kind, stream="marketing", **facts):
    return effect(Happening(key=f"{kind}#1", kind=kind, at="2026-11-21T10:00:00.000Z", facts=facts), stream)


# SES Developer Guide, notification contents: every type and subtype, and what it does to a mail of marketing.
@pytest.mark.parametrize(
    ("kind", "subtype", "expected"),
    [
        ("Undetermined", "Undetermined", SOFT),
        ("Permanent", "General", "all"),
        ("Permanent", "NoEmail", None),
        ("Permanent", "Suppressed", "all"),
        ("Permanent", "OnAccountSuppressionList", "marketing"),
        ("Permanent", "OnTenantSuppressionList", "marketing"),
        ("Permanent", "EmailValidationSuppressed", "all"),
        ("Permanent", "UnsubscribedRecipient", "marketing"),
        ("Permanent", "NewInTheYear2030", "all"),
        ("Transient", "General", None),
        ("Transient", "MailboxFull", SOFT),
        ("Transient", "MessageTooLarge", SOFT),
        ("Transient", "ContentRejected", SOFT),
        ("Transient", "AttachmentRejected", SOFT),
        ("Transient", "CustomTimeoutExceeded", SOFT),
        ("Transient", "NewInTheYear2030", SOFT),
        ("NewInTheYear2030", "General", SOFT),
    ],
)
def test_what_a_bounce_does_to_its_recipient(kind, subtype, expected):
    if isinstance(expected, str):
        expected = Stop(scope=expected, reason=f"permanent bounce ({subtype})")
    assert found("Bounce", type=kind, subtype=subtype) == expected


@pytest.mark.parametrize("kind", ["abuse", "auth-failure", "fraud", "other", "virus", "new-in-2030"])
def test_a_complaint_stops_the_stream_it_is_about(kind):
    assert found("Complaint", "transactional", type=kind) == Stop(scope="transactional", reason=f"complaint ({kind})")


def test_a_complaint_without_a_type_is_one_too_and_that_it_is_no_spam_is_none():
    assert found("Complaint") == Stop(scope="marketing", reason="complaint (no type given)")
    assert found("Complaint", type="not-spam") is None


def test_of_mail_that_is_not_ours_only_a_dead_address_stops_more_than_marketing():
    assert found("Complaint", None, type="abuse").scope == "marketing"
    assert found("Bounce", None, type="Permanent", subtype="OnAccountSuppressionList").scope == "marketing"
    assert found("Bounce", None, type="Permanent", subtype="General").scope == "all"


def test_who_leaves_a_contact_list_of_sess_gets_no_marketing():
    reason = "unsubscribed from SES's contact list Acme"
    assert found("Subscription", "transactional", list="Acme", unsubscribed="all") == Stop(
        scope="marketing", reason=reason, by="unsubscribe"
    )
    assert found("Subscription", list="Acme", topics="news OptOut") is None


@pytest.mark.parametrize(
    "kind", ["Send", "Delivery", "DeliveryDelay", "Reject", "Rendering Failure", "Open", "Click", "Teleported"]
)
def test_nothing_else_does_anything_to_its_recipient(kind):
    assert found(kind) is None
