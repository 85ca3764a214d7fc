"""A program that is not wanted any more is over, whatever it was saying and whoever gives it up."""

import asyncio
import gc
import os
import sys
import warnings
from asyncio import subprocess

import pytest

from bot.process.child import running
from tests.stopwatch import PATIENCE_S

SAYS_MUCH = "import sys, time; sys.stdout.write('x' * 200_000); sys.stdout.flush(); time.sleep(60)"
LEAVES_A_CHILD = (
    "import os, time; os.fork() or (os.setsid(), print(os.getpid(), flush=True), time.sleep(60)); time.sleep(60)"
)


def program(says: str) -> list[str]:
    return [sys.executable, "-S", "-c", says]


async def test_a_program_ends_of_which_not_all_was_read() -> None:
    async with asyncio.timeout(PATIENCE_S):
        async with running(program(SAYS_MUCH), {}, limit=1) as child:
            assert child.stdout
            await child.stdout.readexactly(1)  # more than the limit stands in the buffer: no more is read by itself

    assert child.returncode == -9


async def test_a_program_ends_whose_own_child_holds_its_output() -> None:
    async with asyncio.timeout(PATIENCE_S):
        async with running(program(LEAVES_A_CHILD), {}) as child:
            assert child.stdout
            left = int(await child.stdout.readline())
    os.kill(left, 9)

    assert child.returncode == -9


def test_given_up_again_while_it_ends_it_leaves_nothing_open() -> None:
    async def main() -> subprocess.Process:
        async with running(program("import time; time.sleep(60)"), {}) as child:
            loop, me = asyncio.get_running_loop(), asyncio.current_task()
            assert me
            me.cancel()
            loop.call_soon(lambda: loop.call_soon(me.cancel))
            await asyncio.sleep(60)
        return child

    with warnings.catch_warnings(record=True) as said, asyncio.Runner() as runner:
        warnings.simplefilter("always")
        with pytest.raises(asyncio.CancelledError):
            runner.run(main())
        runner.close()
        gc.collect()
    assert [str(each.message) for each in said] == []
