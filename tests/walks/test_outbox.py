"""Killed by SIGKILL between what an update changes and what is said about it, the bot still says it."""

import asyncio
import itertools
from collections.abc import Mapping

import pytest

from bot.storage.questions.limits import MAX_WAITING_PER_PERSON
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.crash.point import CommitPoint
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

FAST = {"CHAT_RATE": "1000", "CHAT_BURST": "1000", "GROUP_RATE": "60000", "GROUP_BURST": "1000", "BOT_RATE": "1000"}


@pytest.fixture
def environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {**environment, **FAST}


@pytest.fixture
async def club(people: PlaygroundClient, ann: User, bot: Bot) -> Chat:
    await people.set(limits="off")
    return await people.add_group("Club", members=[ann], bots=[bot])


async def die_at_each(child: Child, *labels: str) -> None:
    """Start the bot again and again, to be killed right before and right after a commit with each of the statements."""
    for label, after in itertools.product(labels, (False, True)):
        await child.start(CommitPoint(label, 1, after))
        assert await child.ended() is not None, (label, after)


async def said(people: PlaygroundClient, chat: Chat, ann: User) -> list[str]:
    """Return what the bot has said in a chat."""
    return [message.text for message in await people.messages(chat) if message.sender != ann.id]


async def test_who_is_to_wait_is_told_so_and_all_others_are_answered(
    child: Child, people: PlaygroundClient, club: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("number 0", go_on, "You said: number 0")
    numbers = [f"number {number}" for number in range(1 + MAX_WAITING_PER_PERSON + 1)]
    for number in numbers:
        await people.write(club, ann, f"@delta_bot {number}")

    await die_at_each(child, "insert busy")
    await people.fault("sendMessage", "hold", execute=False)
    await child.start()
    await people.wait_held()
    await child.kill()
    await people.clear_faults()
    await child.start()
    await people.wait(club, text="busy")
    go_on.set()
    await people.wait(club, text=f"{numbers[2]}$", complete=True)
    await people.write(club, ann, "@delta_bot the last one")
    await people.wait(club, text="You said: .*the last one", complete=True)

    answers = [text for text in await said(people, club, ann) if text.startswith("You said")]
    answered = [number for number in numbers if any(number in text for text in answers)]
    assert answered[:MAX_WAITING_PER_PERSON] == numbers[:MAX_WAITING_PER_PERSON]
    assert len(answered) < len(numbers)  # the notice stands for the others
    assert len(answers) == len(answered) + 1


@pytest.mark.proof
async def test_a_notice_is_said_twice_only_where_the_kill_comes_at_the_instant_of_its_sending(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.write(chat, ann, "/new")

    await die_at_each(child, "insert outbox")
    await die_at_each(child, "delete outbox")
    await child.start()
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)

    assert len([text for text in await said(people, chat, ann) if "new conversation" in text]) == 2
