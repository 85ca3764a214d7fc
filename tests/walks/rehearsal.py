"""Rehearsal: a bot answers once in a process from which others are forked, before there are any.

What each of them would load, build and compile for itself, such as aiogram's types and SQL, is there then: most of the
processor time of a bot that lives shortly, and seconds of each worker of a crew. Imported for its effect.
"""

import asyncio
import gc
import logging
import os
import tempfile
import threading
from contextlib import suppress

import pytest

import tests.walks.nursery  # the whole bot, with what must be imported first

# isort: split
import tests.certificates  # loaded for all sessions
import tests.compiled  # statements are compiled for all engines
import tests.unhurried  # noqa: F401  # files are read as slowly as the machine is
from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.walks.hasty import running, settings

TOKEN = "987654321:AAEhBP0av28abcdefghijklmnopqrstuvwx"  # of no other bot
ENOUGH_S = 60


async def rehearse() -> None:
    """Let a bot in this process answer a question."""
    async with Playground() as telegram, PlaygroundClient(telegram.url) as people, Model() as model:
        bot = await people.bot(TOKEN, username="rehearsing_bot")
        ann = await people.add_user("Ann")
        chat = await people.private(ann, bot)
        os.environ["OPENAI_BASE_URL"] = model.url
        async with running(settings(bot_token=TOKEN, telegram_api_url=telegram.url)):
            await people.write(chat, ann, "Hello")
            await people.wait(chat, complete=True, timeout=ENOUGH_S)


def _rehearse() -> None:
    before = set(threading.enumerate())
    logging.disable()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        environment.setenv("OPENAI_BASE_URL", "")  # what is set here goes again
        with suppress(PlaygroundError):  # the machine is too busy: each builds for itself what is missing
            asyncio.run(rehearse())
    logging.disable(logging.NOTSET)
    for thread in set(threading.enumerate()) - before:
        thread.join()  # none may run where a process is to be forked
    gc.collect()
    gc.freeze()  # what is forked looks at its own garbage alone


_rehearse()
