"""A program that is not wanted any more is over, whatever it was saying."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from bot.process.child import end


async def test_a_program_ends_of_which_not_all_was_read() -> None:
    says = "import sys, time; sys.stdout.write('x' * 200_000); sys.stdout.flush(); time.sleep(60)"
    child = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", says, stdout=PIPE, limit=1)
    assert child.stdout
    await child.stdout.readexactly(1)  # more than the limit stands in the buffer, so no more is read by itself

    async with asyncio.timeout(20):
        await end(child)

    assert child.returncode == -9
