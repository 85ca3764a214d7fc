"""Updates as the Bot API server writes them."""

import itertools
from typing import Any

Raw = dict[str, Any]

BOT_ID = 987654321
BOT_NAME = "DeltaBot"
ANN: Raw = {"id": 11, "is_bot": False, "first_name": "Ann", "username": "ann", "language_code": "en"}
BOB: Raw = {"id": 12, "is_bot": False, "first_name": "Bob", "language_code": "en"}
OLGA: Raw = {"id": 13, "is_bot": False, "first_name": "Ольга", "language_code": "ru"}
THE_BOT: Raw = {"id": BOT_ID, "is_bot": True, "first_name": "Delta", "username": BOT_NAME}
OTHER_BOT: Raw = {"id": 99, "is_bot": True, "first_name": "Other", "username": "other_bot"}
GROUP: Raw = {"id": -1001, "type": "supergroup", "title": "Friends"}
FORUM: Raw = {"id": -1002, "type": "supergroup", "title": "Forum", "is_forum": True}

_ids = itertools.count(1)
_message_ids = itertools.count(100)


def private(person: Raw) -> Raw:
    """Return a person's private chat."""
    return {"id": person["id"], "type": "private", "first_name": person["first_name"]}


def message(text: str | None = None, *, person: Raw = ANN, chat: Raw | None = None, **fields: object) -> Raw:
    """Return a message; mentions of the form @name and commands get their entities."""
    found: Raw = {
        "message_id": next(_message_ids),
        "date": 1_800_000_000,
        "chat": chat or private(person),
        "from": person,
        **fields,
    }
    if text is not None:
        found["text"] = text
        found.setdefault("entities", mentions(text))
    return found


def said(text: str | None = None, *, person: Raw = ANN, chat: Raw | None = None, **fields: object) -> Raw:
    """Return the update of a message."""
    return update(message=message(text, person=person, chat=chat, **fields))


def pressed(data: str, *, person: Raw = ANN, under: Raw | None = None) -> Raw:
    """Return the update of a press on a button, by default under a message of the bot in the private chat.

    The button stands there, unless the message says which ones do.
    """
    under = under or shown(chat=private(person))
    if under["date"]:  # else it is too old for its buttons to be told
        button = {"text": "…", "callback_data": data}
        under = {"reply_markup": {"inline_keyboard": [[button]]}} | under
    query = {"id": str(next(_ids)), "from": person, "message": under, "chat_instance": "1", "data": data}
    return update(callback_query=query)


def shown(text: str = "…", *, chat: Raw, **fields: object) -> Raw:
    """Return a message of the bot."""
    return message(text, person=THE_BOT, chat=chat, **fields)


def member(old: str, new: str, *, chat: Raw, person: Raw = ANN) -> Raw:
    """Return the update of a change of the bot's own membership."""
    change = {"chat": chat, "from": person, "date": 1_800_000_000, "old_chat_member": _as(old)}
    return update(my_chat_member={**change, "new_chat_member": _as(new)})


def update(**content: object) -> Raw:
    """Return an update with a new id."""
    return {"update_id": next(_ids), **content}


def mentions(text: str) -> list[Raw]:
    """Return the entities of the words that begin with @, in UTF-16 units."""
    found, at = [], 0
    for word in text.split(" "):
        name = word.rstrip(",.:?!")
        if name.startswith("@") and len(name) > 1:
            found.append({"type": "mention", "offset": at, "length": len(name.encode("utf-16-le")) // 2})
        at += len(word.encode("utf-16-le")) // 2 + 1
    return found


def _as(status: str) -> Raw:
    found: Raw = {"status": status, "user": THE_BOT}
    if status == "kicked":
        found["until_date"] = 0
    if status == "administrator":
        rights = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_change_info "
            "can_restrict_members can_promote_members can_invite_users can_post_stories can_edit_stories "
            "can_delete_stories"
        )
        found.update(dict.fromkeys(rights.split(), True))
    return found
