"""The whole system on this machine, up until Ctrl-C: `make up`, `mailroom up`."""

import signal
import threading
import time
from pathlib import Path

from rich.console import Console

from local.deploy import NotDeployed, deploy
from local.introduce import introduce
from local.outside import Outside
from local.server import NotStarted, running

FOLDER = Path(__file__).parent.parent / ".mailroom"
STANDINS = {"jira": "Jira", "zendesk": "Zendesk", "hook": "Webhook"}
FED = {"jira": "mail to shop@acme.test", "zendesk": "mail to travel@acme.test", "hook": "all that happens to shop@"}


def main() -> None:
    console = Console(highlight=False)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    begun = time.monotonic()
    try:
        with console.status("Starting the embedded AWS"), running(FOLDER) as aws:
            console.print("The embedded AWS is up. Deploying the stacks …")
            deploy(aws)
            outside = Outside(aws, "local")
            standins = introduce(outside)
            console.print(f"Mailroom is up, after {time.monotonic() - begun:.0f} seconds.\n")
            console.print(f"  API            {outside.outputs['PagesUrl']}")
            console.print(f"  SMTP in        127.0.0.1:{aws.smtp_port}   (mail to support@acme.test)")
            console.print(
                f"  SMTP out       127.0.0.1:{aws.submission_port}   (STARTTLS; mailroom smtp show --password)"
            )
            console.print(f"  Outbox         {aws.outbox}")
            for name, there in standins.items():
                console.print(f"  {STANDINS[name]:<14} {there.base}/_stand-in/state   ({FED[name]})")
            console.print(f"  AWS endpoint   {aws.endpoint}   (AWS_ENDPOINT_URL; keys in {FOLDER.name}/local.json)")
            console.print("\nIn another terminal: [bold]mailroom signup mia@example.org[/], [bold]mailroom outbox[/],")
            console.print("[bold]mailroom tickets[/], [bold]mailroom status[/]. Ctrl-C ends it.")
            stop.wait()
    except (NotStarted, NotDeployed) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
