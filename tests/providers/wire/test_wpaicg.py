import json

import pytest

from providers.errors import EmptyAnswer, ProviderError, ServiceFailed, SignInFailed
from providers.wire.wpaicg import Answer, Page, form


def read(body: str) -> tuple[list[str], ProviderError | None]:
    """Feed the lines of a body as `answer` does."""
    reader = Answer()
    texts: list[str] = []
    try:
        for line in body.splitlines():
            texts += filter(None, [reader.feed(line)])
            if reader.done and reader.began:
                break
        texts += filter(None, [reader.end()])
    except ProviderError as error:
        return texts, error
    return texts, None


def chunk(text: str | None) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}}]}) + "\n\n"


@pytest.mark.parametrize(
    "html",
    [
        '<div data-nonce="4be1" data-post-id="1050">',
        "<div data-post-id='1050' class=x data-nonce='4be1'>",
        '<p data-post-id="1050"></p>\n<b DATA-NONCE = "4be1">',
        '<div data-nonce="" data-post-id="1050"><i data-nonce="4be1" data-nonce="later">',
        '<div data-nonce=\'\' data-post-id="1050" data-nonce="4be1">',
        '<div xdata-nonce="no" my-data-nonce="no" data-nonce="4be1" data-post-id=" 1050 ">',
        'script = \'<div data-nonce="4be1" data-post-id="1050">\'',
    ],
)
def test_nonce_and_post_id_are_found_wherever_they_are(html: str) -> None:
    assert Page.parse(html) == Page("4be1", "1050")


@pytest.mark.parametrize(
    ("html", "page"),
    [
        ("", Page("", "")),
        ('<div data-nonce="" data-post-id="1050">', Page("", "1050")),
        ("<div data-nonce='' data-post-id='1050'>", Page("", "1050")),
        ('<div data-nonce="4be1" data-post-id="">', Page("4be1", "")),
        ('<div data-nonce="4be1', Page("", "")),
        ('<div data-nonce="a&amp;b">', Page("a&b", "")),
    ],
)
def test_an_empty_value_is_a_missing_one(html: str, page: Page) -> None:
    assert Page.parse(html) == page


def test_a_form_holds_the_fields_of_the_plug_in() -> None:
    assert form(Page("n", "1"), url="http://x", prompt="a\ud83e", more="2") == {
        "_wpnonce": "n",
        "post_id": "1",
        "url": "http://x",
        "action": "wpaicg_chat_shortcode_message",
        "message": "a�",
        "bot_id": "0",
        "more": "2",
    }


def test_a_stream_brings_its_deltas() -> None:
    body = chunk("") + chunk("Hel") + chunk(None) + 'data: {"choices": []}\n\n' + chunk("lo") + "data: [DONE]\n\n"

    assert read(body) == (["Hel", "lo"], None)


@pytest.mark.parametrize("indent", [None, 4])
def test_an_object_brings_the_whole_answer(indent: int | None) -> None:
    body = json.dumps({"status": "success", "msg": "Something went wrong", "data": "a\nb"}, indent=indent)

    assert read(body) == (["a\nb"], None)


@pytest.mark.parametrize("end", ["data: [DONE]\n\n", "data: [DONE]", "data: [DONE]\n", ""])
def test_the_object_after_a_stream_says_nothing_new_unless_the_stream_said_nothing(end: str) -> None:
    whole = json.dumps({"status": "success", "msg": "Something went wrong", "data": "Hello"})

    assert read(chunk("Hel") + chunk("lo") + end + whole) == (["Hel", "lo"], None)
    assert read(chunk("") + end + whole) == (["Hello"], None)


FAILURES: dict[str, tuple[str, type[ProviderError], str]] = {
    "stale nonce": ('{"status": "error", "msg": "Nonce verification failed"}', SignInFailed, "Nonce"),
    "stale nonce in the stream": (
        'data: {"status": "error", "msg": "Nonce verification failed"}',
        SignInFailed,
        "Nonce",
    ),
    "WordPress's own word": ("-1", SignInFailed, "nonce"),
    "error": ('{"status": "error", "msg": "out of order"}', ServiceFailed, "out of order"),
    "error without reason": ('{"status": "error"}', ServiceFailed, "no reason"),
    "error with an answer": ('{"status": "error", "msg": "no", "data": "x"}', ServiceFailed, "no"),
    "limit": ('{"msg": "limit reached", "tokenLimitReached": true}', ServiceFailed, "limit reached"),
    "limit in the stream": (
        'data: {"msg": "limit reached", "tokenLimitReached": true}',
        ServiceFailed,
        "limit reached",
    ),
    "limited": ("data: [LIMITED]", ServiceFailed, "quota"),
    "OpenAI's error": ('data: {"error": {"message": "no credit"}}', ServiceFailed, "no credit"),
    "OpenAI's error alone": ('{"error": {"message": "no credit"}}', ServiceFailed, "no credit"),
    "null": ('{"status": "success", "data": null}', EmptyAnswer, "empty answer"),
    "empty": ('{"status": "success", "data": ""}', EmptyAnswer, "empty answer"),
    "number": ('{"status": "success", "data": 5}', ServiceFailed, "unexpected answer"),
    "object": ('{"status": "success", "data": {"a": 1}}', ServiceFailed, "unexpected answer"),
    "no data": ('{"status": "success", "msg": "Something went wrong"}', ServiceFailed, "unexpected answer"),
    "list": ("[]", ServiceFailed, "unexpected answer"),
    "cut off": ('{"status": "success", "data": "Hel', ServiceFailed, "unexpected answer"),
    "page": ("<!doctype html><title>Oops</title>", ServiceFailed, "unexpected answer: Oops"),
    "garbage": ("data: hello\n\ndata: {broken\n\n", ServiceFailed, "unexpected answer"),
    "nothing": ("", EmptyAnswer, "empty answer"),
    "only the marker": ("data: [DONE]\n\n", EmptyAnswer, "empty answer"),
    "only empty deltas": (chunk("") + chunk(None) + "data: [DONE]", EmptyAnswer, "empty answer"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_has_its_error(name: str) -> None:
    body, kind, reason = FAILURES[name]

    texts, error = read(body)

    assert (texts, type(error)) == ([], kind)
    assert error is not None
    assert reason in error.reason


@pytest.mark.parametrize("end", ["data: [LIMITED]", '{"status": "error", "msg": "over"}', 'data: {"error": "over"}'])
def test_a_failure_after_text_is_told_after_it(end: str) -> None:
    texts, error = read(chunk("Your limit is reached.") + end)

    assert texts == ["Your limit is reached."]
    assert isinstance(error, ServiceFailed)
