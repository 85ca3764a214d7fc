"""Every end and every error code of the four protocols: what it is called, with text before it and without."""

import json
from dataclasses import dataclass

import pytest

from providers.base import Delta
from providers.errors import (
    BrokenOff,
    EmptyAnswer,
    Incomplete,
    LanguageUnknown,
    ModelGone,
    OnlyThought,
    OutOfCredit,
    ProviderError,
    RateLimited,
    Recited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TooLong,
)
from providers.services.anthropic import _Message
from providers.services.gemini import _Content
from providers.services.ollama import _Chat
from providers.wire.chat_completion import ChatCompletion
from providers.wire.completion import Completion
from providers.wire.status import error_in, status_error

Item = dict[str, object]


def chat(finish: str, text: str) -> list[Item]:
    return [{"choices": [{"delta": {"content": text}}]}, {"choices": [{"delta": {}, "finish_reason": finish}]}]


def message(finish: str, text: str) -> list[Item]:
    return [
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}},
        {"type": "message_delta", "delta": {"stop_reason": finish}},
    ]


def content(finish: str, text: str) -> list[Item]:
    return [{"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": finish}]}]


def line(finish: str, text: str) -> list[Item]:
    return [{"message": {"content": text}}, {"message": {"content": ""}, "done": True, "done_reason": finish}]


@dataclass(frozen=True, slots=True)
class End:
    """An end: what it is without text; with text it is `whole` or incomplete."""

    wire: str
    word: str
    bare: type[ProviderError]
    whole: bool = False


WIRES = {
    "openai": (ChatCompletion, chat),
    "anthropic": (_Message, message),
    "gemini": (_Content, content),
    "ollama": (_Chat, line),
}
FILTERS = ["SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION", "PUP_LIMITED_DISABLED"]
PICTURES = ["IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_OTHER"]
TECHNICAL = [
    "OTHER",
    "FINISH_REASON_UNSPECIFIED",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "NO_IMAGE",
]
ENDS = [
    *(End("openai", word, EmptyAnswer, whole=True) for word in ("stop", "tool_calls", "function_call", "eos", "STOP")),
    End("openai", "length", OnlyThought),
    End("openai", "content_filter", Refused),
    End("openai", "insufficient_system_resource", BrokenOff),
    End("openai", "error", BrokenOff),
    End("openai", "something_new", ServiceFailed),
    *(End("anthropic", word, EmptyAnswer, whole=True) for word in ("end_turn", "stop_sequence", "tool_use")),
    End("anthropic", "max_tokens", OnlyThought),
    End("anthropic", "model_context_window_exceeded", OnlyThought),
    End("anthropic", "pause_turn", BrokenOff),
    End("anthropic", "refusal", Refused),
    End("anthropic", "something_new", ServiceFailed),
    End("gemini", "STOP", EmptyAnswer, whole=True),
    End("gemini", "MAX_TOKENS", OnlyThought),
    End("gemini", "CONTINUATION", OnlyThought),
    End("gemini", "RECITATION", Recited),
    End("gemini", "IMAGE_RECITATION", Recited),
    End("gemini", "LANGUAGE", LanguageUnknown),
    *(End("gemini", word, Refused) for word in (*FILTERS, *PICTURES)),
    *(End("gemini", word, BrokenOff) for word in TECHNICAL),
    End("gemini", "SOMETHING_NEW", ServiceFailed),
    End("ollama", "stop", EmptyAnswer, whole=True),
    End("ollama", "length", OnlyThought),
    End("ollama", "load", BrokenOff),
    End("ollama", "unload", BrokenOff),
    End("ollama", "something_new", ServiceFailed),
]


def fold(end: End, text: str) -> tuple[list[Delta], ProviderError | None]:
    make, items = WIRES[end.wire]
    completion: Completion = make()
    deltas = [delta for item in items(end.word, text) for delta in completion.take(item)]
    deltas += completion.rest()
    try:
        completion.check()
    except ProviderError as error:
        return deltas, error
    return deltas, None


@pytest.mark.parametrize("end", ENDS, ids=lambda end: f"{end.wire}-{end.word}")
@pytest.mark.parametrize("nothing", ["", "\n\u200b"], ids=["nothing", "blank"])
def test_an_end_without_text_is_called_by_its_name(end: End, nothing: str) -> None:
    _, error = fold(end, nothing)

    assert type(error) is end.bare
    assert isinstance(error, ProviderError)
    assert error.retryable == (end.bare is BrokenOff or (end.bare is EmptyAnswer and not nothing))


@pytest.mark.parametrize("end", ENDS, ids=lambda end: f"{end.wire}-{end.word}")
def test_an_end_after_text_is_whole_or_incomplete_and_the_text_stays(end: End) -> None:
    deltas, error = fold(end, "Hi")

    assert "Hi" in deltas
    assert type(error) is (type(None) if end.whole else Incomplete)


def test_the_ends_are_all_that_the_vendors_packages_name() -> None:
    genai = pytest.importorskip("google.genai.types")
    anthropic = pytest.importorskip("anthropic.types.stop_reason")

    named = {("gemini", reason.value) for reason in genai.FinishReason}
    named |= {("anthropic", reason) for reason in anthropic.StopReason.__args__}

    assert named <= {(end.wire, end.word) for end in ENDS}


def hidden_by_usage(**details: object) -> Item:
    return {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 9, **details}}


