"""Whether one provider answers, and what its models can do."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from http import HTTPStatus

from bot.clock import Clock
from bot.commands.checks.line import Line
from bot.settings import Settings
from bot.work.stream import stream
from providers.base import AsyncGeneratorProvider, Message, ProviderModelMixin, Revised
from providers.blocks import Audio, Block, Document, Image
from providers.care.patience import Timeouts
from providers.errors import (
    Blocked,
    EmptyAnswer,
    ModelGone,
    ModelNotSupported,
    NoConnection,
    OnlyThought,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceFailed,
    SignInFailed,
    TimedOut,
)
from providers.visible import is_visible

log = logging.getLogger(__name__)

MAX_MODELS = 30  # of which it is told what they take
_KINDS: dict[type[Block], str] = {Image: "pictures", Document: "PDFs as they are", Audio: "recordings"}
QUESTION = "Answer with one short word: are you there?"
PROVIDER_PROXY = "does the proxy of PROVIDER_PROXY run and let us through; is the service's address right, does it run?"
NO_PROVIDER_PROXY = "is its address right, does the service run? Where only a proxy gets there, set PROVIDER_PROXY"
NO_SUCH_PAGE = "is the path of its address right, as its page shows it? Of most services it ends in /v1"
MENDS: dict[type[ProviderError], str] = {
    TimedOut: "it is slow or down; CONNECT_TIMEOUT, FIRST_TOKEN_TIMEOUT and TOKEN_TIMEOUT say how long to wait",
    SignInFailed: "is the key right and still valid?",
    RateLimited: "wait, or raise your limit at the service",
    OutOfCredit: "pay, or raise the budget, at the service",
    Blocked: "the service blocks programs from here; from another address it may answer (PROVIDER_PROXY)",
    ModelNotSupported: "choose one of its models",
    ModelGone: "name another model in its settings, or none: then the bot chooses one",
    OnlyThought: "try another model, or let it say more at once",
    EmptyAnswer: "try another model",
}


async def check_provider(settings: Settings, provider: AsyncGeneratorProvider) -> list[Line]:
    """Ask for the models, then for one short answer, to its end; say whether it will go on doing so."""
    lines = [await try_provider(settings, provider)]
    if lines[0].ok and (models := _models(provider)):
        lines.append(Line(provider.id, ok=True, detail=f"beside text its models take: {models}"))
    model = provider.default() if isinstance(provider, ProviderModelMixin) else ""
    if model and isinstance(provider, ProviderModelMixin) and (day := provider.ends(model)):
        mend = "name another model in its settings, or none: then the bot chooses one that lasts"
        lines.append(Line(provider.id, ok=True, detail=f"the model {model} ends: {day}", mend=mend))
    return lines


def _models(provider: AsyncGeneratorProvider) -> str:
    """Say of each model what it takes and gives beside text, as far as that is known; "" where there is one alone."""
    models = provider.get_models() if isinstance(provider, ProviderModelMixin) else []
    if len(models) < 2:
        return ""
    told = [f"{model} ({', '.join(_abilities(provider, model)) or 'nothing'})" for model in models[:MAX_MODELS]]
    more = [f"and {len(models) - MAX_MODELS} more"] * (len(models) > MAX_MODELS)
    return "; ".join([*told, *more])


def _abilities(provider: AsyncGeneratorProvider, model: str) -> list[str]:
    taken, able = provider.takes(model), provider.capabilities(model)
    found = [what for kind, what in _KINDS.items() if kind in taken]
    return found + ["tools"] * bool(able.tools) + ["makes pictures"] * bool(able.draws)


async def try_provider(settings: Settings, provider: AsyncGeneratorProvider) -> Line:
    """Ask for the models, then for one short answer, to its end."""
    messages = [Message(role="user", content=QUESTION)]
    timeouts = Timeouts(settings.first_token_timeout, settings.token_timeout)
    clock = Clock()
    started = clock.now()
    first_s: float | None = None
    try:
        async with asyncio.timeout(settings.first_token_timeout):
            await provider.refresh()
        started = clock.now()
        async with aclosing(stream(provider, None, messages, timeouts)) as deltas:
            async for delta in deltas:
                text = delta.text if isinstance(delta, Revised) else delta
                if isinstance(text, str) and is_visible(text) and first_s is None:
                    first_s = max(0.0, clock.now() - started)  # it does not count where the process stood still
        if first_s is None:
            raise EmptyAnswer("no text", provider=provider.id)
    except (ProviderError, TimeoutError) as error:
        failure = error if isinstance(error, ProviderError) else TimedOut("its list of models", provider=provider.id)
        kind, mend = type(failure).__name__, MENDS.get(type(failure), "see the service's own words")
        if isinstance(failure, NoConnection):
            kind, mend = "cannot be reached", PROVIDER_PROXY if settings.provider_proxy else NO_PROVIDER_PROXY
        elif failure.status == HTTPStatus.NOT_FOUND and isinstance(failure, ServiceFailed):
            mend = NO_SUCH_PAGE
        return Line(provider.id, ok=False, detail=f"{kind}: {failure.reason}", mend=mend)
    except Exception as error:
        log.exception("provider bug provider=%s", provider.id)
        mend = "please report it, with the lines of the log"
        return Line(provider.id, ok=False, detail=f"a bug of the bot's: {type(error).__name__}", mend=mend)
    models = provider.get_models() if isinstance(provider, ProviderModelMixin) else []
    detail = f"first text after {first_s:.1f} s, whole answer after {max(first_s, clock.now() - started):.1f} s"
    detail = f"{detail}, {len(models)} models" if models else detail
    return Line(provider.id, ok=True, detail=f"{detail}; {_told(provider, models)}")


def _told(provider: AsyncGeneratorProvider, models: Sequence[str]) -> str:
    """Say which model answers where nobody chose one, what it takes, gives and costs, and how many others see."""
    able = provider.capabilities(None)
    model = provider.default() if isinstance(provider, ProviderModelMixin) else ""
    taken = provider.takes(None)
    told = [f"{provider.room(None)} tokens at once"]
    told.append("takes pictures and documents" if Image in taken else "takes documents, no pictures")
    seeing = sum(Image in provider.takes(each) for each in models)
    told[-1] += f" ({seeing} of its models take pictures)" if models else ""
    told += (
        ["hears recordings"] * (Audio in taken) + ["tools"] * bool(able.tools) + ["makes pictures"] * bool(able.draws)
    )
    if able.input_price is not None and able.output_price is not None:
        told.append(f"${able.input_price.normalize():f} in and ${able.output_price.normalize():f} out per million")
    return f"{model}: {', '.join(told)}" if model else ", ".join(told)
