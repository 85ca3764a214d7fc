"""Commands by which people choose, forward, share, vote, pay and join."""

import asyncio
from typing import Any

from telegram_playground.api.schema import Upload, read_object
from telegram_playground.control.arguments import Arguments
from telegram_playground.control.stage import Stage
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.world import acting, voting
from telegram_playground.world.chats import Chat
from telegram_playground.world.media import KINDS, kind_of
from telegram_playground.world.payments import Invoice, slug_of
from telegram_playground.world.people import Bot
from telegram_playground.world.writing import Person

_MAX_WAIT_S = 300.0
_DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


async def inline(stage: Stage, arguments: Arguments) -> Any:
    """Type an inline query, and wait for its results if asked to."""
    person, bot = _person(stage, arguments), stage.bot(arguments.integer("bot"))
    if not bot.supports_inline_queries:
        raise bad_request("the bot has inline mode off")
    query = stage.queries.ask(person.chat, person.user, bot, arguments.text("query"))
    if "wait" not in arguments:
        return {"inline_query_id": query.id}
    await asyncio.wait({query.answered}, timeout=min(arguments.number("wait", 0), _MAX_WAIT_S))
    answer = query.answered.result() if query.answered.done() else None
    return {"inline_query_id": query.id, **(answer or {"results": None})}


async def choose(stage: Stage, arguments: Arguments) -> Any:
    """Choose an inline result: it is sent into the chat."""
    query = stage.queries.get(arguments.text("inline_query_id"))
    if query is None:
        raise bad_request("there is no such inline query")
    topic = arguments.integer_or_none("topic")
    return acting.choose(_person(stage, arguments), query, arguments.text("result_id"), topic=topic).seen()


async def send_album(stage: Stage, arguments: Arguments, uploads: list[Upload]) -> Any:
    """Send files as one album."""
    kind = arguments.name("kind", "")
    if kind and kind not in KINDS:
        raise bad_request(f"kind must be one of {', '.join(KINDS)}")
    if any(not upload.data for upload in uploads):
        raise bad_request("file must be non-empty")
    person, caption = _person(stage, arguments), arguments.text_or_none("caption") or ""
    topic = arguments.integer_or_none("topic")
    files = [
        stage.world.files.add(upload.name, upload.mime, upload.data, kind=kind or kind_of(upload.mime))
        for upload in uploads
    ]
    items = [(file, kind, "" if number else caption) for number, file in enumerate(files)]
    try:
        return [message.seen() for message in acting.send_album(person, items, topic=topic)]
    except (ApiError, ValueError):
        for file in files:
            stage.world.files.remove(file)
        raise


async def forward(stage: Stage, arguments: Arguments) -> Any:
    """Forward messages of one chat into another one, with a comment before them if there is one."""
    sent = acting.forward(
        _person(stage, arguments),
        stage.chat(arguments.text("from")),
        arguments.integers("message_ids"),
        comment=arguments.text_or_none("comment") or "",
        topic=arguments.integer_or_none("topic"),
    )
    return [message.seen() for message in sent]


async def share(stage: Stage, arguments: Arguments) -> Any:
    """Send a contact (the own one if none is named), a location, or throw a die."""
    person = _person(stage, arguments)
    content: Json
    if "location" in arguments:
        location = read_object("Location", arguments.raw()["location"])
        content = {"location": {"latitude": location.latitude, "longitude": location.longitude}}
    elif "dice" in arguments:
        emoji = arguments.text("dice")
        if emoji not in _DICE:
            raise bad_request(f"dice must be one of {' '.join(_DICE)}")
        content = {"dice": {"emoji": emoji, "value": stage.world.random.randint(1, _DICE[emoji])}}
    else:
        number = arguments.name("phone_number", f"+{person.user.id}")
        name = arguments.name("first_name", person.user.first_name)
        content = {"contact": {"phone_number": number, "first_name": name}}
        if "phone_number" not in arguments:
            content["contact"]["user_id"] = person.user.id
    return acting.share(person, content, topic=arguments.integer_or_none("topic")).seen()


async def edit_many(stage: Stage, arguments: Arguments) -> Any:
    """Edit several own messages at once: all of them, or none."""
    person = _person(stage, arguments)
    edits = [Arguments(each) for each in arguments.objects("edits")]
    wanted = [(each.integer("message_id"), each.text("text")) for each in edits]
    for message_id, text in wanted:
        person.check_edit(message_id, text)
    return [person.edit(message_id, text).seen() for message_id, text in wanted]


async def vote(stage: Stage, arguments: Arguments) -> Any:
    """Vote in a poll; no options take the vote back."""
    person = _person(stage, arguments)
    message = person.message(arguments.integer("message_id"))
    voting.vote(stage.world, message, person.user, arguments.integers("options"))
    return message.seen()


async def web_app_data(stage: Stage, arguments: Arguments) -> Any:
    """Hand over what a web app has, which was opened by a button of the keyboard."""
    person = _person(stage, arguments)
    return acting.web_app_data(person, arguments.text("button"), arguments.text("data")).seen()


async def open_web_app(stage: Stage, arguments: Arguments) -> Any:
    """Open a web app by an inline button; its query is answered by answerWebAppQuery."""
    person, bot = _person(stage, arguments), stage.bot(arguments.integer("bot"))
    return {"web_app_query_id": stage.queries.open_web_app(person.chat, person.user, bot).id}


async def join(stage: Stage, arguments: Arguments) -> Any:
    """Follow an invite link: join, or ask to."""
    chat, joined = acting.join(stage.world, stage.user(arguments.integer("user")), arguments.text("link"))
    return {"chat": chat.key, "joined": joined}


async def pay(stage: Stage, arguments: Arguments) -> Any:
    """Pay the invoice of a message, or of a link; the bot is asked before."""
    user = stage.user(arguments.integer("user"))
    chat, bot, invoice = _sold(stage, arguments)
    address = arguments.raw().get("address")
    if address is not None and not isinstance(address, dict):
        raise bad_request("address must be an object")
    payment = await acting.pay(stage.world, stage.queries, user, chat, bot, invoice, address=address)
    return payment.json()


async def link_group(stage: Stage, arguments: Arguments) -> Any:
    """Make a group the place where a channel's posts are discussed."""
    channel, group = stage.chat(arguments.text("chat")), stage.chat(arguments.text("group"))
    if channel.type != "channel" or group.type != "supergroup":
        raise bad_request("a channel and a supergroup can be linked")
    channel.linked, group.linked = group, channel
    return channel.control_json()


def _sold(stage: Stage, arguments: Arguments) -> tuple[Chat, Bot, Invoice]:
    if "link" in arguments:
        found = stage.world.invoice_links.get(slug_of(arguments.text("link")))
        if found is None:
            raise bad_request("there is no such invoice")
        bot = stage.bot(found[0])
        return stage.world.private(stage.user(arguments.integer("user")), bot), bot, found[1]
    person = _person(stage, arguments)
    message = person.message(arguments.integer("message_id"))
    invoice = stage.world.invoices.get((person.chat.key, message.message_id))
    if invoice is None:
        raise bad_request("the message is no invoice")
    return person.chat, stage.bot(message.sender.id), invoice


def _person(stage: Stage, arguments: Arguments) -> Person:
    return stage.person(arguments.text("chat"), arguments.integer("user"))


COMMANDS = {
    "inline": inline,
    "choose": choose,
    "forward": forward,
    "share": share,
    "edit_many": edit_many,
    "vote": vote,
    "web_app_data": web_app_data,
    "open_web_app": open_web_app,
    "join": join,
    "pay": pay,
    "link_group": link_group,
}
