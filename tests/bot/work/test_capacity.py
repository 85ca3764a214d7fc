"""The places of a process: none of its bots takes what the others need."""

import asyncio

from bot.work.capacity import Capacity


def test_one_bot_has_all() -> None:
    share = Capacity(8).share(asyncio.Event())
    share.took(7)

    assert share.most == 8


def test_beside_others_one_takes_half_of_what_they_leave_and_always_one() -> None:
    places = Capacity(8)
    one, two, three = (places.share(asyncio.Event()) for _ in range(3))
    for each in (one, two, three):
        each.took(0)

    assert one.most == 4
    one.took(4)
    assert two.most == 2
    two.took(2)
    assert three.most == 1


def test_who_had_too_few_is_woken_when_some_are_free() -> None:
    places, woken, idle = Capacity(2), asyncio.Event(), asyncio.Event()
    one, two, three = places.share(asyncio.Event()), places.share(woken), places.share(idle)
    three.took(0)
    one.took(2)
    two.took(0)
    assert two.most == 0

    one.took(1)

    assert woken.is_set()
    assert not idle.is_set()
    assert two.most == 1
    one.leave()
    assert two.most == 1
    three.leave()
    assert two.most == 2
