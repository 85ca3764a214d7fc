"""What a server keeps has its limits, in bytes too: the oldest goes."""

import random

import pytest

from telegram_playground.world.calls import Calls
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.feed import Feed
from telegram_playground.world.files import Files
from telegram_playground.world.kept import Kept
from telegram_playground.world.people import User
from telegram_playground.world.updates import Updates
from telegram_playground.world.weight import weight
from tests.telegram_playground.hand_clock import HandClock

ANN = User(5, "Ann")


def message(chat: Chat, number: int, text: str) -> Message:
    return Message(chat, number, ANN, number, {"text": text})


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": "x" * 1000},
        {"entities": [{"type": "bold", "offset": number, "length": 1} for number in range(20)]},
        {str(number): number for number in range(50)},
        {"foo": [["y" * 10] * 10] * 5},
    ],
)
def test_calls_end_at_their_bytes_whatever_came_with_them(parameters: dict[str, object]) -> None:
    calls = Calls(Feed(), max_bytes=100_000)

    for _ in range(300):
        call = calls.begin(1, "sendMessage", None, dict(parameters), now=0.0)
        call.body = {"ok": True, "result": {"text": "z" * 500}}
        calls.finish(call, now=0.0)

    kept = calls.last(300)
    assert 10 < len(kept) < 100
    assert sum(weight([call.parameters, call.body]) for call in kept) <= 100_000


def test_a_call_that_ends_after_it_was_thrown_away_counts_no_more() -> None:
    calls = Calls(Feed(), max_bytes=10_000)
    slow = calls.begin(1, "getUpdates", None, {}, now=0.0)
    calls.begin(1, "sendMessage", None, {"text": "x" * 9000}, now=0.0)

    slow.body = {"ok": True, "result": ["x" * 9000]}
    calls.finish(slow, now=1.0)

    assert [call.method for call in calls.last(9)] == ["sendMessage"]


def test_messages_of_all_chats_together_end_at_their_bytes_and_the_oldest_go() -> None:
    kept = Kept(max_bytes=50_000)
    chats = [Chat(str(number), number, "private") for number in range(1, 41)]

    for number in range(1, 401):
        kept.add(message(chats[number % 40], number, "x" * 500))

    left = [number for chat in chats for number in chat.messages]
    assert kept.size <= 50_000
    assert 20 < len(left) < 100
    assert sorted(left) == list(range(401 - len(left), 401))


def test_an_edit_that_makes_a_message_longer_takes_room_of_others() -> None:
    kept, chat = Kept(max_bytes=50_000), Chat("1", 1, "private")
    for number in range(1, 30):
        kept.add(message(chat, number, "x"))
    chat.pinned = [1, 29]
    last = chat.messages[29]

    last.content = {"text": "x" * 45_000}
    kept.weigh(last)

    assert kept.size <= 50_000
    assert [min(chat.messages) > 1, max(chat.messages)] == [True, 29]
    assert chat.pinned == [29]


def test_what_was_deleted_takes_no_room() -> None:
    kept, chat = Kept(), Chat("1", 1, "private")
    for number in range(1, 100):
        kept.add(message(chat, number, "x" * 100))
        kept.remove(chat.messages[number])

    assert kept.size == 0
    kept.weigh(message(chat, 5, "y"))  # an edit of a message that is gone
    assert kept.size == 0


def test_a_file_that_was_thrown_away_keeps_no_bytes_where_it_is_still_named() -> None:
    files = Files(random.Random(1))
    photo = files.add("a.png", "image/png", b"x" * 1000)

    files.remove(photo)

    assert photo.data == b""


def test_what_a_bot_never_fetches_ends_at_its_bytes() -> None:
    updates = Updates(HandClock(), 1, max_bytes=100_000)
    text = "x" * 1000

    for _ in range(300):
        updates.add("message", {"text": text})

    assert 50 < len(updates) < 100
    assert updates.waiting()[-1].update_id == 300
