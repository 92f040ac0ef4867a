"""The server process: MiniStack and our SES on one HTTP port, and SMTP; the embedded internet beside it.

`python -m local.process --folder .mailroom`.

Others start it with local.server.running(), which also waits for it and ends it.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.internet.start import Internet, start
from local.runtime import lambda_python

ACCOUNT = "000000000000"  # MiniStack's own
_HOST = "127.0.0.1"
_CERTIFICATE = "smtp.pem"
_KEPT = ("HOME", "LANG", "PATH", "SYSTEMROOT", "TZ")


@dataclass(frozen=True, kw_only=True)
class Ports:
    http: socket.socket
    receiving: socket.socket
    sending: socket.socket


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    folder: Path = options.folder.resolve()
    _clear(folder)
    python = lambda_python()  # before the environment goes: uv may need it to reach its index
    internet = start(folder)
    ports = Ports(
        http=_listen(options.port), receiving=_listen(options.smtp_port), sending=_listen(options.submission_port)
    )
    _set_environment(folder, options.region, ports.http.getsockname()[1])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells every line it hears, addresses included
    if options.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(_serve(folder, options.region, python, internet, ports))
    sys.stdout.flush()
    os._exit(0)  # MiniStack's worker threads are not daemons: one that hangs in a killed function would keep us here


def _clear(folder: Path) -> None:
    """What is in memory begins anew, so these folders do too; but never in a folder that is not ours to clear."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "local.log").exists():
        raise SystemExit(f"{folder} holds other things; name a folder of its own, which may be missing or empty.")
    for name in ("outbox", "s3", "state", "tmp"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    (folder / "local.log").touch()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.process", description="The embedded AWS, on 127.0.0.1 only.")
    parser.add_argument("--folder", type=Path, default=Path(".mailroom"), help="state, outbox and log go here")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--port", type=int, default=0, help="HTTP; 0 takes a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="mail coming in; 0 takes a free one")
    parser.add_argument("--submission-port", type=int, default=0, help="sending by SMTP; 0 takes a free one")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


def _listen(port: int) -> socket.socket:
    """A port that is taken before anything reads its number, and that only this machine reaches."""
    return socket.create_server((_HOST, port), backlog=128)


def _set_environment(folder: Path, region: str, port: int) -> None:
    """What MiniStack reads while it is imported, and nothing of the developer's own AWS settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept,
        AUTH="true",
        GATEWAY_PORT=str(port),
        MINISTACK_HOST="localhost",
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=region,
        AWS_DEFAULT_REGION=region,
        # The account's root, which nobody may use (local/gateway.py).
        AWS_ACCESS_KEY_ID=f"ROOT{secrets.token_hex(8).upper()}",
        AWS_SECRET_ACCESS_KEY=secrets.token_hex(20),
        DOCKER_HOST="unix:///nonexistent",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL="INFO",
        S3_DATA_DIR=str(folder / "s3"),
        STATE_DIR=str(folder / "state"),
        TMPDIR=str(folder / "tmp"),
    )


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


async def _serve(folder: Path, region: str, python: Path, internet: Internet, ports: Ports) -> None:
    """Imports are here, because MiniStack reads the environment while it is imported."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from local import emulator
    from local.assemble import assemble

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    emulator.isolate_functions(python, internet)
    emulator.use_scope(ACCOUNT, region)
    key, secret = await emulator.make_administrator("developer")
    config = Config()
    config.bind = [f"fd://{ports.http.fileno()}"]
    config.graceful_timeout = 1
    gateway = assemble(
        account=ACCOUNT,
        region=region,
        outbox=folder / "outbox",
        receiving=ports.receiving,
        sending=ports.sending,
        certificate=folder / _CERTIFICATE,
    )
    up = _where(folder, ports) | {"region": region, "access_key_id": key, "secret_access_key": secret}
    up |= {"standins": internet.standins()}
    written = folder / "local.json"
    try:
        _write(written, json.dumps(up, indent=1))
        await serve(gateway, config, shutdown_trigger=stop.wait)
    finally:
        written.unlink(missing_ok=True)
        emulator.stop_functions()


def _where(folder: Path, ports: Ports) -> dict[str, Any]:
    return {
        "endpoint": f"http://{_HOST}:{ports.http.getsockname()[1]}",
        "smtp_port": ports.receiving.getsockname()[1],
        "submission_port": ports.sending.getsockname()[1],
        "certificate": str(folder / _CERTIFICATE),
        "outbox": str(folder / "outbox"),
        "account": ACCOUNT,
        "pid": os.getpid(),
    }


def _write(path: Path, text: str) -> None:
    """Readable by its owner alone, because it holds a secret; whole or not there at all."""
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)


if __name__ == "__main__":
    main()
