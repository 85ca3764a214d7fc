"""The sentence that tells a failure."""

import pytest

from bot.texts import Texts
from bot.texts.en import EN
from bot.texts.ru import RU
from bot.work.failure import sentence, unread
from providers.blocks import Image, Unknown
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

ERRORS: list[ProviderError] = [
    Blocked(),
    BrokenOff("OTHER"),
    EmptyAnswer(),
    Incomplete(),
    LanguageUnknown("LANGUAGE"),
    ModelGone(said="model 'x' not found", status=404),
    ModelNotSupported("x", provider="p", models=["y"]),
    NoConnection("Cannot connect to host inner:443"),
    NotTaken({Image}),
    OnlyThought(),
    OutOfCredit(status=402),
    RateLimited(),
    RateLimited(retry_after_s=7),
    RateLimited(retry_after_s=7000),
    Recited("RECITATION"),
    Refused("SAFETY"),
    Refused(said="I cannot help with that."),
    ServiceFailed(said="Invalid value", status=400),
    ServiceFailed(said="at http://inner:8000/v1", status=503),
    SignInFailed(status=401),
    TimedOut("silent for 60 s"),
]


@pytest.mark.parametrize("words", [EN, RU], ids=lambda words: words.code)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_failure_names_the_provider_and_what_to_do(error: ProviderError, words: Texts) -> None:
    told = sentence(error, words, provider="some", model="x")

    assert told.startswith("⚠️ some: ")
    assert "/" in told
    assert "inner" not in told
    assert told != sentence(ProviderError(), words, provider="some", model="x")


@pytest.mark.parametrize("words", [EN, RU], ids=lambda words: words.code)
@pytest.mark.parametrize("error", [ModelGone(status=404), ModelNotSupported("x", provider="p", models=["y"])])
def test_where_the_model_is_gone_another_one_is_to_be_chosen(error: ProviderError, words: Texts) -> None:
    told = sentence(error, words, provider="some", model="x")

    assert "/model" in told
    assert "/retry" not in told


@pytest.mark.parametrize("error", [NothingToSend(), TooLong()])
def test_what_is_the_questions_own_fault_is_not_put_on_the_provider(error: ProviderError) -> None:
    assert "some" not in sentence(error, EN, provider="some", model=None)


def test_a_member_of_a_fallback_without_a_model_of_its_own_fails_as_a_service_does() -> None:
    told = sentence(ModelGone(said="model 'x' not found", status=404), EN, provider="some", model=None)

    assert "model 'x' not found" in told


def test_an_error_of_a_kind_that_is_not_known_is_ours() -> None:
    assert sentence(ProviderError(), EN, provider="some", model=None) == EN.internal


def test_what_a_model_did_not_take_is_told_by_its_name_with_what_to_do() -> None:
    told = sentence(NotTaken({Image}), EN, provider="some", model="x")

    assert "(the picture)" in told
    assert "/model" in told
    assert unread({Image, Unknown}, EN).startswith("ℹ️ The model read only your words")
    assert "(the attachment, the picture)" in unread({Image, Unknown}, EN)
    assert "(картинка)" in unread({Image}, RU)
