"""Commands by which people write, press, react and delete."""

import asyncio
from typing import Any

from telegram_playground.api.schema import Upload, read_object
from telegram_playground.control.arguments import Arguments
from telegram_playground.control.stage import Stage
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.text.message_text import parse, settle
from telegram_playground.world import ephemeral
from telegram_playground.world.acting import open_topic
from telegram_playground.world.chats import Draft
from telegram_playground.world.media import KINDS, kind_of
from telegram_playground.world.menu import menu
from telegram_playground.world.writing import Person

_MAX_WAIT_S = 300.0
_MAX_FILE_BYTES = 50 << 20


async def write(stage: Stage, arguments: Arguments) -> Any:
    """Write a text."""
    person, text = _person(stage, arguments), arguments.text("text")
    topic, entities = arguments.integer_or_none("topic"), _entities(arguments)
    reply_to, quote = arguments.integer_or_none("reply_to"), arguments.text_or_none("quote")
    if arguments.flag("new_topic"):
        if arguments.flag("unseen"):
            raise bad_request("an ephemeral command opens no topic")
        person.check(None)
        person.check_text(text, entities=entities, reply_to=reply_to)
        topic = open_topic(person, text)
    if arguments.flag("unseen"):
        return ephemeral.write(person, text, topic=topic).seen()
    message = person.write(text, entities=entities, reply_to=reply_to, quote=quote, topic=topic)
    return message.seen()


async def send_file(stage: Stage, arguments: Arguments, upload: Upload) -> Any:
    """Send a file."""
    kind = arguments.name("kind", "")
    if kind and kind not in KINDS:
        raise bad_request(f"kind must be one of {', '.join(KINDS)}")
    if not 0 < len(upload.data) <= _MAX_FILE_BYTES:
        raise ApiError(413, "Request Entity Too Large")
    person = _person(stage, arguments)
    file = stage.world.files.add(upload.name, upload.mime, upload.data, kind=kind or kind_of(upload.mime))
    try:
        message = person.send(
            file,
            kind=kind,
            caption=arguments.text_or_none("caption") or "",
            entities=_entities(arguments),
            album=arguments.text_or_none("album") or "",
            reply_to=arguments.integer_or_none("reply_to"),
            topic=arguments.integer_or_none("topic"),
        )
    except (ApiError, ValueError):
        stage.world.files.remove(file)
        raise
    return message.seen()


async def edit(stage: Stage, arguments: Arguments) -> Any:
    """Edit an own message."""
    person, message_id = _person(stage, arguments), arguments.integer("message_id")
    return person.edit(message_id, arguments.text("text"), _entities(arguments)).seen()


async def delete(stage: Stage, arguments: Arguments) -> Any:
    """Delete a message."""
    _person(stage, arguments).delete(arguments.integer("message_id"))
    return True


async def press(stage: Stage, arguments: Arguments) -> Any:
    """Press an inline button, and wait for the bot's answer if asked to."""
    if "data" not in arguments and "label" not in arguments:
        raise bad_request("data or label must be given")
    query = _person(stage, arguments).press(
        stage.queries,
        arguments.integer("message_id"),
        data=arguments.text_or_none("data"),
        label=arguments.text_or_none("label"),
    )
    if "wait" not in arguments:
        return {"id": query.id}
    seconds = min(arguments.number("wait", 0), _MAX_WAIT_S)
    await asyncio.wait({query.answered}, timeout=seconds)
    return {"id": query.id, "answer": query.answered.result() if query.answered.done() else None}


async def stop_draft(stage: Stage, arguments: Arguments) -> Any:
    """Press Stop under a draft, the newest one if none is named; wait for one if asked to."""
    chat, drafts = stage.chat(arguments.text("chat")), stage.world.drafts
    if "user" in arguments:
        stage.person(chat.key, arguments.integer("user")).check(None)
    draft_id, topic = arguments.integer_or_none("draft_id"), arguments.integer_or_none("topic")

    def look() -> Draft | None:
        return drafts.stoppable(chat, draft_id, topic)

    seconds = min(arguments.number("wait", 0), _MAX_WAIT_S)
    try:
        draft = await asyncio.wait_for(stage.world.feed.wait(chat.key, look), seconds) if seconds > 0 else look()
    except TimeoutError:
        draft = None
    if draft is None:
        raise bad_request("there is no such draft, or it has no Stop button")
    drafts.stop(chat, draft, as_string=stage.world.options.stop_draft_id == "string")
    return True


async def react(stage: Stage, arguments: Arguments) -> Any:
    """React to a message."""
    _person(stage, arguments).react(arguments.integer("message_id"), arguments.text_or_none("emoji"))
    return True


async def guest(stage: Stage, arguments: Arguments) -> Any:
    """Summon a bot that is no member of the chat."""
    person, bot = _person(stage, arguments), stage.bot(arguments.integer("bot"))
    if not bot.supports_guest_queries:
        raise bad_request("the bot has guest mode off")
    if person.chat.has(bot.id):
        raise bad_request("the bot is a member of the chat")
    content = settle(parse(arguments.text("text"), None, ()), stage.world.roster.account).content()
    query = stage.queries.summon(person.chat, person.user, bot, content)
    return {"guest_query_id": query.id, "message_id": query.message_id}


async def commands(stage: Stage, arguments: Arguments) -> Any:
    """Return the `/` menu of a user in a chat."""
    person = _person(stage, arguments)
    return menu(person.chat, person.user)


def _entities(arguments: Arguments) -> list[Any]:
    return [read_object("MessageEntity", entity) for entity in arguments.objects("entities")]


def _person(stage: Stage, arguments: Arguments) -> Person:
    return stage.person(arguments.text("chat"), arguments.integer("user"))


COMMANDS = {
    "write": write,
    "edit": edit,
    "delete": delete,
    "press": press,
    "stop_draft": stop_draft,
    "react": react,
    "guest": guest,
    "commands": commands,
}
