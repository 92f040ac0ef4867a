"""Functions that get SIGKILL at random moments, as when Lambda loses a machine."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from threading import Event, Thread

from local.server import Running


def executions(aws: Running, function: str) -> dict[int, int]:
    """A function's executions: children of this embedded AWS, which run from a folder that is named after the
    function. The process ids, and of each its resident memory in KB."""
    listed = subprocess.run(
        ["/bin/ps", "-A", "-ww", "-o", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True
    )
    processes = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return {
        int(pid): int(memory)
        for pid, parent, memory, command in processes
        if parent == str(aws.pid) and f"-lambda-{function}-" in command
    }


@contextmanager
def killing(
    aws: Running, function: str, *, seconds: float, seed: int, done: Callable[[], int] | None = None, apart: int = 0
) -> Iterator[list[int]]:
    """While the block runs, an execution of the function is killed every `seconds` on average, 0: never. Gives the list
    that their process ids are added to.

    `done` counts what is done: between two deaths `apart` of it, so that on a busy machine, where all takes longer,
    none is killed as often as a queue gives it.
    """
    over, dice = Event(), Random(seed)  # noqa: S311 - dice, no secret
    killed: list[int] = []

    def run() -> None:
        spared = 0
        while not over.wait(dice.uniform(0, 2 * seconds)):
            if done and done() < spared:
                continue
            if alive := executions(aws, function):
                with suppress(ProcessLookupError):
                    os.kill(one := dice.choice(sorted(alive)), signal.SIGKILL)
                    killed.append(one)
                    spared = done() + apart if done else 0

    killer = Thread(target=run)
    if seconds:
        killer.start()
    try:
        yield killed
    finally:
        over.set()
        if seconds:
            killer.join()
