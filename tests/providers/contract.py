"""What every provider and every wrapper of providers keeps to, as one table: a row a provider, a column a promise.

    python -m tests.providers.contract          prints it, with 1,000 answers for the last column (make contract)

A promise is an async function of a Bench; it raises AssertionError where it is not kept, NotMeant where it is no matter
of that provider. `test_contract.py` runs each by itself.
"""

import asyncio
import gc
import hashlib
import json
import logging
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress

from providers.base import Usage
from providers.blocks import Image, Text, ToolCall
from providers.errors import (
    EmptyAnswer,
    Incomplete,
    NoConnection,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceFailed,
    SignInFailed,
    TimedOut,
    TooLong,
)
from providers.tools import Tool
from providers.wire.http import Http
from tests.providers.bench import KEY, ROWS, Bench, NotMeant
from tests.providers.outcome import HELLO
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, hang_up, page, silence, status
from tests.services.proxies import HttpProxy
from tests.services.wire import Wire

log = logging.getLogger(__name__)

PICTURE = b"\xff\xd8 not much of a picture"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
WORDS = ("Hel", "lo, ", "wörld \U0001f44b\U0001f3fd.")
MANY = 1_000
NOISE = 300  # objects that come and go
TABLE_LEFT = 14
SILENCES_S = (0.3, 2, 10)  # the first one on a machine that has nothing else to do


async def deltas(bench: Bench) -> None:
    """The text comes whole, however its bytes are cut."""
    if bench.speech is None:
        assert (await bench.ask()).text
        return
    for wire in (Wire(), Wire(every=7), Wire(gzip=True), Wire(every=5, content_type="text/plain")):
        bench.says(body(bench.spoken.answer(*WORDS), wire))
        found = await bench.ask()
        assert (found.text, found.error) == ("".join(WORDS), None)


async def thinking(bench: Bench) -> None:
    """What is thought is told apart from the answer."""
    bench.says(body(bench.spoken.answer("Hi", thought="Hm, hm.")))
    found = await bench.ask(thoughts=True)
    assert (found.reasoning, found.text) == ("Hm, hm.", "Hi")


async def usage(bench: Bench) -> None:
    """The service's count of tokens comes last."""
    bench.says(body(bench.spoken.answer("Hi")))
    found = await bench.ask()
    assert isinstance(found.deltas[-1], Usage)
    assert (found.deltas[-1].prompt_tokens, found.deltas[-1].completion_tokens) == (7, 3)


async def tools(bench: Bench) -> None:
    """Tools are offered, and a wish for one is told."""
    bench.says(body(bench.spoken.frame(bench.spoken.wish)))
    found = await bench.ask(tools=[Tool("time", "Tells the time.", {"type": "object"})])
    assert "Tells the time." in json.dumps(bench.server.asked[-1].body)
    assert [delta.name for delta in found.deltas if isinstance(delta, ToolCall)] == ["time"]


async def pictures(bench: Bench) -> None:
    """A picture goes with its question."""
    bench.says(body(bench.spoken.answer("A cat.")))
    content = (Image(SHA256, "image/jpeg", "", len(PICTURE)), Text("What is it?"))
    found = await bench.ask([{"role": "user", "content": content}], files={SHA256: PICTURE})
    assert found.text == "A cat."
    assert "/9gg" in json.dumps(bench.server.asked[-1].body)  # the base64 of its beginning


async def stop(bench: Bench) -> None:
    """Who stops reading closes the connection."""
    bench.says(body(bench.spoken.frame(bench.spoken.text(["Hel", "lo"])), Wire(end="hold")))
    answer = bench.provider.create_async_generator(None, HELLO)
    async with aclosing(answer):
        async for delta in answer:
            if isinstance(delta, str):
                break
    await bench.server.busy(0)


FAULTS: Sequence[tuple[Fault, type[ProviderError]]] = (
    (status(401, '{"error": {"message": "no such key"}}'), SignInFailed),
    (status(402, '{"error": {"message": "pay first"}}'), OutOfCredit),
    (status(413, '{"error": {"message": "too large"}}'), TooLong),
    (status(429, '{"error": {"message": "slow down"}}', headers={"Retry-After": "7"}), RateLimited),
    (status(500, '{"error": {"message": "oops"}}'), ServiceFailed),
    (page(code=503), ServiceFailed),
    (page(), ServiceFailed),
    (document({"error": {"message": "oops", "code": 500}}), ServiceFailed),
    (hang_up(), NoConnection),
    (body(b""), EmptyAnswer),
)


async def faults(bench: Bench) -> None:
    """Each failure is told as what it is, without the key."""
    for fault, kind in FAULTS:
        bench.says(fault)
        found = await bench.ask()
        assert isinstance(found.error, kind), (kind, found.error, found.error and found.error.reason)
        assert KEY not in found.error.reason
        assert found.text == ""


ECHOES = (  # what a service may repeat of a key
    KEY,
    KEY.upper(),
    "".join(f"%{byte:02x}" for byte in KEY.encode()),
    b64encode(KEY.encode()).decode(),
    b64encode(f"Bearer {KEY}".encode()).decode(),
    KEY.encode().hex(),
)


