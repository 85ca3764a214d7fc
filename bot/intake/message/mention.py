"""What a message says to the bot: a command, a prompt, or nothing; pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiogram.types import Message, MessageEntity, User

COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
SET_APART = re.compile(r"\s*(?:[,:;–—-](?=\s)|,)?\s*")  # what stands between a mention and the text: "@bot, what …"
CALLED = re.compile(r"\s*[,:;.!?…–—-]*(?:\s+|$)|[,:;!?…–—]+")  # what stands between a name and the text: "Hal, what …"
NAME = re.compile(r"@\w+")
GROUPS = ("group", "supergroup")
ASK = "ask"  # the command that asks a question
IMAGE = "image"  # the command that has a picture made, or changed


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message; an anonymous admin, or a person who writes as a channel, has that chat's id."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command in lower case with the text after it; `named` if the bot's username was given with it."""

    name: str
    args: str
    named: bool


def author(message: Message) -> Author | None:
    """Return the person who wrote a message, None for bots and for posts of a channel linked to the group."""
    if message.is_automatic_forward:
        return None
    if chat := message.sender_chat:
        return Author(chat.id, _line(message.author_signature or chat.title or "") or str(chat.id))
    user = message.from_user
    return None if user is None or user.is_bot else Author(user.id, name(user))


def name(user: User) -> str:
    """Return what a person is called in one line."""
    return _line(user.first_name) or (f"@{user.username}" if user.username else str(user.id))


def is_group(message: Message) -> bool:
    """Tell whether several people can write where a message stands."""
    return message.chat.type in GROUPS


def command(message: Message, me: User) -> Command | None:
    """Return the command in a message, None where there is none or it names another bot.

    Under a file only /ask is one, under a picture /image too: the words are about that, and any other would lose it.
    """
    match = COMMAND.fullmatch((message.text or message.caption or "").strip())
    if match is None or (match[2] and not _same(match[2], me.username)):
        return None
    if message.text is None and match[1].lower() not in ((ASK, IMAGE) if is_picture(message) else (ASK,)):
        return None
    return Command(match[1].lower(), (match[3] or "").strip(), bool(match[2]))


def is_picture(message: Message) -> bool:
    """Tell whether a message is a still picture, as a photo or as a file."""
    document = message.document
    is_file = document is not None and not message.animation and (document.mime_type or "").startswith("image/")
    return bool(message.photo) or is_file


def is_for_another_bot(message: Message, me: User) -> bool:
    """Tell whether a message is a command that names another bot."""
    match = COMMAND.fullmatch((message.text or "").strip())
    return bool(match and match[2]) and command(message, me) is None


def asks(message: Message, me: User) -> bool:
    """Tell whether a message is the command that asks a question."""
    called = command(message, me)
    return called is not None and called.name == ASK


def addressed(message: Message, me: User, names: Sequence[str] = (), *, is_question: bool = False) -> str | None:
    """Return the prompt in a message, None where it is not meant for the bot, "" where there is no text in it.

    A private chat is all for the bot. In a group it is mentioned, replied to, called by one of its `names` at the
    beginning, or asked by /ask; what says so is taken out, and the prompt says who asks.
    `is_question`: it is known to be meant for the bot, as one that was asked and then edited.
    """
    who = author(message)
    if who is None or is_for_another_bot(message, me):
        return None
    text = message.text or message.caption or ""
    called = command(message, me)
    if called and called.name == ASK:
        return f"{who.name}: {called.args}" if called.args and is_group(message) else called.args
    if not is_group(message):
        return text.strip()
    mentions = list(_mentions(text, message.entities or message.caption_entities or (), me))
    after = _after_name(text, names)
    if after is None and not mentions and not is_question and not _replies_to(message, me):
        return None
    said = _without(text, mentions)
    if (after := _after_name(said, names)) is not None:  # also behind a mention: "@bot Hal, what …"
        said = after
    return f"{who.name}: {said}" if said else ""


