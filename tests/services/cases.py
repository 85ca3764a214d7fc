"""The four providers, each with its server and what the tests need to know of it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from bot.clock import Clock
from providers.base import AsyncGeneratorProvider, Delta, Message, Revised
from providers.errors import ProviderError
from providers.services import chatgptfree, chatgptt, fakegpt, gptalk
from providers.wire.http import Http
from tests.services import chatgptfree as chatgptfree_server
from tests.services import chatgptt as chatgptt_server
from tests.services import fakegpt as fakegpt_server
from tests.services import gptalk as gptalk_server
from tests.services import wordpress
from tests.services.service import Service
from tests.services.wire import Wire


class Framing(Protocol):
    """Makes the body of an answer out of its deltas."""

    def __call__(self, *deltas: str, newline: str = "\n", space: str = " ", end: str = "[DONE]") -> bytes:
        """Return the body."""


@dataclass(frozen=True, slots=True)
class Case:
    """One service. `step` is the request that brings the answer; `cold` and `warm` are the requests of a call."""

    id: str
    server: Callable[..., Service]
    provider: Callable[[str, Http], AsyncGeneratorProvider]
    step: str
    cold: Sequence[str]
    warm: Sequence[str]
    frame: Framing
    failure: Mapping[str, object]
    """A payload that tells a failure with the reason "no luck"."""


def _growing(frame: Framing) -> Framing:
    def grown(*deltas: str, newline: str = "\n", space: str = " ", end: str = "[DONE]") -> bytes:
        texts = ["".join(deltas[: n + 1]) for n in range(len(deltas))]
        return frame(*texts, newline=newline, space=space, end=end)

    return grown


def make_fakegpt(url: str, http: Http) -> fakegpt.FakeGpt:
    return fakegpt.FakeGpt(fakegpt.Settings(base_url=url), http=http, clock=Clock(), random=Random())


def make_gptalk(url: str, http: Http) -> gptalk.GPTalk:
    return gptalk.GPTalk(gptalk.Settings(base_url=url), http=http, clock=Clock(), random=Random())


def make_chatgptt(url: str, http: Http) -> chatgptt.ChatGptt:
    return chatgptt.ChatGptt(chatgptt.Settings(base_url=url), http=http, clock=Clock(), random=Random())


def make_chatgptfree(url: str, http: Http) -> chatgptfree.ChatgptFree:
    return chatgptfree.ChatgptFree(chatgptfree.Settings(base_url=url), http=http, clock=Clock(), random=Random())


CASES = (
    Case(
        "fakegpt",
        fakegpt_server.FakeGpt,
        make_fakegpt,
        step="conversation",
        cold=("loads", "login", "session", "conversation"),
        warm=("conversation",),
        frame=_growing(fakegpt_server.answer),
        failure={"message": None, "error": "no luck"},
    ),
    Case(
        "gptalk",
        gptalk_server.GPTalk,
        make_gptalk,
        step="stream",
        cold=("login", "text", "stream"),
        warm=("text", "stream"),
        frame=_growing(gptalk_server.answer),
        failure={"code": 500, "msg": "no luck"},
    ),
    Case(
        "chatgptt",
        chatgptt_server.ChatGptt,
        make_chatgptt,
        step="ajax",
        cold=("page", "ajax"),
        warm=("page", "ajax"),
        frame=wordpress.stream,
        failure={"error": {"message": "no luck"}},
    ),
    Case(
        "chatgptfree",
        chatgptfree_server.ChatgptFree,
        make_chatgptfree,
        step="ajax",
        cold=("page", "ajax"),
        warm=("ajax",),
        frame=wordpress.stream,
        failure={"error": {"message": "no luck"}},
    ),
)

SHARING = [case for case in CASES if case.cold != case.warm]  # those that keep a credential between calls


@dataclass(slots=True)
class Heard:
    """What came of one call."""

    deltas: list[Delta] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        """Fold the deltas as the bot does."""
        text = ""
        for delta in self.deltas:
            if isinstance(delta, Revised):
                text = delta.text
            elif isinstance(delta, str):
                text += delta
        return text


def user(text: str) -> list[Message]:
    """Return a conversation of one prompt."""
    return [{"role": "user", "content": text}]


async def hear(
    provider: AsyncGeneratorProvider,
    prompt: str = "Hello",
    *,
    model: str | None = None,
    proxy: str | None = None,
    silence_s: float | None = None,
    **options: Any,
) -> Heard:
    """Ask a provider and take down all it says, the failure included."""
    heard = Heard()
    call = provider.create_async_generator(model, user(prompt), proxy=proxy, timeout=silence_s, **options)
    async with aclosing(call) as deltas:
        try:
            async for delta in deltas:
                heard.deltas.append(delta)
        except ProviderError as error:
            heard.error = error
    return heard


def says(service: Service, body: bytes, wire: Wire | None = None) -> None:
    """Let the service answer every prompt with this body."""
    service.reply = lambda _: body
    service.wire = wire or Wire()


async def well(provider: AsyncGeneratorProvider, service: Service, case: Case) -> None:
    """Demand that the next message is answered."""
    says(service, case.frame("Fi", "ne"))
    heard = await hear(provider)
    assert (heard.error, heard.text) == (None, "Fine")