async def secrets(bench: Bench) -> None:
    """A service that repeats the key, in whatever form, wherever it can, does not have it told."""
    for echo in (" ".join(ECHOES[:3]), " ".join(ECHOES[3:])):
        for fault in (
            status(401, json.dumps({"error": {"message": echo}}), headers={"WWW-Authenticate": echo}),
            status(500, echo),
            page(f"<html><head><title>{echo}</title></head></html>"),
            document({"error": {"message": echo, "code": 400}}),
            status(307, headers={"Location": f"https://elsewhere.example/?key={echo}"}),
        ):
            bench.says(fault)
            found = await bench.ask()
            assert found.error
            told = " ".join([found.error.reason, found.error.told, str(found.error), repr(found.error)])
            assert [each for each in ECHOES if each[:-4].lower() in told.lower()] == []


async def breaks(bench: Bench) -> None:
    """A connection that breaks off, and a service that falls silent, leave what came."""
    begun = bench.spoken.frame(bench.spoken.text(["Hel", "lo"])).replace(b"data: [DONE]\n\n", b"")
    bench.says(body(begun, Wire(end="cut")))
    found = await bench.ask()
    assert (found.text, type(found.error)) == ("Hello", Incomplete)
    bench.says(body(begun, Wire(end="hold")))
    for silence_s in SILENCES_S:
        found = await bench.ask(timeout=silence_s)
        if found.text:  # else the machine took longer than that to say it
            break
    assert (found.text, type(found.error)) == ("Hello", TimedOut)
    bench.says(silence())
    found = await bench.ask(timeout=SILENCES_S[0])
    assert (found.text, type(found.error)) == ("", TimedOut)


async def proxies(bench: Bench) -> None:
    """Every request goes through the proxy that is named."""
    bench.says(body(bench.spoken.answer("Hi")))
    async with HttpProxy() as proxy:
        found = await bench.ask(proxy=proxy.url)
        assert (found.text, found.error) == ("Hi", None)
        assert len(proxy.seen) == len(bench.server.asked) > 0


def many(times: int) -> Callable[[Bench], Awaitable[None]]:
    """Return the promise that so many questions, a third of them stopped and a third failed, leave nothing behind."""

    async def leak(bench: Bench) -> None:
        """Many answers, stops and failures leave no task, no connection and no object behind."""
        logging.disable()  # who reads along keeps what is logged, with the frames of its errors
        try:
            await _asked(bench, 12)  # what is kept once
            before, objects = len(asyncio.all_tasks()), len(gc.get_objects())
            await _asked(bench, times)
            grown = len(gc.get_objects()) - objects
        finally:
            logging.disable(logging.NOTSET)
        assert len(asyncio.all_tasks()) <= before + 2  # of the server, which ends a connection when it looks
        assert grown < NOISE + times // 4, f"{grown} objects are left"

    return leak


async def _asked(bench: Bench, times: int) -> None:
    for number in range(times):
        if bench.speech:
            bench.says(status(500, "oops") if number % 3 == 1 else body(bench.spoken.answer(*WORDS)))
        answer = bench.provider.create_async_generator(None, HELLO)
        with suppress(ServiceFailed):
            async with aclosing(answer):
                async for delta in answer:
                    if number % 3 == 0 and isinstance(delta, str):
                        break
    await bench.server.busy(0)
    bench.server.asked.clear()
    gc.collect()


PROMISES: Mapping[str, Callable[[Bench], Awaitable[None]]] = {
    each.__name__: each for each in (deltas, thinking, usage, tools, pictures, stop, faults, secrets, breaks, proxies)
}


OF_MODELS = (thinking, usage, tools, pictures)


async def kept(row: str, promise: Callable[[Bench], Awaitable[None]]) -> None:
    """Put a provider before a service of its own and hold it to a promise. Raises AssertionError, NotMeant."""
    make, speech = ROWS[row]
    if promise in OF_MODELS and speech and not speech.wish:
        raise NotMeant("it says words alone")
    async with Server() as server, Http(connect_timeout_s=5, silence_timeout_s=10) as http:
        await promise(Bench(make(server.url, http), server, speech))


async def table(say: Callable[[str], object]) -> bool:
    """Say the table, line by line; tell whether all is kept."""
    columns = {**PROMISES, f"{MANY:,}": many(MANY)}
    say("".join([f"| {'':{TABLE_LEFT}}", *(f" | {name}" for name in columns), " |"]))
    say("|".join(["", "---", *("---" for _ in columns), ""]))
    is_whole = True
    for row in ROWS:
        cells = []
        for name, promise in columns.items():
            began = asyncio.get_running_loop().time()
            try:
                await kept(row, promise)
                told = f"{(asyncio.get_running_loop().time() - began) * 1000:.0f} ms"
            except NotMeant:
                told = "–"
            except Exception:  # the table goes on
                log.exception("broken row=%s promise=%s", row, name)
                told, is_whole = "BROKEN", False
            cells.append(f" | {told:>{len(name)}}")
        say("".join([f"| {row:{TABLE_LEFT}}", *cells, " |"]))
    return is_whole


if __name__ == "__main__":
    logging.getLogger("providers").setLevel(logging.CRITICAL)
    sys.exit(not asyncio.run(table(lambda line: sys.stdout.write(f"{line}\n"))))
