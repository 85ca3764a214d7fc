"""Commands that look and make trouble."""

from typing import Any, cast

from telegram_playground.api.faults import Kind
from telegram_playground.control.arguments import Arguments
from telegram_playground.control.cassette import taken
from telegram_playground.control.snapshot import snapshot
from telegram_playground.control.stage import Stage
from telegram_playground.process.clock import MovableClock
from telegram_playground.protocol.errors import bad_request
from telegram_playground.scenario.recording import as_test
from telegram_playground.world.calls import Call
from telegram_playground.world.chats import Message
from telegram_playground.world.payments import invoice_link

_MAX_JUMP_S = 86_400.0 * 30
_MAX_PAGE = 1000


async def state(stage: Stage, arguments: Arguments) -> Any:
    """Return all there is."""
    return snapshot(stage)


async def messages(stage: Stage, arguments: Arguments) -> Any:
    """Return a page of messages, oldest first."""
    chat = stage.chat(arguments.text("chat"))
    before = arguments.integer_or_none("before")
    limit = int(min(max(arguments.number("limit", 100), 1), _MAX_PAGE))
    page: list[Message] = []
    for message in reversed(chat.messages.values()):
        if len(page) == limit:
            break
        if before is None or message.message_id < before:
            page.append(message)
    return [message.seen() for message in reversed(page)]


async def links(stage: Stage, arguments: Arguments) -> Any:
    """Return the links that bots have made, in that order: to a chat, or a bot's to invoices."""
    if "chat" in arguments:
        return [*stage.chat(arguments.text("chat")).invites]
    maker = stage.bot(arguments.integer("bot")).id
    return [invoice_link(slug) for slug, (bot, _) in stage.world.invoice_links.items() if bot == maker]


async def transcript(stage: Stage, arguments: Arguments) -> Any:
    """Return what the people of a chat saw."""
    since = arguments.number("since", 0) if "since" in arguments else None
    return stage.chat(arguments.text("chat")).transcript.since(since)


async def calls(stage: Stage, arguments: Arguments) -> Any:
    """Return the calls that bots made."""
    bot, method = arguments.integer_or_none("bot"), (arguments.text_or_none("method") or "").lower()

    def wanted(call: Call) -> bool:
        return bot in (None, call.bot) and method in ("", call.method.lower())

    return [call.json() for call in stage.calls.since(arguments.integer_or_none("since") or 0, wanted)]


async def fault(stage: Stage, arguments: Arguments) -> Any:
    """Put a fault in force."""
    times = arguments.integer_or_none("times") if "times" in arguments or "times" in arguments.raw() else 1
    made = stage.faults.add(
        arguments.name("method"),
        cast("Kind", arguments.name("kind")),
        chat=arguments.integer_or_none("chat"),
        bot=arguments.integer_or_none("bot"),
        seconds=arguments.number("seconds", 0) if "seconds" in arguments else None,
        times=times,
        code=arguments.integer_or_none("code") or 400,
        description=arguments.text_or_none("description") or "Bad Request: fault",
        execute=arguments.flag("execute"),
    )
    stage.world.tell("faults", faults=stage.faults.list())
    return {"id": made.id}


async def clear_faults(stage: Stage, arguments: Arguments) -> Any:
    """Forget all faults and let held calls go on."""
    stage.faults.clear()
    stage.world.tell("faults", faults=[])
    return True


async def release(stage: Stage, arguments: Arguments) -> Any:
    """Let held calls go on."""
    stage.faults.release(arguments.integer_or_none("id"))
    return True


async def reset(stage: Stage, arguments: Arguments) -> Any:
    """Forget people, chats, calls and faults; bots stay."""
    stage.faults.clear()
    stage.calls.clear()
    stage.deeds.clear()
    stage.lint.forget()
    stage.floods.forget()
    stage.world.reset()
    return True


async def lint(stage: Stage, arguments: Arguments) -> Any:
    """Return what Telegram would refuse and people would hate, of all that bots did."""
    return stage.lint.report()


async def advance(stage: Stage, arguments: Arguments) -> Any:
    """Let the server's time jump ahead: drafts, presses and penalties end as if it had passed."""
    seconds = arguments.number("seconds", 0)
    if not isinstance(stage.world.clock, MovableClock) or not 0 <= seconds <= _MAX_JUMP_S:
        raise bad_request(f"seconds must be 0 to {_MAX_JUMP_S:g}, on a server that has a clock of its own")
    stage.world.clock.move(seconds)
    stage.world.tell("clock")
    return {"now": stage.world.clock.now(), "wall": stage.world.clock.wall()}


async def save_as_test(stage: Stage, arguments: Arguments) -> Any:
    """Return what people did in a chat as a test for pytest, with what the bot said to it."""
    chat = stage.chat(arguments.text("chat"))
    text = as_test(chat, stage.world, stage.deeds.all(), stage.queries, stage.calls)
    return {"name": f"test_{chat.type}.py", "text": text}


async def cassette(stage: Stage, arguments: Arguments) -> Any:
    """Return what people did, what was seen and what bots called, to be played again to a bot that has changed."""
    since = arguments.number("since", 0) if "since" in arguments else float("-inf")
    return taken(stage, since=since, files=arguments.flag("files", True), calls=arguments.flag("calls", True))


async def set_options(stage: Stage, arguments: Arguments) -> Any:
    """Change how the server behaves."""
    stage.set_options(stage.world.options.changed(arguments.raw()))
    return stage.world.options.json()


COMMANDS = {
    "state": state,
    "messages": messages,
    "links": links,
    "transcript": transcript,
    "calls": calls,
    "fault": fault,
    "clear_faults": clear_faults,
    "release": release,
    "reset": reset,
    "lint": lint,
    "advance": advance,
    "save_as_test": save_as_test,
    "cassette": cassette,
    "set": set_options,
}