def unmentioned(message: Message, me: User) -> str:
    """Return what a message says that mentions the bot, without that."""
    text = message.text or message.caption or ""
    mentions = list(_mentions(text, message.entities or message.caption_entities or (), me))
    return _without(text, mentions)


def quotation(message: Message, me: User) -> str:
    """Return what a message replies to as a quotation; the bot's own words only where the user chose a passage."""
    passage = message.quote.text if message.quote else ""
    replied = message.reply_to_message
    if _replies_to(message, me):
        return _quoted(passage if message.quote and message.quote.is_manual else "")
    if replied is None or replied.forum_topic_created is not None:
        return _quoted(passage)
    text = passage or replied.text or replied.caption or ""
    who = author(replied)
    return _quoted(f"{who.name}: {text}" if text and who and is_group(message) else text)


def _mentions(text: str, entities: Sequence[MessageEntity], me: User) -> Iterator[MessageEntity]:
    size = len(text.encode("utf-16-le")) // 2
    for entity in entities:
        if entity.type == "mention" and not NAME.fullmatch(entity.extract_from(text)):
            yield from _written(text, me)  # a server that counts otherwise: what it meant stands in the text
            return
    for entity in entities:
        by_name = entity.type == "mention" and _same(entity.extract_from(text).removeprefix("@"), me.username)
        by_id = entity.type == "text_mention" and entity.user is not None and entity.user.id == me.id
        is_inside = entity.offset >= 0 and entity.length > 0 and entity.offset + entity.length <= size
        if by_name or by_id:
            yield entity if is_inside else entity.model_copy(update={"offset": size, "length": 0})


def _written(text: str, me: User) -> Iterator[MessageEntity]:
    """Find the bot's name in a text by itself."""
    for match in re.finditer(rf"(?<![\w@])@{re.escape(me.username or '')}(?!\w)", text, re.IGNORECASE):
        before, name = (len(part.encode("utf-16-le")) // 2 for part in (text[: match.start()], match[0]))
        yield MessageEntity(type="mention", offset=before, length=name)


def _after_name(text: str, names: Sequence[str]) -> str | None:
    """Return what comes after one of the bot's names at the beginning of a text, None where there is none."""
    if not names:
        return None
    spellings = {unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD")}
    words = "|".join(r"\s+".join(map(re.escape, each.split())) for each in sorted(spellings, key=len, reverse=True))
    found = re.match(rf"\s*(?:{words})(?![\w\u0300-\u036f]|['’.@-]\w)", text, re.IGNORECASE)  # the whole word
    return CALLED.sub("", text[found.end() :], count=1).strip() if found else None


def _without(text: str, mentions: Sequence[MessageEntity]) -> str:
    """Take mentions out of a text, and the signs that set the first or last one apart."""
    units = text.encode("utf-16-le")
    pieces, at = [], 0
    for mention in sorted(mentions, key=lambda mention: mention.offset):
        pieces.append(units[at : mention.offset * 2])
        at = (mention.offset + mention.length) * 2
    pieces.append(units[at:])
    first, *rest = (piece.decode("utf-16-le", errors="ignore") for piece in pieces)
    said = first
    for piece in rest:
        if not said.strip():
            said = SET_APART.sub("", piece, count=1)
        elif piece.strip():
            said = said.rstrip(" ," if piece[0] in ".?!" else " " if piece[0].isspace() else "") + piece
        else:
            said = said.rstrip(" ,")
    return said.strip()


def _replies_to(message: Message, me: User) -> bool:
    """Tell whether a message replies to one of the bot's; the first message of a topic is no reply."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None:
        return False
    return replied.from_user is not None and replied.from_user.id == me.id


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.strip().splitlines())


def _line(text: str) -> str:
    return " ".join(text.split())


def _same(username: str, other: str | None) -> bool:
    return other is not None and username.casefold() == other.casefold()
