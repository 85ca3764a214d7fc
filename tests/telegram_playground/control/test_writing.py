"""What people write, and what they cannot."""

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (4000).to_bytes(4, "big") + (2000).to_bytes(4, "big") + b"\x08\x02\0\0\0"


async def test_people_edit_no_longer_texts_than_they_send(people: PlaygroundClient, chat: Chat, ann: User) -> None:
    text = await people.write(chat, ann, "a")
    picture = await people.send_file(chat, ann, "1.png", PNG, mime="image/png", caption="a")

    for message, most in ((text, 4096), (picture, 1024)):
        who = {"chat": chat.key, "user": ann.id}
        for longer in ("x" * (most + 1), "😀" * (most // 2) + "x", "x" * 200_000):
            with pytest.raises(PlaygroundError, match="too long"):
                await people.command("edit", **who, message_id=message.message_id, text=longer)
            edits = [{"message_id": message.message_id, "text": longer}]
            with pytest.raises(PlaygroundError, match="too long"):
                await people.command("edit_many", **who, edits=edits)
        edited = await people.command("edit", **who, message_id=message.message_id, text="😀" * (most // 2))
        assert "😀" * (most // 2) in (edited.get("text"), edited.get("caption"))


async def test_who_cannot_write_opens_no_topic(
    people: PlaygroundClient, chat: Chat, ann: User, bob: User, bot: Bot
) -> None:
    await people.command("bot", id=bot.id, has_topics_enabled=True)
    for refused in ({"user": bob.id}, {"user": ann.id, "unseen": True}, {"user": ann.id, "reply_to": 99}):
        with pytest.raises(PlaygroundError):
            await people.command("write", chat=chat.key, text="/help", new_topic=True, **refused)

    state = await people.command("state")
    assert [each["topics"] for each in state["chats"]] == [[]]
