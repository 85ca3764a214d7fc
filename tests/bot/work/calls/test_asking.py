"""What is asked about a call: all that it says, or how much of it is not shown."""

import json

import pytest

from bot.storage.tables import Call, CallState
from bot.texts import LANGUAGES
from bot.work.calls.asking import MAX_SHOWN, question
from tests.bot.store import Store


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_allows_a_call_sees_that_there_is_more_of_it(store: Store, language: str) -> None:
    job, words = await store.ask(await store.chats.get(7, provider="alpha")), LANGUAGES[language]
    call = Call(id=1, answer_id=job.id, number=0, position=0, name="write", state=CallState.ASKED)

    short = question(job, call, "pad · write", json.dumps({"text": "x" * 600}), words)
    long = question(job, call, "pad · write", json.dumps({"text": "🥛" * (MAX_SHOWN + 100)}), words)

    assert "x" * 600 in short.text
    assert long.text.splitlines()[-1] == words.call_more.format(count=115)
    assert len(long.text.encode("utf-16-le")) <= 2 * 4096
