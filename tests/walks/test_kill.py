"""Killed by SIGKILL at each commit and each call on the way of a message, the bot still answers it once, and whole.

`python -m tests.crash` does the same to many chats at once, hundreds of times.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.crash.checker import Findings, check
from tests.crash.essay import Kind, question
from tests.crash.essayist import Essayist, library
from tests.crash.point import CommitPoint
from tests.crash.scene import Asked, Conversation
from tests.crash.screen import Screen
from tests.thorough import chosen
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

CLAIM = "update answers generating"  # the second of its kind: a start looks for those first
COMMITS = (
    "insert answers",
    CLAIM,
    "insert parts",
    "update parts",
    "update answers done",
    "delete parts",
)
SIDES = chosen((False, True), True)  # whether it dies after the commit
CALLS = (
    ("sendMessage", False),
    ("sendMessage", True),
    ("editMessageReplyMarkup", True),
    ("editMessageText", False),
    ("editMessageText", True),
)

Beside = Callable[[], Awaitable[None]]


@pytest.fixture
def essayist() -> Essayist:
    return Essayist()


@pytest.fixture
async def environment(environment: Mapping[str, str], essayist: Essayist) -> AsyncIterator[Mapping[str, str]]:
    async with library(essayist) as model:
        yield {**environment, "OPENAI_BASE_URL": model.url}


@pytest.fixture
async def talk(people: PlaygroundClient, bot: Bot, chat: Chat, ann: User) -> Conversation:
    """Ann's chat, in which she has asked one question."""
    written = await people.write(chat, ann, question(1, Kind.SHORT))
    return Conversation(chat, [ann], bot, asked=[Asked(1, Kind.SHORT, written.message_id)])


@pytest.fixture
async def beside(people: PlaygroundClient, bot: Bot) -> Beside:
    """Have others talk in a group: the server holds a poll up that comes soon after another one and finds no news."""
    bob = await people.add_user("Bob")
    club = await people.add_group("Club", members=[bob], bots=[bot])

    async def talk() -> None:
        await people.write(club, bob, "Lovely weather.")

    return talk


async def found(talk: Conversation, telegram: Playground, people: PlaygroundClient, essayist: Essayist) -> Findings:
    """Wait for the answer and its end; return what became of the question."""
    await people.wait(talk.chat, text="q1g\\d+end$", complete=True)
    await people.write(talk.chat, talk.people[0], question(2, Kind.FAILING))
    await people.wait(talk.chat, text="⚠️", complete=True)
    screen = Screen(telegram)
    async with asyncio.timeout(60):
        await screen.bare(talk)
    return check(talk, screen.messages(talk), await people.transcript(talk.chat), essayist.sent)


async def test_a_message_is_answered_once_though_the_bot_dies_at_every_commit_on_its_way(
    child: Child, telegram: Playground, people: PlaygroundClient, talk: Conversation, essayist: Essayist, beside: Beside
) -> None:
    for label, after in itertools.product(COMMITS, SIDES):
        await beside()
        await child.start(CommitPoint(label, 2 if label == CLAIM else 1, after))
        assert await child.ended() is not None, (label, after)
    await beside()
    await child.start()

    findings = await found(talk, telegram, people, essayist)
    assert findings.lines == []
    assert findings.counts["whole"] == 1


async def test_a_message_is_answered_once_though_the_bot_dies_at_every_call_on_its_way(
    child: Child, telegram: Playground, people: PlaygroundClient, talk: Conversation, essayist: Essayist, beside: Beside
) -> None:
    for method, executed in CALLS:
        await people.fault(method, "hold", execute=executed, chat=talk.chat.id)
        await beside()
        await child.start()
        await people.wait_held()
        await child.kill()
        await people.clear_faults()
    await beside()
    await child.start()

    findings = await found(talk, telegram, people, essayist)
    assert findings.lines == []
    assert findings.counts["whole"] == 1
