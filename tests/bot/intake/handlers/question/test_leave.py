"""The buttons that ask whether a tool may be called: who may decide, once, and only here."""

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText

from bot.storage.answers.calls import Wished
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import CallState
from bot.texts.en import EN
from providers.blocks import ToolCall
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, private, said, shown
from tests.clock import FakeClock

WRITE = ToolCall("c1", "write", "{}")


async def asks(door: Door, clock: FakeClock, chat: Raw | None = None) -> tuple[Job, str]:
    """Ask whether a tool may be called; return the data of the buttons without its end."""
    await door.knock(said("@DeltaBot Hello" if chat else "Hello", chat=chat))
    job = await door.store.begun()
    wished = Wished("write", CallState.ASKED, asked_until=clock.wall() + 60)
    step = await door.store.calls.begin(job, 0, (WRITE,), [wished], usage=None)
    assert step
    return job, f"call:{job.id}:{step.calls[0].id}"


async def states(door: Door, job: Job) -> list[CallState]:
    return [call.state for call in await door.store.calls.of(job.id)]


@pytest.mark.parametrize(
    ("sign", "state", "told"), [("a", CallState.ALLOWED, EN.call_allowed), ("d", CallState.DENIED, EN.call_denied)]
)
async def test_a_press_decides_once(door: Door, clock: FakeClock, sign: str, state: CallState, told: str) -> None:
    job, data = await asks(door, clock)

    methods = await door.knock(pressed(f"{data}:{sign}"))

    assert await states(door, job) == [state]
    assert [(method.text or "").splitlines()[0] for method in methods if isinstance(method, EditMessageText)] == [told]
    assert await door.toast(pressed(f"{data}:{'d' if sign == 'a' else 'a'}")) == EN.call_over
    assert await states(door, job) == [state]


async def test_a_press_after_its_time_decides_nothing(door: Door, clock: FakeClock) -> None:
    job, data = await asks(door, clock)
    await clock.advance(61)

    assert await door.toast(pressed(f"{data}:a")) == EN.call_over
    assert await states(door, job) == [CallState.ASKED]


async def test_in_a_group_only_who_asked_and_admins_decide(door: Door, clock: FakeClock) -> None:
    door.group_admins = [OLGA]
    job, data = await asks(door, clock, GROUP)
    under = shown(chat=GROUP)

    assert await door.toast(pressed(f"{data}:a", person=BOB, under=under)) == EN.group_asker_only
    assert await states(door, job) == [CallState.ASKED]
    assert await door.toast(pressed(f"{data}:a", person=OLGA, under=under)) is None
    assert await states(door, job) == [CallState.ALLOWED]


async def test_nobody_decides_for_another_chat(door: Door, clock: FakeClock) -> None:
    job, data = await asks(door, clock)
    await door.knock(said("Mine", person=BOB))

    assert await door.toast(pressed(f"{data}:a", person=BOB)) == EN.call_over
    assert await door.toast(pressed(f"call:{job.id + 1}:{data.rpartition(':')[2]}:a", person=ANN)) == EN.call_over
    assert await states(door, job) == [CallState.ASKED]


async def test_a_press_under_the_question_of_another_leaves_that_one_its_buttons(door: Door, clock: FakeClock) -> None:
    job, data = await asks(door, clock)
    other = {"inline_keyboard": [[{"text": "…", "callback_data": f"call:{job.id + 1}:9:a"}]]}

    (answer,) = await door.knock(pressed(f"{data}:a", under=shown(chat=private(ANN), reply_markup=other)))

    assert isinstance(answer, AnswerCallbackQuery)
    assert answer.text == EN.call_over
    assert await states(door, job) == [CallState.ASKED]
