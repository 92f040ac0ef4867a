import asyncio
import socket
import threading

import pytest
from aiosmtpd.smtp import SMTP

MAIL = b"Return-Path: <mia@example.org>\nFrom: Mia <other@example.org>\nSubject: Hi\n\n.dot\nlast"


class Server:
    """Takes mail for support@acme.test and nobody else."""

    def __init__(self):
        self.received = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address != "support@acme.test":
            return "550 5.1.1 nobody \x1b[31mhere"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK id-1"


@pytest.fixture
def server(laptop):
    handler = Server()
    listening = socket.create_server(("127.0.0.1", 0))
    laptop(listening.getsockname()[1])
    loop = asyncio.new_event_loop()
    serving = loop.run_until_complete(
        loop.create_server(lambda: SMTP(handler, hostname="mx", loop=loop), sock=listening)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield handler
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    serving.close()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    return path


def test_a_mail_is_delivered_from_its_return_path_with_its_lines_ended_as_smtp_ends_them(run, server, file):
    assert run("deliver", file, "--to", "support@acme.test") == [
        "step                     code   answer",
        "from <mia@example.org>   250    OK",
        "to <support@acme.test>   250    OK",
        "mail                     250    OK id-1",
    ]
    assert server.received == [
        (
            "mia@example.org",
            ["support@acme.test"],
            b"Return-Path: <mia@example.org>\r\nFrom: Mia <other@example.org>\r\nSubject: Hi\r\n\r\n.dot\r\nlast\r\n",
        )
    ]


def test_each_recipient_gets_its_own_answer_and_the_others_still_get_the_mail(run, server, file):
    both = ("--to", "no@acme.test", "--to", "support@acme.test")
    assert run("deliver", file, *both, "--from", "", "--json", status=1) == {
        "from": "",
        "answers": [
            {"step": "from <>", "code": 250, "text": "OK"},
            {"step": "to <no@acme.test>", "code": 550, "text": "5.1.1 nobody \x1b[31mhere"},
            {"step": "to <support@acme.test>", "code": 250, "text": "OK"},
            {"step": "mail", "code": 250, "text": "OK id-1"},
        ],
    }
    assert server.received[0][:2] == ("<>", ["support@acme.test"])


def test_an_answer_cannot_drive_the_terminal(run, server, file):
    assert run("deliver", file, "--to", "no@acme.test", status=1)[-1] == (
        "to <no@acme.test>        550    5.1.1 nobody \\x1b[31mhere"
    )


def test_a_mail_that_nobody_takes_is_not_sent(run, server, file):
    run("deliver", file, "--to", "no@acme.test", status=1)
    assert server.received == []


def test_nobody_at_the_port_is_an_error_that_says_what_to_start(run, laptop, file):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    laptop(port)
    assert run("deliver", file, "--to", "support@acme.test", status=1) == (
        f"Error: No SMTP server answers at port {port}: start the system with `make up`.\n"
    )


def test_a_server_that_breaks_off_is_an_error(run, laptop, file):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        laptop(listening.getsockname()[1])
        hanging_up = threading.Thread(target=lambda: listening.accept()[0].close())
        hanging_up.start()
        said = run("deliver", file, "--to", "support@acme.test", status=1)
        hanging_up.join()
    assert said.startswith("Error: The SMTP server broke off: ")


def test_an_account_is_not_delivered_to(run, account, file):
    assert run("deliver", file, "--to", "support@acme.test", status=1).startswith(
        "Error: Stage example is in an AWS account: "
    )


def test_a_file_that_is_not_there_is_a_usage_error(run, laptop):
    laptop()
    assert "does not exist" in run("deliver", "none.eml", "--to", "support@acme.test", status=2)
