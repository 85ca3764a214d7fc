"""Killed at a commit of a 🔄 or a /retry, the bot shows one whole new answer, or the old one and what failed.

`make proofs` dies at those commits where two answers of one question are there, `make prove` at each of them.
"""

import itertools

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model, refusals
from tests.crash.point import CommitPoint
from tests.database import Database
from tests.thorough import chosen
from tests.walks.conftest import answers
from tests.walks.nursery import Child

pytestmark = [pytest.mark.walk, pytest.mark.proof]

CLAIM = "update answers generating"  # the second of its kind: a start takes up first what is left
COMMITS = ("insert answers", CLAIM, "update answers done", "delete parts")
SIDES = (False, True)  # whether it dies after the commit
AGAIN = chosen(
    [*itertools.product(("🔄", "/retry"), COMMITS, SIDES)],
    ("🔄", "update answers done", True),
    ("/retry", CLAIM, False),
)
FAILED = chosen([*itertools.product(COMMITS[2:], SIDES)], ("update answers done", True))


def point(label: str, *, after: bool) -> CommitPoint:
    """Return where the bot dies."""
    return CommitPoint(label, 2 if label == CLAIM else 1, after)


async def press(people: PlaygroundClient, chat: Chat, ann: User, message_id: int) -> None:
    """Press the only button of a message."""
    (button,) = (await people.message(chat, message_id)).buttons
    assert button.data
    await people.press(chat, ann, message_id, button.data, timeout_s=0)


async def first(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User, dies: CommitPoint, database: Database
) -> int:
    """Have a question answered, and start a bot that dies; return the message."""
    await child.start()
    await people.write(chat, ann, "story")
    shown = await people.wait(chat, text="The first\\.$", complete=True)
    await database.says("SELECT shown_id FROM replies WHERE NOT dirty", [(1,)])
    await child.stop()
    await child.start(dies)
    return shown.message_id


async def history(people: PlaygroundClient, chat: Chat, ann: User, model: Model) -> list[str]:
    """Return what a further question is sent with."""
    await people.write(chat, ann, "and then")
    await people.wait(chat, text="said: and then$", complete=True)
    return [message["content"] for message in model.requests[-1].messages if message["role"] != "system"]


@pytest.mark.parametrize(("act", "label", "after"), AGAIN)
async def test_a_further_answer_comes_once_and_whole(
    child: Child,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
    act: str,
    label: str,
    after: bool,
) -> None:
    model.says("story", "The first.")
    model.says("story", "The second.")
    model.says("story", "The second.")
    message_id = await first(child, people, chat, ann, point(label, after=after), database)

    if act == "🔄":
        await press(people, chat, ann, message_id)
    else:
        await people.write(chat, ann, act)
    assert await child.ended() is not None
    await child.start()
    whole = await people.wait(chat, text="The second\\.$", complete=True)

    assert (whole.message_id == message_id) == (act == "🔄")
    shown = ["The second."] if act == "🔄" else ["The first.", "The second."]
    assert [text for text in await answers(people, chat, ann) if text.startswith("The")] == shown
    assert await history(people, chat, ann, model) == ["story", "The second.", "and then"]


@pytest.mark.parametrize(("label", "after"), FAILED)
async def test_of_one_that_fails_the_line_stands_under_the_old_answer(
    child: Child,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
    label: str,
    after: bool,
) -> None:
    model.says("story", "The first.")
    model.says("story", refusals.wrong_key())
    model.says("story", refusals.wrong_key())
    message_id = await first(child, people, chat, ann, point(label, after=after), database)

    await press(people, chat, ann, message_id)
    assert await child.ended() is not None
    await child.start()
    whole = await people.wait(chat, text="The first\\.\\s+⚠️", complete=True)

    assert whole.message_id == message_id
    assert len(await answers(people, chat, ann)) == 1
    assert await history(people, chat, ann, model) == ["story", "The first.", "and then"]
