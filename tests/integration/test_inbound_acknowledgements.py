from tests.integration.post import letter, newest, stored, told


def test_a_mail_whose_envelope_is_not_authenticated_is_not_acknowledged(receive, heard):
    receive("gmail-new-question", "ses-1", source="victim@example.net", spf="FAIL", dmarc="PASS")
    assert told(heard) == [("TicketOpened", 1), ("ticket-notification", 1)]


def acknowledged(heard):
    return [ticket for kind, ticket in told(heard) if kind == "acknowledgement"]


def test_a_sender_is_acknowledged_twice_an_hour_and_five_times_a_day(receive, heard):
    times = [f"{hour}:{minute}" for hour in range(10, 16) for minute in (10, 20, 30)]
    for number, time in enumerate(times):
        receive(None, f"ses-{number}", raw=letter(text=time), at=f"2026-11-21T{time}:00.000Z")
    assert acknowledged(heard) == [1, 2, 4, 5, 7]
    receive(None, "ses-99", raw=letter(text="Again"), at="2026-11-22T10:31:00.000Z")
    assert acknowledged(heard) == [len(times) + 1]


def test_two_programs_that_answer_each_other_without_saying_so_stop_after_two_rounds(receive, heard):
    """Each of our acknowledgements makes the other program write a new mail, which says nothing of ours."""
    waiting, rounds = 1, 0
    while waiting:
        receive(
            None,
            f"ses-{rounds}",
            raw=letter("Subject: Thank you", text=f"{rounds}"),
            at=f"2026-11-21T10:{rounds:02}:00.000Z",
        )
        rounds += 1
        waiting = len(acknowledged(heard))
    assert rounds == 3  # two were answered, and the third was not
    assert len(newest(10)) == 3


def test_a_mailbox_without_an_acknowledgement_says_nothing(receive, heard):
    raw = stored("gmail-new-question").replace(b"support@acme.test", b"billing@acme.test")
    receive(None, "ses-1", raw=raw, to=("billing@acme.test",))
    assert told(heard) == [("TicketOpened", 1)]


def test_what_was_not_written_to_a_mailbox_is_not_acknowledged(receive, heard):
    receive(None, "ses-1", raw=b"From: mia@example.org\r\nTo: friends@example.net\r\n\r\nHello")
    assert told(heard) == [("TicketOpened", 1), ("ticket-notification", 1)]
