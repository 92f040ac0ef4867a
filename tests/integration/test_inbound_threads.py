from dataclasses import replace

import pytest

from tests.integration.post import QUESTION_ID, SUPPORT_ID, letter, newest, stored, told


def test_an_answer_with_the_token_joins_the_ticket_that_nobody_has_looked_at(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    receive("iphone-reply-with-quote", "ses-2", to=(f"support+{ticket.token}@acme.test",))
    first, second = tickets.messages(1)
    assert (first.id, second.id) == ("ses-1", "ses-2")
    assert second.reply.startswith("I’m at the depot now")
    assert "Altstetten" not in second.reply
    assert tickets.get(1).status == "new"
    assert told(heard)[3:] == [("TicketReplied", 1), ("ticket-notification", 1)]


def test_an_answer_within_the_thread_joins_the_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    raw = stored("gmail-reply-with-quote")
    receive(None, "ses-2", raw=raw.replace(SUPPORT_ID, QUESTION_ID))
    assert [message.id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


def test_a_stranger_who_knows_token_and_message_id_gets_a_ticket_of_their_own(receive, tickets):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = stored("gmail-reply-with-quote")
    raw = raw.replace(SUPPORT_ID, QUESTION_ID).replace(b"mia@example.org", b"eve@x.test")
    receive(None, "ses-2", raw=raw, source="eve@x.test", to=(f"support+{ticket.token}@acme.test",))
    assert len(tickets.messages(1)) == 1
    assert tickets.get(2).requester == "eve@x.test"


@pytest.mark.parametrize("by", ["token", "message-id"])
def test_a_forged_sender_gets_a_flagged_ticket_and_brings_nobody_in(receive, tickets, by):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = stored("gmail-reply-with-quote").replace(SUPPORT_ID, QUESTION_ID)
    raw = raw.replace(b"\r\nSubject:", b"\r\nCc: eve@x.test\r\nSubject:", 1)
    assert b"Cc: eve@x.test" in raw
    to = f"support+{ticket.token}@acme.test" if by == "token" else "support@acme.test"
    receive(None, "ses-2", raw=raw, source="eve@x.test", to=(to,), dmarc="FAIL")
    assert [message.id for message in tickets.messages(1)] == ["ses-1"]
    assert tickets.get(1).participants == {"mia@example.org"}
    assert tickets.get(2).participants == {"mia@example.org"}
    assert tickets.messages(2)[0].flags == (
        "sender not authenticated (DMARC failed)",
        "answers ticket 1, but its sender is not authenticated",
    )


@pytest.mark.parametrize(
    ("by", "dmarc", "joins"),
    [("token", "GRAY", True), ("token", "PASS", True), ("message-id", "GRAY", False), ("message-id", "PASS", True)],
)
def test_whom_an_answer_names_joins_only_with_the_token_or_a_passed_dmarc(receive, tickets, by, dmarc, joins):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = stored("gmail-reply-with-quote").replace(SUPPORT_ID, QUESTION_ID)
    raw = raw.replace(b"\r\nSubject:", b"\r\nCc: bo@example.net\r\nSubject:", 1)
    to = f"support+{ticket.token}@acme.test" if by == "token" else "support@acme.test"
    receive(None, "ses-2", raw=raw, to=(to,), dmarc=dmarc)
    assert len(tickets.messages(1)) == 2
    assert ("bo@example.net" in tickets.get(1).participants) is joins


def test_an_answer_that_names_only_our_ses_id_joins_the_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    tickets.sent("01000192f3a1-support-1", 1)
    receive("gmail-reply-with-quote", "ses-2")
    assert [message.id for message in tickets.messages(1)] == ["ses-1", "ses-2"]


def test_the_same_subject_is_another_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1")
    receive("iphone-reply-with-quote", "ses-2")
    assert {ticket.number for ticket in newest(10)} == {1, 2}


def test_nobody_takes_over_a_thread_by_using_its_message_id(receive, tickets):
    receive("gmail-new-question", "ses-1")
    stolen = stored("gmail-new-question").replace(b"mia@example.org", b"eve@x.test")
    receive(None, "ses-2", raw=stolen, source="eve@x.test")
    assert tickets.find("message-id", "CAF2u7wKq9mia+question1@mail.gmail.com").number == 1


def test_an_auto_reply_within_a_thread_joins_it_without_opening_it(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    [ticket] = newest(10)
    raw = stored("vacation-auto-reply").replace(b"paul@example.org", b"mia@example.org")
    receive(None, "ses-2", raw=raw, to=(f"support+{ticket.token}@acme.test",))
    assert [message.kind for message in tickets.messages(1)] == ["mail", "auto-reply"]
    assert tickets.get(1).status == "new"
    assert told(heard)[3:] == [("TicketReplied", 1)]


def test_a_mail_to_two_mailboxes_at_once_is_one_ticket(receive, tickets):
    receive("gmail-new-question", "ses-1", to=("sales@acme.test", "support@acme.test", "billing@acme.test"))
    assert [ticket.mailbox for ticket in newest(10)] == ["support@acme.test"]


def copy_of(name, *replaced):
    raw = stored(name)
    for old, new in replaced:
        assert old in raw
        raw = raw.replace(old, new)
    return raw


def messages(tickets, number):
    return [message.id for message in tickets.messages(number)]


def test_mails_that_name_one_unknown_mail_belong_together_and_so_does_that_one(receive, tickets):
    receive(None, "ses-1", raw=letter("Message-ID: <a@x>", "References: <root@x> <other@x>"))
    receive(None, "ses-2", raw=letter("Message-ID: <b@x>", "In-Reply-To: <root@x>", text="And this?"))
    receive(None, "ses-3", raw=letter("Message-ID: <root@x>", text="It began so."))
    assert messages(tickets, 1) == ["ses-1", "ses-2", "ses-3"]
    assert len(newest(10)) == 1


def test_a_mail_that_others_had_named_is_one_message_too_however_often_it_comes(receive, tickets):
    receive(None, "ses-1", raw=letter("Message-ID: <a@x>", "References: <root@x>"))
    for number in (2, 3):
        receive(None, f"ses-{number}", raw=letter("Message-ID: <root@x>", text="It began so."))
    assert messages(tickets, 1) == ["ses-1", "ses-2"]
    assert (tickets.delivery("ses-3").outcome, tickets.delivery("ses-3").ticket) == ("duplicate", 1)


@pytest.mark.parametrize("field", ["References: <root@x>", "Message-ID: <root@x>"])
def test_who_takes_no_part_does_not_join_by_an_unknown_mail(receive, tickets, field):
    receive(None, "ses-1", raw=letter("Message-ID: <a@x>", "References: <root@x>"))
    receive(None, "ses-2", raw=letter(field, sender="eve@x.test"), source="eve@x.test")
    assert messages(tickets, 1) == ["ses-1"]
    assert tickets.messages(2)[0].flags == ("answers ticket 1, but its sender takes no part in it",)


def test_of_very_many_mails_that_one_names_the_nearest_and_the_root_are_known(receive, tickets):
    chain = " ".join(f"<{number}@x>" for number in range(60))
    receive(None, "ses-1", raw=letter(f"References: {chain}"))
    known = [number for number in range(60) if tickets.find("message-id", f"{number}@x")]
    assert known == [0, *range(51, 60)]


def test_a_copy_to_another_mailbox_is_one_ticket_and_told_of_once(receive, tickets, heard):
    receive("gmail-new-question", "ses-1")
    heard()
    receive("gmail-new-question", "ses-2", to=("billing@acme.test",))
    found = tickets.delivery("ses-2")
    assert (found.outcome, found.ticket, found.reason) == ("duplicate", 1, "ticket 1 has this mail already")
    assert messages(tickets, 1) == ["ses-1"]
    assert (len(newest(10)), heard()) == (1, [])


def test_a_copy_of_an_answer_is_one_message(receive, tickets):
    receive("gmail-new-question", "ses-1")
    answer = copy_of("gmail-reply-with-quote", (SUPPORT_ID, QUESTION_ID))
    receive(None, "ses-2", raw=answer)
    receive(None, "ses-3", raw=b"Received: by another.example.org; Sat, 21 Nov 2026 10:00:00 +0000\r\n" + answer)
    assert messages(tickets, 1) == ["ses-1", "ses-2"]
    assert tickets.delivery("ses-3").outcome == "duplicate"


@pytest.mark.parametrize("changed", [(b"order 4711?", b"order 4712?"), (b"Hello,", b"Hi,"), (b"09:14:22", b"09:14:23")])
def test_another_mail_under_the_same_message_id_is_no_copy(receive, changed):
    receive("gmail-new-question", "ses-1")
    receive(None, "ses-2", raw=copy_of("gmail-new-question", changed))
    assert len(newest(10)) == 2


def test_of_two_copies_at_the_same_instant_the_later_looks_again(receive, tickets, monkeypatch):
    receive("gmail-new-question", "ses-1")
    with monkeypatch.context() as blind:
        blind.setattr(receive.module.tickets, "original", lambda *_: None)
        blind.setattr(receive.module.tickets, "_item", lambda _: None)
        receive("gmail-new-question", "ses-2")
    assert (len(newest(10)), tickets.delivery("ses-2")) == (1, None)
    receive("gmail-new-question", "ses-2")  # as the queue does
    assert tickets.delivery("ses-2").outcome == "duplicate"


@pytest.mark.parametrize("status", ["pending", "solved"])
def test_an_answer_opens_what_waited_or_was_solved_and_says_so(receive, tickets, heard, status):
    receive("gmail-new-question", "ses-1")
    change(tickets, 1, status=status)
    heard()
    receive(None, "ses-2", raw=copy_of("gmail-reply-with-quote", (SUPPORT_ID, QUESTION_ID)))
    assert (tickets.get(1).status, tickets.delivery("ses-2").before) == ("open", status)
    (replied, _), (changed, event), _ = heard()
    assert (replied, changed) == ("TicketReplied", "TicketStatusChanged")
    assert (event["status"], event["before"], event["by"]) == ("open", status, "mia@example.org")


def change(tickets, number, **fields):
    ticket = tickets.get(number)
    note = replace(tickets.messages(number)[0], id=f"note-{ticket.version}", kind="note")
    tickets.act(replace(ticket, version=ticket.version + 1, **fields), note)


def answers(number, sender="mia@example.org"):
    fields = (f"Message-ID: <answer-{number}@x>", f"In-Reply-To: <{QUESTION_ID.decode()}>")
    return letter(*fields, "Subject: Again", sender=sender, text=f"Once more: {number}")


def test_an_answer_to_a_closed_ticket_opens_one_that_goes_on_with_it_and_the_next_answer_goes_there(
    receive, tickets, heard
):
    receive("gmail-new-question", "ses-1")
    change(tickets, 1, status="closed", participants=frozenset({"mia@example.org", "bo@example.net"}))
    receive(None, "ses-2", raw=answers(2, "bo@example.net"))
    first, second = tickets.get(1), tickets.get(2)
    assert (first.status, first.followed_by, second.follows, second.subject) == ("closed", 2, 1, "Again")
    assert (second.requester, second.participants) == ("bo@example.net", {"bo@example.net", "mia@example.org"})
    receive(None, "ses-3", raw=answers(3))
    assert messages(tickets, 2) == ["ses-2", "ses-3"]
    assert told(heard)[3:] == [
        ("TicketOpened", 2),
        ("acknowledgement", 2),
        ("ticket-notification", 2),
        ("TicketReplied", 2),
        ("ticket-notification", 2),
    ]


def test_an_answer_to_a_chain_of_closed_tickets_goes_to_its_end(receive, tickets):
    receive("gmail-new-question", "ses-1")
    for number in (2, 3):
        change(tickets, number - 1, status="closed")
        receive(None, f"ses-{number}", raw=answers(number))
    assert [tickets.get(number).followed_by for number in (1, 2, 3)] == [2, 3, None]
    assert [tickets.get(number).follows for number in (1, 2, 3)] == [None, 1, 2]
    receive(None, "ses-4", raw=answers(4))
    assert messages(tickets, 3) == ["ses-3", "ses-4"]


def test_of_two_answers_to_a_closed_ticket_at_the_same_instant_one_opens_and_the_other_joins(
    receive, tickets, monkeypatch
):
    receive("gmail-new-question", "ses-1")
    change(tickets, 1, status="closed")
    closed = tickets.get(1)
    receive(None, "ses-2", raw=answers(2))
    with monkeypatch.context() as stale:
        stale.setattr(receive.module.tickets, "find", lambda kind, _: closed if kind == "message-id" else None)
        receive(None, "ses-3", raw=answers(3))
    assert tickets.delivery("ses-3") is None
    receive(None, "ses-3", raw=answers(3))  # as the queue does
    assert messages(tickets, 2) == ["ses-2", "ses-3"]
    assert len(newest(10)) == 2


def test_an_auto_reply_to_a_closed_ticket_opens_none(receive, tickets):
    receive("gmail-new-question", "ses-1")
    change(tickets, 1, status="closed")
    raw = copy_of("vacation-auto-reply", (b"paul@example.org", b"mia@example.org"))
    receive(None, "ses-2", raw=raw, to=(f"support+{tickets.get(1).token}@acme.test",))
    assert (len(newest(10)), tickets.delivery("ses-2").outcome) == (1, "auto-reply")
