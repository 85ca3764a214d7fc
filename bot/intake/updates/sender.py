"""Sender: who waits for an answer to an update that is passed over, and how they are told; pure.

It only looks at a few fields of the raw update: to read it as a whole may be what kills the process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.methods import AnswerCallbackQuery, SendMessage
from aiogram.types import ReplyParameters, User

from bot.intake.elsewhere.offers import told
from bot.intake.message.mention import GROUPS
from bot.intake.notice import Method
from bot.storage.ids import is_person
from bot.storage.questions.questions import Spot
from bot.texts import Texts

MESSAGES = ("message", "edited_message")
ELSEWHERE = ("guest_message", "chosen_inline_result")  # where only the person's own access counts

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent an update, and in which chat; `kind` and `content` are what it brought."""

    id: int
    chat_id: int
    language: str | None
    kind: str
    content: Fields

    def told(self, words: Texts) -> Method | None:
        """Return what says where they wait that this could not be read, None where nothing can be said."""
        match self.kind:
            case "callback_query":
                query_id = self.content.get("id")
                return AnswerCallbackQuery(callback_query_id=str(query_id), text=words.internal) if query_id else None
            case "guest_message":
                query_id = self.content.get("guest_query_id")
                return told(Spot(query_id=query_id), words.unreadable) if isinstance(query_id, str) else None
            case "chosen_inline_result":
                inline_id = self.content.get("inline_message_id")
                return told(Spot(inline_id=inline_id), words.unreadable) if isinstance(inline_id, str) else None
        if is_person(self.chat_id):
            return SendMessage(chat_id=self.chat_id, text=words.unreadable)
        thread_id = _number(self.content, "message_thread_id") if self.content.get("is_topic_message") is True else None
        return SendMessage(
            chat_id=self.chat_id, message_thread_id=thread_id, text=words.unreadable, reply_parameters=self._reply()
        )

    def _reply(self) -> ReplyParameters | None:
        if (unseen := _number(self.content, "ephemeral_message_id")) is not None:
            return ReplyParameters(ephemeral_message_id=unseen)
        if not (message_id := _number(self.content, "message_id")):
            return None
        return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def sender_of(raw: object, me: User, names: Sequence[str] = ()) -> Sender | None:
    """Return who waits for an answer to an update; None where nobody does, as for what a group says to itself.

    `names`: what the bot is called beside its username.
    """
    if not isinstance(raw, dict):
        return None
    for kind in (*MESSAGES, *ELSEWHERE, "callback_query"):
        if (content := _fields(raw, kind)) is None:
            continue
        person, chat = _fields(content, "from"), _fields(content, "chat")
        if kind == "callback_query":
            chat = _fields(_fields(content, "message") or {}, "chat")
        as_chat = _fields(content, "sender_chat") if kind in MESSAGES else None  # an anonymous admin, or a channel
        if content.get("is_automatic_forward") or person is None or (person.get("is_bot") and as_chat is None):
            return None
        who, where = _number(as_chat or person, "id"), _number(chat or {}, "id")
        if who is None:
            return None
        if kind in ELSEWHERE or (kind == "callback_query" and where is None):
            where = who
        is_private = where == who and as_chat is None
        if where is None or not (is_private or _is_group(chat)):
            return None
        if kind in MESSAGES and not is_private and not _is_meant(content, me, names):
            return None
        language = person.get("language_code")
        return Sender(who, where, language if isinstance(language, str) else None, kind, content)
    return None


def _is_group(chat: Fields | None) -> bool:
    return chat is not None and chat.get("type") in GROUPS


def _is_meant(content: Fields, me: User, names: Sequence[str]) -> bool:
    """Tell whether a message in a group is for the bot: a reply to it, a command, its name.

    Not by `mention`, which knows it better: what processes died of may be that.
    """
    replied = _fields(content, "reply_to_message") or {}
    if "forum_topic_created" not in replied and (_fields(replied, "from") or {}).get("id") == me.id:
        return True
    said = content.get("text") or content.get("caption")
    if not isinstance(said, str):
        return False
    words, own = [word.strip(",.:;!?…()\"'") for word in said.casefold().split()], f"@{(me.username or '').casefold()}"
    if words and words[0].startswith("/"):
        return "@" not in words[0] or words[0].endswith(own)
    called = [name.casefold().split() for name in names]
    return own in words or any(name and words[: len(name)] == name for name in called)


def _fields(content: Fields, name: str) -> Fields | None:
    found = content.get(name)
    return found if isinstance(found, dict) else None


def _number(content: Fields, name: str) -> int | None:
    found = content.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
