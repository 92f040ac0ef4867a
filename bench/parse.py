"""How fast the parser is beside others, and how much memory it takes: `make bench-parse`.

Every stack parses the same mails in one process of its own, taking turns, and its best turn counts: what else the
machine does only slows a turn down.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from bench import parse_shapes, parse_stack
from cli.output import show, table
from lambdas.shared.mail import limits

ROOT = Path(__file__).parent.parent
PINS = Path(__file__).parent / "parse-peers.txt"
ENVIRONMENT = ROOT / ".cache" / "bench-parse"
MOST = 3.0  # times the size of the mail
NOTHING = 0.02  # seconds; less is not compared
LONGEST = 8.0  # times the time of a mail of a quarter of the size: linear is 4, quadratic 16


@click.command()
@click.option(
    "--mails",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=ROOT / "tests" / "mail",
    help="A folder of .eml files, its subfolders too.  [default: tests/mail]",
)
@click.option("--seconds", type=click.FloatRange(0.1), default=3.0, show_default=True, help="Of one turn.")
@click.option("--turns", type=click.IntRange(1), default=3, show_default=True, help="Of each parser.")
@click.option("--memory", is_flag=True, help="Measure memory and time with mails of 40 MB instead.")  # fmt: skip
def main(*, folder: Path, seconds: float, turns: int, memory: bool) -> None:
    """Print mails a second of each parser; with --memory, what mails of 40 MB in many shapes take.

    Exit status 1 where one takes more than 3 times its size, or much more than 4 times as long as one of 10 MB.
    """
    if memory:
        show_memory()
    else:
        show_speed(folder, seconds, turns)


def show_speed(folder: Path, seconds: float, turns: int) -> None:
    count = len(parse_stack.mails(folder))
    if not count:
        raise click.UsageError(f"No .eml file in {folder}")
    peers = installed()
    best: dict[str, float] = {}
    failed: dict[str, int] = {}
    for _ in range(turns):
        for name in parse_stack.STACKS:
            python = sys.executable if name == "ours" else str(peers)
            figures = json.loads(run(python, "bench.parse_stack", name, str(folder.resolve()), str(seconds)))
            best[name] = max(best.get(name, 0.0), figures["mails"] / figures["seconds"])
            failed[name] = figures["failed"]
    rows = [(name, f"{speed:.0f}", f"{best['ours'] / speed:.1f}", str(failed[name])) for name, speed in best.items()]
    show(table(("parser", "mails a second", "ours is faster by", f"failed, of {count}"), rows))


def installed() -> Path:
    """The Python of an environment with the peers."""
    python, made = ENVIRONMENT / "bin" / "python", ENVIRONMENT / PINS.name
    if not made.exists() or made.read_bytes() != PINS.read_bytes():
        uv = str(Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "--requirement", PINS], check=True)
        made.write_bytes(PINS.read_bytes())
    return python


def show_memory() -> None:
    rows = []
    for shape in parse_shapes.SHAPES:
        whole, quarter = (measured(shape, size) for size in (limits.BYTES, limits.BYTES // 4))
        times = whole["bytes"] / limits.BYTES
        longer = whole["seconds"] / max(quarter["seconds"], NOTHING)
        rows.append((shape, whole, times, longer))
    lines = [
        (shape, f"{whole['bytes'] / 1e6:.0f}", f"{times:.2f}", f"{whole['seconds']:.2f}", f"{longer:.1f}")
        for shape, whole, times, longer in rows
    ]
    show(table(("40 MB of", "most memory (MB)", "times the mail", "seconds", "times 10 MB's"), lines))
    wrong = [shape for shape, _, times, longer in rows if times > MOST or longer > LONGEST]
    if wrong:
        raise SystemExit(f"More than {MOST} times the mail, or not linear: {', '.join(wrong)}")


def measured(shape: str, size: int) -> dict[str, float]:
    """The most memory and the processor time that a mail of that shape and size takes in a process of its own."""
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        file.write(parse_shapes.mail(shape, size))
        file.flush()
        figures: dict[str, float] = json.loads(run(sys.executable, "bench.parse_memory", file.name))
    return figures


def run(python: str, module: str, *arguments: str) -> str:
    done = subprocess.run([python, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)}: {done.stderr.strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    main()
