"""What Mailroom does, shown on real mail: `make demo`. Ends with status 0 only if everything it tells was true."""

import re
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli.api import call
from cli.deployment import find
from lambdas.shared.messages import SUPPRESSED, Messages, message_id
from lambdas.shared.tickets.find import aside
from lambdas.shared.tickets.table import SES_ID, Tickets
from local.deploy import NotDeployed, deploy
from local.introduce import introduce
from local.outside import Found, NotSeen, Outside, Sent, until
from local.server import NotStarted, running
from local.standins.there import There
from local.up import FOLDER

MAILS = Path(__file__).parent.parent / "tests" / "mail"
SUPPORT, BILLING, SHOP = "support@acme.test", "billing@acme.test", "shop@acme.test"
# GTUBE, the string that every spam filter takes for spam, so that one can be tried (spamassassin.apache.org/gtube).
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


class Story:
    """Prints each step and checks what it says."""

    def __init__(self, outside: Outside, console: Console) -> None:
        self.outside = outside
        self._console = console
        self.checks = 0

    def title(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/]")

    def tell(self, arrow: str, text: str) -> None:
        self._console.print(f"  {arrow} {escape(text)}", soft_wrap=True)

    def holds(self, fact: bool, text: str) -> None:  # noqa: FBT001 - the fact is what it is about
        self.checks += 1
        if not fact:
            raise NotSeen(f"this does not hold: {text}")
        self.tell("✓", text)

    def came_out(self, sent: Sent) -> None:
        self.checks += 1
        self.tell("→", f"mail to {', '.join(sent.destination)}: “{sent.subject}”")
        self.tell(" ", f"{sent.path.relative_to(FOLDER.parent)} ({sent.outcome})")

    def mail_to(self, address: str, subject: str = "", *, number: int = 1) -> Sent:
        """Wait for the mails to an address that have this in their subject, and show the last of them."""
        found = until(
            lambda: [sent for sent in self.outside.mail_to(address) if subject in sent.subject][number - 1 :],
            f"mail {number} to {address} about {subject!r}",
        )
        self.came_out(found[0])
        return found[0]

    def event(self, kind: str, number: int = 1) -> dict[str, Any]:
        """Wait for an event of this kind to come out of the bus, and show it."""
        detail = until(lambda: self.outside.heard(kind)[number - 1 :], f"event {number} of kind {kind}")[0]
        self.checks += 1
        shown = {name: value for name, value in detail.items() if name in SHOWN and value is not None}
        self.tell("←", f"{kind} {' '.join(f'{name}={value}' for name, value in shown.items())}")
        return detail

    def deliver(self, name: str, sender: str, raw: bytes | None = None, to: str = SUPPORT) -> None:
        self.tell("→", f"{name} from {sender or 'the null sender'}, by SMTP to {to}")
        self.outside.deliver(raw or (MAILS / name).read_bytes(), sender=sender, recipients=[to])


SHOWN = ("email", "recipient", "recipients", "scope", "reason", "ticket", "subject", "status")


def sign_up(story: Story) -> None:
    story.title("1. Somebody signs up, and the address is verified")
    user = {"email": "mia@example.org", "name": "Mia", "user_id": "u-42", "request_id": "sign-up-1"}
    for _ in range(2):
        story.outside.put("UserSignedUp", user)
        story.tell("→", "UserSignedUp email=mia@example.org request_id=sign-up-1")
    link = link_in(story.mail_to("mia@example.org", "Confirm"))
    page = story.outside.browse(link)
    story.holds(page.status == 200 and "<button>" in page.body, "opening the link shows a button and changes nothing")
    page = story.outside.browse(link, "POST")
    story.holds(page.status == 200 and "Thank you" in page.body, "pressing the button verifies the address")
    story.event("EmailVerified")
    page = story.outside.browse(link, "POST")
    story.holds(page.status == 410, "a second press is told that the link was used")
    forged = link[:-4] + ("aaaa" if link[-4:] != "aaaa" else "bbbb")
    story.holds(story.outside.browse(forged).status == 404, "a forged link is told that it is not one of ours")
    story.holds(len(story.outside.mail_to("mia@example.org")) == 1, "the event came twice; one mail went out")


