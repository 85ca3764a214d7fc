"""Each of the four services, from a Telegram message to the final edited reply, through the bot's own process."""

import asyncio
import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from providers.registry import kinds
from telegram_playground.client import Bot, PlaygroundClient
from telegram_playground.server import Playground
from tests.services.cases import CASES, Case
from tests.services.wire import Wire
from tests.walks.conftest import TOKEN
from tests.walks.nursery import running

pytestmark = pytest.mark.walk

WORDS = [f"word{number} " for number in range(30)]
STREAMING = ("fakegpt", "gptalk", "chatgptfree")


async def test_all_four_answer_in_the_messenger_in_edit_mode(
    telegram: Playground, people: PlaygroundClient, bot: Bot, tmp_path: Path
) -> None:
    async with (
        CASES[0].server() as one,
        CASES[1].server() as two,
        CASES[2].server() as three,
        CASES[3].server() as four,
    ):
        gates = {last: asyncio.Event() for last in (5, 12, 19)}  # a word that a quarter more of the answer has brought
        servers = {case.id: server for case, server in zip(CASES, (one, two, three, four), strict=True)}
        for case, server in zip(CASES, servers.values(), strict=True):
            body = case.frame(*WORDS)
            server.reply = partial(_always, body)
            server.wire = Wire(every=len(body) // 4, gates=[*gates.values()])
        environment = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "ACCESS": "open"}
        addresses = {f"{name.upper()}_BASE_URL": f"{server.base_url}/" for name, server in servers.items()}

        async with running(tmp_path, {**environment, **addresses}):
            users = [await people.add_user(case.id) for case in CASES]
            chats = [await people.private(user, bot) for user in users]
            for case, user, chat in zip(CASES, users, chats, strict=True):
                await people.write(chat, user, f"/provider {case.id}")
                await people.wait(chat, text=f"{kinds()[case.id].label} answers")
                await people.write(chat, user, "Hi")
            for last, gate in gates.items():
                for case, chat in zip(CASES, chats, strict=True):
                    if case.id in STREAMING:
                        await people.wait(chat, text=f"word{last}\\b")
                gate.set()
            for case, chat in zip(CASES, chats, strict=True):
                answer = await people.wait(chat, text="word29$", complete=True)
                seen = [
                    entry for entry in await people.transcript(chat) if entry.get("message_id") == answer.message_id
                ]
                _assert_grew(case, answer.text, [entry["text"] for entry in seen])

        assert not [complaint for server in servers.values() for complaint in server.complaints]
        assert not [call for call in await people.calls() if call.get("error_code")]


def _always(body: bytes, _prompt: str) -> bytes:
    return body


def _assert_grew(case: Case, answer: str, seen: Sequence[str]) -> None:
    texts = [text.removesuffix("▌").rstrip() for text in seen]
    assert answer == "".join(WORDS).rstrip()
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    assert len(set(texts)) >= (3 if case.id in STREAMING else 1)