@pytest.mark.parametrize(
    ("make", "items"),
    [
        (ChatCompletion, [{"choices": [{"delta": {"reasoning_content": "Hm"}, "finish_reason": "stop"}]}]),
        (ChatCompletion, [*chat("stop", ""), hidden_by_usage(completion_tokens_details={"reasoning_tokens": 9})]),
        (ChatCompletion, chat("stop", "<think>Hm</think>")),
        (
            _Message,
            [
                {"type": "content_block_start", "content_block": {"type": "thinking", "thinking": ""}},
                *message("end_turn", ""),
            ],
        ),
        (_Content, [{**content("STOP", "")[0], "usageMetadata": {"thoughtsTokenCount": 9}}]),
        (_Chat, [{"message": {"content": "", "thinking": "Hm"}}, *line("stop", "")]),
    ],
)
def test_thoughts_without_an_answer_are_told_as_such_shown_or_hidden(make: type[Completion], items: list[Item]) -> None:
    completion = make()
    for item in items:
        completion.take(item)
    completion.rest()

    with pytest.raises(OnlyThought):
        completion.check()


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}, OutOfCredit),
        (429, {"message": "Rate limit reached", "code": "rate_limit_exceeded"}, RateLimited),
        (429, {"code": 429, "message": "You exceeded your current quota", "status": "RESOURCE_EXHAUSTED"}, RateLimited),
        (402, {"message": "Insufficient Balance"}, OutOfCredit),
        (402, {"type": "billing_error", "message": "x"}, OutOfCredit),
        (400, {"type": "invalid_request_error", "message": "Your credit balance is too low"}, OutOfCredit),
        (429, {"message": "Your prepayment credits are depleted.", "status": "RESOURCE_EXHAUSTED"}, OutOfCredit),
        (401, {"type": "authentication_error", "message": "invalid x-api-key"}, SignInFailed),
        (403, {"type": "permission_error", "message": "x"}, SignInFailed),
        (404, {"code": "model_not_found", "message": "The model `x` does not exist"}, ModelGone),
        (403, {"code": "model_not_found", "message": "Project has no access to model `x`"}, ModelGone),
        (400, {"code": "model_decommissioned", "message": "The model `x` has been decommissioned"}, ModelGone),
        (404, {"type": "not_found_error", "message": "model: claude-x"}, ModelGone),
        (
            404,
            {"code": 404, "message": "models/x is not found for API version v1beta", "status": "NOT_FOUND"},
            ModelGone,
        ),
        (404, {"message": "This model is only supported in v1/responses"}, ModelGone),
        (404, {"message": "No endpoints found for x/y."}, ModelGone),
        (400, {"message": "Model Not Exist"}, ModelGone),
        (400, {"message": "x/y is not a valid model ID"}, ModelGone),
        (400, {"message": "Invalid model: x", "type": "invalid_model"}, ModelGone),
        (404, "model 'x' not found", ModelGone),
        (404, 'model "x" not found, try pulling it first', ModelGone),
        (404, {"message": "Not Found"}, ServiceFailed),
        (400, {"message": "Unsupported parameter: 'max_tokens' is not supported with this model."}, ServiceFailed),
        (400, {"message": "`temperature` is deprecated for this model."}, ServiceFailed),
        (400, {"code": "context_length_exceeded", "message": "x"}, TooLong),
        (413, {"type": "request_too_large", "message": "x"}, TooLong),
        (500, {"type": "api_error", "message": "x"}, ServiceFailed),
        (503, {"status": "UNAVAILABLE", "message": "The model is overloaded"}, ServiceFailed),
        (504, {"type": "timeout_error", "message": "x"}, ServiceFailed),
        (529, {"type": "overloaded_error", "message": "Overloaded"}, ServiceFailed),
        (500, "model requires more system memory (9 GiB) than is available", ServiceFailed),
    ],
)
def test_an_error_code_is_called_by_its_name_by_status_and_in_mid_stream(
    status: int, error: object, kind: type[ProviderError]
) -> None:
    body = json.dumps({"error": error})
    told = status_error(status, body, headers={}, wall=0)
    is_named = isinstance(error, dict) and {"code", "type", "status"} & set(error)
    streamed = error_in({"error": error}) if is_named else told

    assert type(told) is kind
    assert type(streamed) is kind or (kind is ServiceFailed and isinstance(streamed, ServiceFailed))


@pytest.mark.parametrize(
    ("headers", "details", "seconds"),
    [
        ({"Retry-After": "7"}, [], 7.0),
        ({"retry-after-ms": "1500"}, [], 1.5),
        ({}, [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}], 34.0),
        ({}, [{"retryDelay": "0.25s"}], 0.25),
        ({}, [{"retryDelay": "soon"}], None),
        ({}, [7, None, {"retryDelay": 7}], None),
    ],
)
def test_how_long_to_wait_is_read_wherever_it_stands(
    headers: dict[str, str], details: list[object], seconds: float | None
) -> None:
    body = json.dumps({"error": {"code": 429, "message": "slow", "details": details}})

    error = status_error(429, body, headers=headers, wall=0)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == seconds


def test_a_refusal_is_told_in_the_words_of_the_model() -> None:
    completion = _Message()
    details = {"type": "refusal", "explanation": "This would help to harm."}
    completion.take({"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": details}})

    with pytest.raises(Refused) as caught:
        completion.check()

    assert caught.value.said == "This would help to harm."
