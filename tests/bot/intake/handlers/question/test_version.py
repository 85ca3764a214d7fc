"""◀ 2/3 ▶ under the last answer; forged and stale buttons are answered kindly."""

import pytest

from bot.storage.exchanges.jobs import Job
from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, private, said, shown


async def end(door: Door, text: str) -> Job:
    job = await door.store.begin()
    assert job
    await door.store.show(job, 5)
    await door.store.replies.stands(await door.store.made(job, text=text))
    return job


def under(message_id: int = 5, chat: Raw | None = None) -> Raw:
    return {**shown(chat=chat or private(ANN)), "message_id": message_id}


async def versions(door: Door, chat: Raw | None = None) -> tuple[Job, Job]:
    await door.knock(said("@DeltaBot Hello" if chat else "Hello", chat=chat))
    first = await end(door, "1")
    await door.knock(pressed(f"retry:{first.id}", under=under(chat=chat)))
    return first, await end(door, "2")


async def test_a_former_version_is_wanted_without_being_asked_again(door: Door) -> None:
    first, second = await versions(door)

    assert await door.toast(pressed(f"show:{first.id}:{second.id}", under=under())) is None
    (job,) = await door.store.replies.resume()
    assert (job.id, job.is_made) == (first.id, True)
    assert len(await door.queue()) == 2


async def test_while_an_answer_is_under_way_it_waits(door: Door) -> None:
    first, second = await versions(door)
    await door.knock(said("And?"))

    assert await door.toast(pressed(f"show:{first.id}:{second.id}", under=under())) == EN.version_busy


async def test_at_an_end_there_is_no_further_one(door: Door) -> None:
    _, second = await versions(door)

    assert await door.toast(pressed(f"show:{second.id}:{second.id}", under=under())) == EN.version_last


@pytest.mark.parametrize("data", ["show:999:999", "show:1:1", "show:0:0"])
async def test_a_button_that_is_stale_or_forged_is_told_so(door: Door, data: str) -> None:
    await door.knock(said("Another", person=BOB))
    await door.store.end(text="theirs")
    await versions(door)

    assert await door.toast(pressed(data, under=under())) == EN.retry_stale
    assert await door.toast(pressed(data, under=under(77))) == EN.retry_stale


async def test_data_that_names_no_answer_is_an_old_button(door: Door) -> None:
    await versions(door)

    assert await door.toast(pressed("show:x:1", under=under())) == EN.button_too_old
    assert await door.toast(pressed(f"show:{'9' * 40}:1", under=under())) == EN.button_too_old


async def test_the_middle_one_tells_who_made_it_to_anybody(door: Door) -> None:
    await door.knock(said("@DeltaBot Hello", chat=GROUP))
    first = await end(door, "1")

    press = pressed(f"made:{first.id}", person=BOB, under=under(chat=GROUP))
    assert await door.toast(press) == EN.version_unknown
    assert await door.toast(pressed("made:999", under=under())) == EN.version_unknown


async def test_in_a_group_only_who_asked_and_admins_choose(door: Door) -> None:
    door.group_admins = [OLGA]
    first, second = await versions(door, GROUP)
    data = f"show:{first.id}:{second.id}"

    assert await door.toast(pressed(data, person=BOB, under=under(chat=GROUP))) == EN.group_asker_only
    assert await door.toast(pressed(data, person=OLGA, under=under(chat=GROUP))) is None


async def test_who_asked_may_choose_although_an_admin_asked_again(door: Door) -> None:
    door.group_admins = [BOB]
    await door.knock(said("@DeltaBot Hello", chat=GROUP))
    first = await end(door, "1")
    assert await door.toast(pressed(f"retry:{first.id}", person=BOB, under=under(chat=GROUP))) is None
    second = await end(door, "2")

    data = f"show:{first.id}:{second.id}"
    assert await door.toast(pressed(data, person=ANN, under=under(chat=GROUP))) is None
