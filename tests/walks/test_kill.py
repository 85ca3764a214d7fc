"""Killed by SIGKILL at each commit and each call on the way of a message, the bot still answers it once, and whole.

`python -m tests.crash` does the same to many chats at once, hundreds of times.
"""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.client import Bot, Chat, PlaygroundClient, User
from playground.server import Playground
from tests.crash.checker import Findings, check
from tests.crash.essay import Kind, question
from tests.crash.point import CommitPoint
from tests.crash.process import BotProcess
from tests.crash.scene import Asked, Conversation
from tests.crash.screen import Screen
from tests.crash.service import Service

pytestmark = pytest.mark.walk

COMMITS = (
    "insert turns",
    "update turns generating",
    "insert parts",
    "update parts",
    "update turns delivering",
    "update turns done",
)
CALLS = (
    ("sendMessage", False),
    ("sendMessage", True),
    ("editMessageReplyMarkup", True),
    ("editMessageText", False),
    ("editMessageText", True),
)


@pytest.fixture
async def essayist() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


@pytest.fixture
async def process(telegram: Playground, bot: Bot, essayist: Service, tmp_path: Path) -> AsyncIterator[BotProcess]:
    environment = {
        "BOT_TOKEN": bot.token,
        "TELEGRAM_API_URL": telegram.url,
        "ACCESS": "open",
        "OPENAI_BASE_URL": essayist.url,
    }
    process = BotProcess(tmp_path, environment)
    yield process
    await process.close()


@pytest.fixture
async def talk(people: PlaygroundClient, bot: Bot, chat: Chat, ann: User) -> Conversation:
    """Ann's chat, in which she has asked one question."""
    written = await people.write(chat, ann, question(1, Kind.SHORT))
    return Conversation(chat, [ann], bot, asked=[Asked(1, Kind.SHORT, written.message_id)])


async def found(talk: Conversation, telegram: Playground, people: PlaygroundClient, essayist: Service) -> Findings:
    """Wait for the answer and the end of its turn; return what became of the question."""
    await people.wait(talk.chat, text="q1g\\d+end$", complete=True, timeout=20)
    await people.write(talk.chat, talk.people[0], question(2, Kind.FAILING))
    await people.wait(talk.chat, text="⚠️", complete=True, timeout=20)
    return check(talk, Screen(telegram).messages(talk), await people.transcript(talk.chat), essayist.requests)


@pytest.mark.timeout(120)
async def test_a_message_is_answered_once_though_the_bot_dies_at_every_commit_on_its_way(
    process: BotProcess, telegram: Playground, people: PlaygroundClient, talk: Conversation, essayist: Service
) -> None:
    for label, after in itertools.product(COMMITS, (False, True)):
        await process.start(CommitPoint(label, 1, after))
        assert await process.ended(50) is not None, (label, after)
    await process.start()

    findings = await found(talk, telegram, people, essayist)
    assert findings.lines == []
    assert findings.counts["whole"] == 1


@pytest.mark.timeout(120)
async def test_a_message_is_answered_once_though_the_bot_dies_at_every_call_on_its_way(
    process: BotProcess, telegram: Playground, people: PlaygroundClient, talk: Conversation, essayist: Service
) -> None:
    for method, executed in CALLS:
        await people.fault(method, "hold", execute=executed)
        await process.start()
        await people.wait_held(timeout=15)
        await process.kill()
        await people.clear_faults()
    await process.start()

    findings = await found(talk, telegram, people, essayist)
    assert findings.lines == []
    assert findings.counts["whole"] == 1
