"""👁 in a group: it answers anew and chooses for all, so it is for who may choose there and what they asked."""

import pytest
from sqlalchemy import select

from bot.catalog.catalog import key_of
from bot.storage.tables import Answer, Chat, State
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, said, shown


async def press(door: Door, person: Raw, answer_id: int) -> str | None:
    data = f"sees:{answer_id}:{key_of('beta', '')}"
    keyboard = {"inline_keyboard": [[{"text": "👁 beta", "callback_data": data}]]}
    under = {**shown("A picture", chat=GROUP), "message_id": 5, "reply_markup": keyboard}
    return await door.toast(pressed(data, person=person, under=under))


@pytest.mark.parametrize(
    ("is_open", "person", "refusal"),
    [
        (False, ANN, EN.group_admins_only),
        (False, BOB, EN.group_admins_only),
        (False, OLGA, None),
        (True, ANN, None),
        (True, BOB, EN.group_asker_only),
        (True, OLGA, None),
    ],
)
async def test_who_may_have_another_model_look_in_a_group(
    door: Door, is_open: bool, person: Raw, refusal: str | None
) -> None:
    door.group_admins = [OLGA]
    if is_open:
        await door.knock(said("/settings open on", chat=GROUP, person=OLGA))
    await door.knock(said("@DeltaBot Hello", chat=GROUP, person=ANN))
    job = await door.store.end()
    await door.store.show(job, 5)

    told = await press(door, person, job.id)

    async with door.db() as session:
        chosen = await session.scalar(select(Chat.provider).where(Chat.id == job.chat.id))
        queued = [*await session.scalars(select(Answer.user_id).where(Answer.state == State.QUEUED))]
    if refusal:
        assert (told, chosen, queued) == (refusal, "alpha", [])
    else:
        assert told not in (EN.group_admins_only, EN.group_asker_only, RU.group_asker_only, RU.group_admins_only)
        assert (chosen, queued) == ("beta", [person["id"]])
        await press(door, person, job.id)  # twice is once
        assert len(await door.queue()) == 2
