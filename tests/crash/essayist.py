"""The essayist: a script for the model, which answers with essays and remembers what it was sent."""

from collections import Counter
from dataclasses import dataclass

from telegram_playground.model import Answer, Item, Model, Request, Reset, Script, Thought, ToolCall, refusals
from telegram_playground.protocol.wire import Json
from tests.crash.essay import PICTURE, THOUGHT, Kind, asked, essay, heard, words
from tests.crash.told import summary

SUM_UP = "Sum up the conversation"  # begins what a model is told that is to do so
SUMMING_S = 1.0  # that takes
UNKNOWN = "It is not known whether this was carried out"  # as the model is told it


@dataclass(frozen=True, slots=True)
class Sent:
    """What the bot sent to have a question answered for the `generation`-th time: (role, text), oldest first."""

    question: int
    generation: int
    messages: list[tuple[str, str]]


class Essayist:
    """Answers questions; `sent` is what came of them, in order."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.unknown: set[tuple[int, int]] = set()  # question and generation that was told so of a call
        self.summed: Counter[str] = Counter()  # what was to be summed up, each as often as that was asked
        self._generations: Counter[int] = Counter()

    def __call__(self, request: Request) -> Answer:
        """Return the answer to a question, each time it is asked one of its own."""
        if _told(request.messages[0]["content"]).startswith(SUM_UP):
            self.summed[request.prompt] += 1
            return [SUMMING_S, summary(request.prompt)]
        meant = asked(request.prompt)
        if meant is None:
            return [refusals.bad_request("no question")]
        number, kind = meant
        self._generations[number] += 1
        generation = self._generations[number]
        asked_at = max(at for at, message in enumerate(request.messages) if message["role"] == "user")
        told = request.messages[: asked_at + 1]  # without what was called for it
        messages = [(message["role"], _told(message["content"])) for message in told]
        self.sent.append(Sent(number, generation, messages))
        if kind is Kind.FAILING:
            return [refusals.wrong_key()]
        if kind is Kind.CALLING and not request.results:
            return [ToolCall("counter__count", {"what": f"{number} {generation}"})]
        if any(result.startswith(UNKNOWN[:40]) for result in request.results):
            self.unknown.add((number, generation))
        how = essay(kind, generation)
        said = words(number, generation, how.words)
        pieces = said[:-1] if kind is Kind.BREAKING else said
        items: list[Item] = [how.silence_s]
        for _ in range(how.thoughts):
            items += [Thought(THOUGHT), how.pause_s]
        for start in range(0, len(pieces), how.at_once):
            items += [" ".join(pieces[start : start + how.at_once]) + " ", how.pause_s]
        return [*items, Reset()] if kind is Kind.BREAKING else items


def _told(content: str | list[Json]) -> str:
    """Return the content of a message as words: a picture is the word for it."""
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text") or PICTURE) for part in content)


def library(script: Script) -> Model:
    """Return a model that follows such a script and hears; it keeps the messages of the newest requests only."""
    model = Model(script, models=("essayist",), kept=100)
    model.transcript = heard
    return model
