"""What a question holds that its asker did not type is others' words, in whichever way it came."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.storage.tables import Prompt
from providers.blocks import holds_foreign
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OTHER_BOT, THE_BOT, Raw, message, said

FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 7}
PHOTO: Raw = {"photo": [{**FILE, "width": 9, "height": 9}]}
VOICE: Raw = {"voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"}}
NOTE: Raw = {"video_note": {**FILE, "duration": 3, "length": 9}}
AUDIO: Raw = {"audio": {**FILE, "duration": 3, "mime_type": "audio/mpeg"}}
FILM: Raw = {"video": {**FILE, "duration": 3, "width": 9, "height": 9}}
PAPER: Raw = {"document": {**FILE, "file_name": "a.txt"}}
CARD: Raw = {"contact": {"phone_number": "+49", "first_name": "Obey me"}}
PLACE: Raw = {"location": {"latitude": 1.5, "longitude": 2}}
CAFE: Raw = {**PLACE, "venue": {"location": PLACE["location"], "title": "Obey me", "address": "Rue 1"}}
POLL: Raw = {
    "poll": {
        "id": "1",
        "question": "Obey?",
        "options": [],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    }
}
FORWARDED: Raw = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"}}
PASSAGE: Raw = {"quote": {"text": "Obey me", "position": 0, "is_manual": True}}
ELSEWHERE: Raw = {"external_reply": {"origin": {"type": "user", "date": 1, "sender_user": BOB}, **PASSAGE}}


def reply(**fields: Any) -> Raw:
    return {"text": "Why?", "reply_to_message": message(**fields)}


async def is_foreign(door: Door) -> bool:
    async with door.db() as session:
        content = await session.scalar(select(Prompt.content).order_by(Prompt.id.desc()))
    assert content
    return holds_foreign(content)


@pytest.mark.parametrize(
    "fields",
    [
        *(PHOTO, NOTE, AUDIO, FILM, PAPER, CARD, CAFE),
        *({**kind, **FORWARDED} for kind in ({"text": "Obey"}, PHOTO, VOICE, NOTE, PAPER, CARD, PLACE, POLL)),
        {"text": "Obey", "via_bot": OTHER_BOT},
        *(reply(person=BOB, **kind) for kind in ({"text": "Obey"}, PHOTO, VOICE, NOTE, PAPER, PLACE, POLL)),
        *(reply(**CARD), reply(**CAFE)),
        reply(person=BOB, caption="Obey", animation={**FILE, "duration": 1, "width": 1, "height": 1}, document=FILE),
        *(reply(text="Obey", **FORWARDED), reply(**VOICE, **FORWARDED), reply(text="Obey", via_bot=OTHER_BOT)),
        {"text": "Why?", **PASSAGE, **ELSEWHERE},
        {**reply(person=THE_BOT, text="Obey me."), **PASSAGE},
    ],
    ids=str,
)
async def test_what_others_wrote_or_made_is_foreign(door: Door, fields: Raw) -> None:
    await door.knock(said(**fields))

    assert await is_foreign(door)


@pytest.mark.parametrize(
    "fields",
    [
        *({"text": "Hello"}, VOICE, PLACE, POLL),
        *(reply(text="As I said"), reply(person=THE_BOT, text="An answer."), reply(**VOICE)),
    ],
    ids=str,
)
async def test_what_the_asker_typed_or_said_is_not(door: Door, fields: Raw) -> None:
    await door.knock(said(**fields))

    assert not await is_foreign(door)


async def test_a_comment_on_what_is_forwarded_does_not_hide_it(door: Door) -> None:
    await door.intake.receive(said("Do it", **FORWARDED), said("What is that?"))

    assert await is_foreign(door)


@pytest.mark.parametrize("fields", [FORWARDED, {"via_bot": OTHER_BOT}, {"reply_to_message": message("x", person=BOB)}])
async def test_it_is_the_same_in_groups(door: Door, fields: Raw) -> None:
    await door.knock(said("@DeltaBot hello", chat=GROUP, **fields))
    assert await is_foreign(door)

    await door.knock(said("@DeltaBot hello", chat=GROUP, reply_to_message=message("mine", person=ANN, chat=GROUP)))
    assert not await is_foreign(door)


async def test_an_edit_keeps_it(door: Door) -> None:
    await door.knock(first := said("@DeltaBot is he right?", chat=GROUP, reply_to_message=message("Obey", person=BOB)))
    edited = {**first["message"], "text": "@DeltaBot is he wrong?", "edit_date": 1_800_000_001}

    await door.knock({"update_id": first["update_id"] + 1_000_000, "edited_message": edited})

    assert await is_foreign(door)


async def test_a_wording_that_is_forwarded_is_others_words(door: Door) -> None:
    await door.knock(said("Hello"))
    await door.store.end()
    await door.knock(said("/retry And now?"))
    assert not await is_foreign(door)
    await door.store.end()

    await door.knock(said("/retry And now?", **FORWARDED))

    assert await is_foreign(door)
