"""Telegram without a network: a session that answers each method at once, as a test says."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

Method = TelegramMethod[Any]
Answer = object | Exception | Callable[[Any], object]


class Telegram(BaseSession):
    """Answers by `answers`; `calls` are the methods that were made, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Method] = []
        self._answers: dict[type[Method], list[Answer]] = {}

    def answers(self, kind: type[Method], *answers: Answer) -> None:
        """Answer calls of one kind in turn, the last answer for good: values, errors, functions of the call."""
        self._answers[kind] = list(answers)

    def made(self, kind: type[Method]) -> list[Any]:
        """Return the calls of one kind."""
        return [call for call in self.calls if isinstance(call, kind)]

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Answer a call. Raises what the test said; True where it said nothing."""
        self.calls.append(method)
        answers: list[Any] = self._answers.get(type(method), [True])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        result: TelegramType = answer(method) if callable(answer) else answer
        return result

    async def stream_content(self, *_args: Any, **_options: Any) -> AsyncGenerator[bytes, None]:
        """Give no files."""
        raise FileNotFoundError
        yield b""

    async def close(self) -> None:
        """Close nothing."""
