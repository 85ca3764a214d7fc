"""Child: a program that we have started, and that ends when we want it to."""

from asyncio.subprocess import Process

CHUNK = 1 << 16


async def end(child: Process) -> None:
    """Kill a program that is not over yet, and wait until it is; what it has said is lost.

    That is read to its end: asyncio takes a program for over once its pipes are, and a full one is not read by itself.
    """
    if child.returncode is None:
        child.kill()
    while child.stdout and await child.stdout.read(CHUNK):
        pass
    await child.wait()