def one_time_code(story: Story) -> None:
    story.title("2. A person waits for a code: one signed call, and SES has it before the answer")
    deployment = find("local")
    answer = call(deployment, "POST", "/codes", {"email": "mia@example.org", "locale": "de"})
    story.tell("→", f"POST /codes email=mia@example.org locale=de: {answer.status}")
    sent = story.mail_to("mia@example.org", "Code")
    code = re.search(r"\b\d{6}\b", sent.text)
    story.holds(bool(code), "its mail is German, and has the code in the text and not in the subject")
    for typed, right in (("000000", False), (code[0] if code else "", True), (code[0] if code else "", False)):
        answer = call(deployment, "POST", "/codes/check", {"email": "mia@example.org", "code": typed})
        story.holds(answer.body == {"valid": right}, f"POST /codes/check code={typed}: valid={str(right).lower()}")


def link_in(sent: Sent) -> str:
    found = re.search(r"http\S+/verify/\S+", sent.text)
    if not found:
        raise NotSeen(f"a link in {sent.path}")
    return found[0]


def support(story: Story) -> None:
    story.title("3. People write to support, and mail becomes tickets")
    story.deliver("gmail-new-question.eml", "mia@example.org")
    story.event("TicketOpened")
    acknowledgement = story.mail_to("mia@example.org", "We have your message")
    story.holds(
        str(acknowledgement.mail["Auto-Submitted"]) == "auto-replied", "the acknowledgement is marked automatic"
    )

    until(lambda: known(story, acknowledgement), "the acknowledgement's SES id")
    way_back = str(acknowledgement.mail["Reply-To"])
    for number, (name, to) in enumerate([("gmail", way_back), ("iphone", SUPPORT)], 1):
        answer = answer_to(acknowledgement, f"{name}-reply-with-quote.eml")
        story.deliver(f"{name}-reply-with-quote.eml", "mia@example.org", answer, to=to)
        replied = story.event("TicketReplied", number)
        story.holds(replied["ticket"] == 1, f"it joined ticket 1, as {replied['message']['text']!r}")

    story.deliver("outlook-pdf-attachment.eml", "hans.bruegger@example.net")
    opened = story.event("TicketOpened", 2)
    story.holds(
        bool(opened["message"]["attachments"]), f"its attachment is kept: {opened['message']['attachments'][0]}"
    )
    story.deliver("thunderbird-latin1.eml", "andre@example.net")
    story.event("TicketOpened", 3)


def known(story: Story, sent: Sent) -> bool:
    """Whether it is known by now what SES called a mail of ours, by which alone some answers name it."""
    ses_id = str(sent.mail["Message-ID"]).strip("<>").partition("@")[0]
    return Tickets(story.outside.table("TicketsTable")).find(SES_ID, ses_id) is not None


def answer_to(sent: Sent, name: str) -> bytes:
    """A reply of tests/mail, as an answer to this mail."""
    raw = (MAILS / name).read_bytes()
    return raw.replace(b"<01000192f3a1-support-1@email.amazonses.com>", str(sent.mail["Message-ID"]).encode())


