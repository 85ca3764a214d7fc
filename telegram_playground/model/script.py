"""A script: which request gets which answer."""

from collections.abc import Callable

from telegram_playground.model.answer import Answer
from telegram_playground.model.request import Request

Script = Callable[[Request], Answer | None]  # None: the next script is asked


class Lines:
    """Answers by a text that is in the prompt; the one that was given first goes before the others."""

    def __init__(self) -> None:
        self._answers: dict[str, list[Answer]] = {}

    def add(self, prompt: str, answer: Answer) -> None:
        """Answer the next request whose prompt contains `prompt`; the last such answer repeats."""
        self._answers.setdefault(prompt, []).append(answer)

    def __call__(self, request: Request) -> Answer | None:
        """Return the answer for a request, if there is one."""
        for part, answers in self._answers.items():
            if part in request.prompt:
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return None


def echo(request: Request) -> Answer:
    """Repeat the prompt."""
    return [f"You said: {request.prompt}"]
