"""Ephemeral messages of groups: one person and one bot see them.

core.telegram.org/bots/api#ephemeral-messages-and-commands
Inside the server such a message has an id as any other, by which its people act on it; bots know it by another one.
"""

from telegram_playground.protocol.errors import bad_request
from telegram_playground.text.message_text import parse, settle
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.menu import menu
from telegram_playground.world.people import Bot, User
from telegram_playground.world.writing import Person

GROUPS = ("group", "supergroup")


def write(person: Person, text: str, *, topic: int | None) -> Message:
    """Send a command that its bot alone sees; raises ApiError where none of the menu's is of that kind."""
    person.check(topic)
    chat = person.chat
    name, _, of = text.partition(" ")[0].removeprefix("/").partition("@")
    for command in menu(chat, person.user) if chat.type in GROUPS and text.startswith("/") else []:
        bot = chat.bots[command["bot"]]
        if command.get("is_ephemeral") and command["command"] == name and of.lower() in ("", bot.user.username.lower()):
            content = settle(parse(text, None, ()), person.world.roster.account).content()
            return person.world.post(chat, person.user, content, thread_id=topic, only=(free_id(chat), bot.user))
    raise bad_request("there is no such ephemeral command")


def free_id(chat: Chat) -> int:
    """Return the id of the next one: those of messages that are gone are used again."""
    used = {message.ephemeral_id for message in chat.messages.values()}
    return next(number for number in range(1, len(used) + 2) if number not in used)


def received(chat: Chat, bot: Bot, ephemeral_id: int) -> Message | None:
    """Return what a person has sent to a bot by the id that the bot knows."""
    return next(
        (each for each in chat.messages.values() if each.to is bot.user and each.ephemeral_id == ephemeral_id), None
    )


def sent(chat: Chat, bot: Bot, to: User | None, ephemeral_id: int) -> Message | None:
    """Return what a bot has sent to a person by that id."""
    own = (each for each in chat.messages.values() if each.sender.id == bot.id and each.ephemeral_id == ephemeral_id)
    return next((each for each in own if each.to is not None and each.to is to), None)