def team(story: Story) -> None:
    story.title("4. A team answers: by mail, and over the API")
    question = (MAILS / "gmail-new-question.eml").read_bytes().replace(b"mia", b"nora")
    story.deliver("gmail-new-question.eml, of Nora", "nora@example.org", question, to=BILLING)
    ticket = story.event("TicketOpened", 4)["ticket"]
    told = story.mail_to("ada@team.example", f"#{ticket}]")
    answer = answer_to(told, "iphone-reply-with-quote.eml").replace(b"mia@example.org", b"ada@team.example")
    story.deliver("iphone-reply-with-quote.eml, of Ada", "ada@team.example", answer, to=str(told.mail["Reply-To"]))
    sent = story.mail_to("nora@example.org", f"[#{ticket}]")
    story.holds("at the depot now" in sent.text, "what Ada wrote reached Nora, from Acme Billing")
    body = {"text": "It is in the van.", "by": "Bob", "status": "solved"}
    deployment = find("local")
    said = call(deployment, "POST", f"/tickets/{ticket}/replies", body, **{"Idempotency-Key": "demo-1"})
    story.tell("→", f"POST /tickets/{ticket}/replies by=Bob status=solved: {said.status}")
    solved = story.mail_to("nora@example.org", f"[#{ticket}]", number=2)
    threaded = str(solved.mail["In-Reply-To"]) == str(sent.mail["In-Reply-To"])
    story.holds(threaded, "Bob's answer is in the thread of Nora's mail")
    until(lambda: status_of(story, ticket) == "solved", "the ticket is solved")
    story.deliver("thanks.eml, of Nora", "nora@example.org", thanks(solved), to=str(solved.mail["Reply-To"]))
    story.event("TicketReplied", 3)
    story.holds(status_of(story, ticket) == "open", "and Nora's next mail opens the ticket again")


def status_of(story: Story, ticket: int) -> str | None:
    found = Tickets(story.outside.table("TicketsTable")).get(ticket)
    return found.status if found else None


def thanks(sent: Sent) -> bytes:
    answered = sent.mail["Message-ID"]
    fields = (
        f"From: Nora <nora@example.org>\r\nTo: {BILLING}\r\nSubject: Re: {sent.subject}\r\nIn-Reply-To: {answered}\r\n"
    )
    return f"{fields}Message-ID: <thanks@example.org>\r\n\r\nThere is no van here.\r\n".encode()


def robots(story: Story) -> None:
    story.title("5. What machines and spammers send becomes no ticket, and gets no answer")
    story.deliver("exchange-out-of-office.eml", "sandra.meier@example.net")
    story.deliver("postfix-dsn.eml", "")
    spam = b"From: win@example.net\r\nTo: support@acme.test\r\nSubject: You have won\r\n\r\n" + GTUBE + b"\r\n"
    story.deliver("a mail that every filter takes for spam", "win@example.net", spam)
    story.deliver("truncated-unreadable.eml", "broken@example.net")
    table = story.outside.table("TicketsTable")
    wanted = {"auto-reply", "bounce", "spam", "unreadable"}
    mails = until(lambda: all_of(aside(table, 20), len(wanted)), "four mails set aside")
    for mail in sorted(mails, key=lambda delivery: delivery.at):
        story.tell("✓", f"{mail.outcome}: {mail.reason}")
    story.holds({mail.outcome for mail in mails} == wanted, "each kept, with its reason, and none became a ticket")
    story.holds(not story.outside.mail_to("sandra.meier@example.net"), "the out-of-office reply was not answered")


def all_of(found: list[Found], number: int) -> list[Found]:
    """Nothing before all are there."""
    return found if len(found) >= number else []


def feedback(story: Story) -> None:
    story.title("6. What comes back is acted on before AWS acts")
    notice = {"template": "notice", "data": {"title": "Your parcel is on its way", "text": "It left this morning."}}
    bouncing = "bounce+mia@simulator.amazonses.com"
    story.outside.put("SendMail", {"to": bouncing, "idempotency_key": "parcel-1", **notice})
    story.tell("→", f"SendMail to={bouncing} idempotency_key=parcel-1")
    story.event("MailBounced")
    story.event("RecipientSuppressed")
    story.outside.put("SendMail", {"to": bouncing, "idempotency_key": "parcel-2", **notice})
    story.tell("→", f"SendMail to={bouncing} idempotency_key=parcel-2")
    reason = until(lambda: suppressed(story, "parcel-2"), "message parcel-2 ends as suppressed")
    story.tell("✓", f"the second mail ended as suppressed: {reason}")
    story.holds(len(story.outside.mail_to(bouncing)) == 1, "SES saw one mail to that address")

    complaining = "complaint+mia@simulator.amazonses.com"
    story.outside.put("SendMail", {"to": complaining, "stream": "marketing", "idempotency_key": "news-1", **notice})
    story.tell("→", f"SendMail to={complaining} stream=marketing")
    story.event("MailComplained")
    story.event("RecipientSuppressed", 2)
    story.outside.put("SendMail", {"to": complaining, "idempotency_key": "receipt-1", **notice})
    story.tell("→", f"SendMail to={complaining} stream=transactional")
    story.mail_to(complaining, number=2)
    story.tell("✓", "a complaint about a newsletter stops newsletters, and no receipt")


