"""What a person is told of a provider's failure: the sentence, with the provider's name and what to do."""

import math
from collections.abc import Collection

from bot.texts import Texts
from providers.blocks import Block, Draw, Image
from providers.errors import (
    Blocked,
    BrokenOff,
    EmptyAnswer,
    Incomplete,
    LanguageUnknown,
    ModelGone,
    ModelNotSupported,
    NoConnection,
    NothingToSend,
    NotTaken,
    OnlyThought,
    OutOfCredit,
    ProviderError,
    RateLimited,
    Recited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TimedOut,
    TooLong,
)

LONG_S = 600.0  # a longer wait is not told in seconds
MARK = "⚠️ "


def sentence(error: ProviderError, words: Texts, *, provider: str, model: str | None) -> str:
    """Return what to tell; `provider` and `model` are those that were asked, as far as a model was named."""
    text = _sentence(error, words, model)
    ours = isinstance(error, NothingToSend | TooLong) or text == words.internal or is_void(error)
    return text if ours else f"{MARK}{provider}: {text.removeprefix(MARK)}"


def is_void(error: ProviderError) -> bool:
    """Tell whether nobody here can do what was asked: pictures, where no service makes or changes them."""
    return isinstance(error, NotTaken) and Draw in error.kinds


def unread(kinds: Collection[type[Block]], words: Texts) -> str:
    """Return the line under an answer whose model did not take these kinds of block."""
    return words.only_words_taken.format(what=_named(kinds, words))


def _named(kinds: Collection[type[Block]], words: Texts) -> str:
    return ", ".join(sorted({words.kind_photo if kind is Image else words.kind_other for kind in kinds}))


def _sentence(error: ProviderError, words: Texts, model: str | None) -> str:
    match error:
        case RateLimited(retry_after_s=float(seconds)) if seconds <= LONG_S:
            return words.rate_limited_for.format(seconds=max(1, math.ceil(seconds)))
        case RateLimited():
            return words.rate_limited
        case ModelNotSupported(model=name):
            return words.model_not_supported.format(model=name)
        case ModelGone() if model:
            return words.model_not_supported.format(model=model)
        case NotTaken(kinds=kinds) if {Draw, Image} <= kinds:
            return words.image_unchanged
        case NotTaken(kinds=kinds) if Draw in kinds:
            return words.image_nobody
        case NotTaken(kinds=kinds):
            return words.not_taken.format(what=_named(kinds, words))
        case Recited():
            return words.recited
        case LanguageUnknown():
            return words.language_unknown
        case Refused():
            return words.refused.format(reason=error.told) if error.said else words.refused_plain
        case BrokenOff():
            return words.broken_off
        case ServiceFailed():
            return words.service_failed.format(reason=error.told)
    plain: dict[type[ProviderError], str] = {
        NoConnection: words.no_connection,
        TimedOut: words.timed_out,
        Blocked: words.blocked,
        SignInFailed: words.sign_in_failed,
        OutOfCredit: words.out_of_credit,
        EmptyAnswer: words.empty_answer,
        OnlyThought: words.only_thought,
        Incomplete: words.empty_answer,
        TooLong: words.too_long,
        NothingToSend: words.nothing_to_send,
    }
    return plain.get(type(error), words.internal)
