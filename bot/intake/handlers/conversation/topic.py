"""Topics of private chats: those that are opened by a message have no name of their own, and get one (`Naming`)."""

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message, User

from bot.intake.batch import Changed
from bot.intake.message.mention import is_group
from bot.intake.middlewares.settle import JOINS
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat


class TellsOfTopic(Filter):
    """Lets the message through that tells of a topic in a private chat."""

    async def __call__(self, message: Message) -> bool:
        """Tell whether the message says so."""
        tells = message.forum_topic_created or message.forum_topic_edited
        return tells is not None and not is_group(message)


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(topic, TellsOfTopic(), flags=JOINS)


async def topic(message: Message, me: User, chat: Chat) -> Changed | None:
    """Note whose name a topic has: nobody's as yet, or one that its user gave it, which stays."""
    if not chat.thread_id:
        return None
    if (created := message.forum_topic_created) is not None:
        return Changed(Change(chat.id, {"topic_title": ""}), ()) if created.is_name_implicit else None
    is_ours = message.from_user is not None and message.from_user.id == me.id
    is_named = message.forum_topic_edited is not None and message.forum_topic_edited.name is not None
    return Changed(Change(chat.id, {"topic_title": None}), ()) if is_named and not is_ours else None