def suppressed(story: Story, idempotency_key: str) -> str | None:
    message = Messages(story.outside.table("MessagesTable")).get(message_id(idempotency_key))
    return message.reason if message and message.state == SUPPRESSED else None


def elsewhere(story: Story) -> None:
    story.title("7. A mailbox feeds Jira, and its team answers there")
    standins = introduce(story.outside)
    jira, customer = standins["jira"], "hans@example.org"
    raw = (MAILS / "outlook-pdf-attachment.eml").read_bytes().replace(b"hans.bruegger@example.net", customer.encode())
    story.deliver("outlook-pdf-attachment.eml, of Hans", customer, raw, to=SHOP)
    ticket = story.event("TicketOpened", 5)["ticket"]
    issue = until(lambda: [issue for issue in jira.tickets if issue["attachments"]], "an issue in Jira")[0]
    summary, file = issue["fields"]["summary"], issue["attachments"][0]["filename"]
    story.holds(summary == "Rechnung für März", f"Jira has {issue['key']}, “{summary}”, with {file}")
    story.tell("→", f"Ann comments on {issue['key']} in Jira, for the customer to see")
    jira.turn("comment", {"id": issue["id"], "text": "Position 3 is put right.", "author": "Ann"})
    sent = story.mail_to(customer, f"[#{ticket}]")
    story.holds("Position 3 is put right." in sent.text, "what she wrote reached Hans, from Acme Shop")
    until(lambda: issue_of(jira, issue["key"])["status"] == "In Progress", f"{issue['key']} is in progress")
    jira.turn("status", {"id": issue["id"], "status": "Done"})
    story.tell("→", f"Ann moves {issue['key']} to Done")
    until(lambda: status_of(story, ticket) == "solved", "the ticket is solved")
    comments = issue_of(jira, issue["key"])["comments"]
    story.holds(len(comments) == 1, "the ticket is solved here too, and her comment did not come back as one of ours")
    told = until(lambda: all_of(standins["hook"].state["events"], 4), "four events told to the webhook")
    kinds = sorted(event["event"]["type"] for event in told)
    story.holds(len(set(kinds)) == 3, f"a webhook was told of it all, signed: {', '.join(kinds)}")
    wrong = [fault for there in standins.values() for fault in there.state["wrong"]]
    story.holds(not wrong, "and nothing was sent that Jira, Zendesk or the webhook would not take")


def issue_of(jira: There, key: str) -> dict[str, Any]:
    return next(issue for issue in jira.tickets if issue["key"] == key)


def main() -> None:
    console = Console(highlight=False)
    begun = time.monotonic()
    try:
        with running(FOLDER) as aws:
            console.print("The embedded AWS is up. Deploying the stacks with the CDK CLI …")
            deploy(aws)
            console.print(f"Deployed, after {time.monotonic() - begun:.0f} seconds.")
            story = Story(Outside(aws, "local"), console)
            for chapter in (sign_up, one_time_code, support, team, robots, feedback, elsewhere):
                chapter(story)
    except (NotSeen, NotStarted, NotDeployed) as error:
        console.print(f"\n[bold red]✗[/] {escape(str(error))}", soft_wrap=True)
        console.print(f"  logs: {FOLDER.name}/local.log, {FOLDER.name}/deploy.log", soft_wrap=True)
        sys.exit(1)
    console.print(f"\n[bold]All {story.checks} expectations held, in {time.monotonic() - begun:.0f} seconds.[/]")
    console.print(f"The mails are in {FOLDER.name}/outbox. `make up` keeps the system up for you to try.")


if __name__ == "__main__":
    main()
