from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.recipients import SCOPES, Recipient, Suppression
from lambdas.suppression.differences import Difference, from_ses, to_ses
from lambdas.suppression.ses_list import Entry

MIA = "mia@example.org"
DAY = "2026-11-{:02}T10:00:00.000Z".format


def stopped(scope, evidence="Bounce#fb", by="feedback", until=None):
    message = "m1" if by == "feedback" else ""
    return Suppression(scope=scope, reason="r", message_id=message, evidence=evidence, at=DAY(5), by=by, until=until)


BOUNCED, ASKED = stopped("all"), stopped("all", evidence="", by="command")
COMPLAINED = stopped("marketing", evidence="Complaint#fb")
LEFT = stopped("marketing", evidence="Subscription#x", by="unsubscribe")
SOFT = stopped("all", until=DAY(20))


def ours(*suppressions, lifted=None):
    return Recipient(address=MIA, suppressions=suppressions, lifted=lifted or {})


def theirs(reason, recipient):
    found = from_ses(Entry(address=MIA, reason=reason, at=DAY(7)), recipient)
    return (found.kind, found.suppression.scope) if found else None


def missing_there(recipient, on_ses=None):
    found = to_ses(recipient, on_ses)
    return found and found.reason


def test_what_ses_has_and_we_do_not_is_taken_over_for_what_its_reason_stops():
    assert theirs("BOUNCE", ours()) == ("take", "all")
    assert theirs("COMPLAINT", ours()) == ("take", "marketing")
    assert theirs("BOUNCE", ours(COMPLAINED)) == ("take", "all")
    assert theirs("BOUNCE", ours(SOFT)) == ("take", "all")
    assert theirs("COMPLAINT", ours(stopped("transactional"))) == ("take", "marketing")


def test_what_stands_here_for_as_much_is_in_step():
    assert theirs("BOUNCE", ours(ASKED)) is None
    assert theirs("COMPLAINT", ours(BOUNCED)) is theirs("COMPLAINT", ours(LEFT)) is None


def test_what_was_lifted_here_since_is_lifted_there_and_what_came_later_stands():
    assert theirs("BOUNCE", ours(lifted={"all": DAY(8)})) == ("lift", "all")
    assert theirs("BOUNCE", ours(lifted={"all": DAY(6)})) == ("take", "all")
    assert theirs("COMPLAINT", ours(lifted={"all": DAY(8)})) == ("take", "marketing")


def test_a_reason_of_sess_that_is_not_known_changes_nothing():
    assert from_ses(Entry(address=MIA, reason="NEW", at=DAY(7)), ours()) is None


def test_what_stops_all_mail_for_good_belongs_on_sess_list_and_of_marketing_complaints_alone():
    assert missing_there(ours(BOUNCED)) == missing_there(ours(ASKED)) == "BOUNCE"
    assert missing_there(ours(COMPLAINED)) == "COMPLAINT"
    for one in (LEFT, SOFT, stopped("transactional", evidence="Complaint#fb"), stopped("marketing", "", "import")):
        assert missing_there(ours(one)) is None


def test_a_bounce_takes_the_place_of_a_complaint_there_and_never_the_other_way_round():
    assert missing_there(ours(BOUNCED, COMPLAINED), "COMPLAINT") == "BOUNCE"
    assert missing_there(ours(COMPLAINED), "BOUNCE") is None
    assert missing_there(ours(BOUNCED), "BOUNCE") is missing_there(ours(COMPLAINED), "COMPLAINT") is None


def test_what_was_taken_over_says_so_and_goes_back_for_the_reason_that_it_came_for():
    taken = Difference(kind="take", address=MIA, reason="COMPLAINT", at=DAY(7)).suppression
    assert taken == Suppression(
        scope="marketing",
        reason="on SES's list (complaint)",
        message_id="",
        evidence=f"SES#COMPLAINT#{DAY(7)}",
        at=DAY(7),
        by="ses",
    )
    assert missing_there(ours(taken)) == "COMPLAINT"


KINDS = st.sampled_from([BOUNCED, ASKED, COMPLAINED, LEFT, SOFT, stopped("transactional", "Complaint#fb")])


@given(
    st.lists(KINDS, max_size=3, unique_by=lambda one: one.scope),
    st.dictionaries(st.sampled_from(SCOPES), st.sampled_from([DAY(6), DAY(8)])),
    st.sampled_from([None, "BOUNCE", "COMPLAINT"]),
)
def test_nothing_about_marketing_ever_stops_transactional_mail(suppressions, lifted, on_ses):
    """Of SES's reasons BOUNCE alone stops it (tests/infra/test_stacks.py holds the configuration sets to that)."""
    about_marketing = [one for one in suppressions if one.scope == "marketing"]
    assert missing_there(ours(*about_marketing), on_ses) != "BOUNCE"
    if on_ses == "COMPLAINT":
        assert theirs("COMPLAINT", ours(*suppressions, lifted=lifted)) in (
            None,
            ("take", "marketing"),
            ("lift", "marketing"),
        )
