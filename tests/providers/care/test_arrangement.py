"""What a table of providers.toml can say beside a provider's own settings, and how its mistakes are told."""

import json
from collections.abc import AsyncGenerator, Callable
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from providers.base import Alive, AsyncGeneratorProvider, Delta, ProviderModelMixin
from providers.care.health import Health
from providers.care.wrapped import Wrapped
from providers.errors import ConfigurationError, ModelNotSupported, OutOfCredit, RateLimited, SignInFailed
from providers.registry import exposed, load, secrets
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, document, status

CHUNK = '{"id": "1", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}'
ANSWER = status(200, f"data: {CHUNK}\n\ndata: [DONE]\n\n", content_type="text/event-stream")
CHAT, MODELS = "/v1/chat/completions", "/v1/models"

Make = Callable[[str], AsyncGeneratorProvider]


@pytest.fixture
def file(tmp_path: Path, environment: pytest.MonkeyPatch) -> Path:
    return tmp_path / "providers.toml"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make(http: Http, server: Server, file: Path, clock: FakeClock) -> Make:
    """Make the provider of a table [mine] at the test's server, with these further lines."""
    server.answers = {CHAT: ANSWER, MODELS: document({"data": [{"id": "a-1"}, {"id": "a-2"}, {"id": "b-1"}]})}

    def run(lines: str) -> AsyncGeneratorProvider:
        put(file, f'[mine]\ntype = "openai"\nbase_url = "{server.url}/v1"\n{lines}\n')
        return load(http, clock=clock, random=Random(1), env_file=None, providers_file=file)["mine"]

    return run


def put(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def keys(server: Server) -> list[str]:
    return [asked.headers["Authorization"].removeprefix("Bearer ") for asked in server.asked if asked.path == CHAT]


async def ask(provider: AsyncGeneratorProvider, model: str | None = None) -> str:
    found = await outcome(provider.create_async_generator(model, HELLO))
    if found.error:
        raise found.error
    return found.text


@pytest.mark.parametrize("form", ["value", "variable", "file"])
async def test_a_key_is_named_by_value_by_variable_or_by_file(
    form: str, make: Make, server: Server, file: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("SOME_KEY", "precious")
    put(file.parent / "key", "\ufeffprecious\n")
    forms = {
        "value": '"precious"',
        "variable": '{ variable = "SOME_KEY" }',
        "file": f'{{ file = "{file.parent}/key" }}',
    }

    await ask(make(f"api_key = {forms[form]}"))

    assert keys(server) == ["precious"]
    assert "precious" in secrets(env_file=None, providers_file=file)


async def test_what_is_hidden_does_not_answer_before_the_list_was_read(make: Make, server: Server) -> None:
    await ask(make('hidden = ["a-*"]'))

    assert server.asked[-1].body["model"] == "b-1"


async def test_a_variable_may_stand_in_the_env_file(http: Http, file: Path, server: Server) -> None:
    server.answers = {CHAT: ANSWER, MODELS: document({"data": []})}
    env = file.parent / ".env"
    put(env, "SOME_KEY=precious\n")
    put(file, f'[mine]\ntype = "openai"\nbase_url = "{server.url}/v1"\napi_key = {{ variable = "SOME_KEY" }}\n')

    await ask(load(http, clock=FakeClock(), random=Random(1), env_file=env, providers_file=file)["mine"])

    assert keys(server) == ["precious"]


async def test_questions_are_spread_over_several_keys(make: Make, server: Server) -> None:
    provider = make('api_keys = ["key-a", "key-b", "key-c"]')

    for _ in range(6):
        assert await ask(provider) == "Hi"

    assert sorted(keys(server)) == ["key-a", "key-a", "key-b", "key-b", "key-c", "key-c"]


async def test_a_key_that_has_rested_takes_no_more_than_its_share(make: Make, server: Server, clock: FakeClock) -> None:
    provider = make('api_keys = ["key-a", "key-b"]')
    server.answers[CHAT] = only("key-b", status(429, "slow down"))
    for _ in range(6):
        await ask(provider)
    await clock.advance(100)
    server.answers[CHAT] = ANSWER

    for _ in range(6):
        await ask(provider)

    assert sorted(keys(server)[-6:]) == ["key-a"] * 3 + ["key-b"] * 3


def only(good: str, otherwise: Fault) -> Fault:
    """Answer one key, the others otherwise."""

    async def answer(request: object) -> object:
        fault = ANSWER if request.headers["Authorization"] == f"Bearer {good}" else otherwise  # type: ignore[attr-defined]  # a web.Request
        return await fault(request)  # type: ignore[arg-type]  # likewise

    return answer  # type: ignore[return-value]  # likewise


@pytest.mark.parametrize(
    ("fault", "rest_s"),
    [
        (status(401, '{"error": {"message": "bad key"}}'), 3600),
        (status(402, '{"error": {"message": "pay"}}'), 3600),
        (status(429, "slow down"), 60),
        (status(429, "slow down", headers={"Retry-After": "600"}), 600),
        (status(429, '{"error": {"code": "insufficient_quota"}}'), 3600),
    ],
)
async def test_a_key_that_is_refused_limited_or_spent_rests(
    fault: Fault, rest_s: float, make: Make, server: Server, clock: FakeClock
) -> None:
    provider = make('api_keys = ["key-a", "key-b"]')
    server.answers[CHAT] = only("key-b", fault)

    for _ in range(4):
        assert await ask(provider) == "Hi"

    assert keys(server) == ["key-a", "key-b", "key-b", "key-b", "key-b"]
    await clock.advance(rest_s - 1)
    await ask(provider)
    assert keys(server).count("key-a") == 1
    await clock.advance(rest_s * 0.1 + 2)
    await ask(provider)
    assert keys(server).count("key-a") == 2


@pytest.mark.parametrize(
    ("fault", "is_left_alone"), [(status(429, headers={"Retry-After": "600"}), True), (status(401), False)]
)
async def test_a_limited_key_rests_over_a_restart_and_a_refused_one_is_tried_anew(
    fault: Fault, is_left_alone: bool, make: Make, server: Server, clock: FakeClock, http: Http, file: Path
) -> None:
    health, further = Health(clock, Random(1)), Health(clock, Random(1))
    make('api_keys = ["key-a", "key-b"]')  # writes the file
    first, second = (
        load(http, clock=clock, random=Random(1), env_file=None, providers_file=file, health=each)["mine"]
        for each in (health, further)
    )
    server.answers[CHAT] = only("key-b", fault)
    await ask(first)
    assert "key-a" not in json.dumps(health.to_json())
    further.take(json.loads(json.dumps(health.to_json())))

    await ask(second)

    assert keys(server)[2:] == (["key-b"] if is_left_alone else ["key-a", "key-b"])


@pytest.mark.parametrize(
    ("fault", "error"), [(status(401), SignInFailed), (status(402), OutOfCredit), (status(429), RateLimited)]
)
async def test_where_no_key_is_taken_the_error_is_told_and_nothing_is_asked_twice(
    fault: Fault, error: type[Exception], make: Make, server: Server
) -> None:
    provider = make('api_keys = ["key-a", "key-b"]')
    server.answers[CHAT] = fault

    with pytest.raises(error):
        await ask(provider)
    assert keys(server) == ["key-a", "key-b"]

    with pytest.raises(error):
        await ask(provider)
    assert len(keys(server)) == 3  # the service may have changed its mind: one of them is asked


async def test_a_failure_of_the_service_is_no_keys_fault(make: Make, server: Server) -> None:
    provider = make('api_keys = ["key-a", "key-b"]')
    server.answers[CHAT] = status(503)

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert type(found.error).__name__ == "ServiceFailed"
    assert keys(server) == ["key-a"]


async def test_headers_go_with_every_request_and_into_no_error(make: Make, server: Server, file: Path) -> None:
    provider = make('headers = { "X-Team" = "precious-team", "User-Agent" = "Mine" }')
    await ask(provider)

    assert {(asked.headers["X-Team"], asked.headers["User-Agent"]) for asked in server.asked} == {
        ("precious-team", "Mine")
    }
    server.answers[CHAT] = status(400, "precious-team may not")
    found = await outcome(provider.create_async_generator("a-1", HELLO))
    assert "precious-team" not in getattr(found.error, "reason", "precious-team")
    assert "precious-team" in secrets(env_file=None, providers_file=file)


async def test_a_table_has_a_proxy_of_its_own(make: Make, server: Server) -> None:
    provider = make('proxy = "http://u:hunter2@127.0.0.1:9"')

    found = await outcome(provider.create_async_generator("m", HELLO))

    assert type(found.error).__name__ == "NoConnection"
    assert "hunter2" not in f"{found.error} {getattr(found.error, 'reason', '')}"
    assert server.asked == []


async def test_only_what_is_allowed_is_offered_and_an_alias_stands_for_its_model(make: Make, server: Server) -> None:
    provider = make('models = ["a-*"]\nhidden = ["a-2"]\naliases = { quick = "b-1" }')
    await provider.refresh()
    assert isinstance(provider, ProviderModelMixin)

    assert provider.get_models() == ["quick", "a-1"]
    assert (provider.get_model("quick"), provider.get_model(None), provider.default()) == ("b-1", "a-1", "a-1")
    assert provider.get_model("b-1") == "b-1"  # what a chat has stored that chose the alias
    with pytest.raises(ModelNotSupported):
        provider.get_model("a-2")
    await ask(provider, "quick")
    await ask(provider)
    assert [asked.body["model"] for asked in server.asked if asked.path == CHAT] == ["b-1", "a-1"]


async def test_where_the_service_lists_nothing_the_operators_names_are_offered(make: Make, server: Server) -> None:
    server.answers[MODELS] = status(404)
    provider = make('models = ["x", "y"]')
    await provider.refresh()
    assert isinstance(provider, ProviderModelMixin)

    assert provider.get_models() == ["x", "y"]
    assert await ask(provider) == "Hi"
    assert server.asked[-1].body["model"] == "x"


async def test_options_and_prices_are_the_operators(make: Make, server: Server) -> None:
    provider = make(
        'options = { temperature = 0.3, max_tokens = 400, effort = "low" }\nprices = { input = 1, output = 2.5 }'
    )
    await ask(provider)

    body = server.asked[-1].body
    assert (body["temperature"], body["max_tokens"], body["reasoning_effort"]) == (0.3, 400, "low")
    able = provider.capabilities(None)
    assert (able.input_price, able.output_price) == (Decimal(1), Decimal("2.5"))


async def test_prices_can_be_said_by_model(make: Make) -> None:
    provider = make(
        'aliases = { quick = "small" }\n'
        "prices = { input = 0, output = 0 }\n"
        'model_prices = { "small*" = { input = 0.15, output = 0.6, cached = 0.02 } }'
    )

    assert provider.capabilities("quick").cached_price == Decimal("0.02")
    assert provider.capabilities("small-2").input_price == Decimal("0.15")
    assert provider.capabilities("other").output_price == 0


async def test_no_more_is_asked_in_a_minute_than_the_operator_wants(
    make: Make, server: Server, clock: FakeClock
) -> None:
    provider = make("limits = { per_minute = 2 }")
    await ask(provider)
    await clock.advance(10)
    await ask(provider)

    with pytest.raises(RateLimited) as caught:
        await ask(provider)

    assert caught.value.retry_after_s == 50
    await clock.advance(50)
    assert await ask(provider) == "Hi"


async def test_no_more_is_asked_at_once_and_who_waits_gives_a_sign_of_life(make: Make, server: Server) -> None:
    provider = make("limits = { at_once = 1 }")
    assert isinstance(provider, Wrapped)
    provider.sign_s = 0.01
    first = provider.create_async_generator("a-1", HELLO)
    assert await anext(first) == "Hi"

    second = provider.create_async_generator("a-1", HELLO)
    assert await anext(second) == Alive()
    await first.aclose()

    assert "Hi" in [delta async for delta in second]
    third = provider.create_async_generator("a-1", HELLO)
    assert await anext(third) == "Hi"
    await third.aclose()


async def test_one_person_leaves_a_place_to_others_who_get_the_next_one_too(make: Make, server: Server) -> None:
    provider = make("limits = { at_once = 2 }")
    assert isinstance(provider, Wrapped)
    provider.sign_s = 0.01

    def asked_by(asker: int) -> AsyncGenerator[Delta, None]:
        return provider.create_async_generator("a-1", HELLO, asker=asker)

    hog, others, third = [asked_by(1) for _ in range(3)], asked_by(2), asked_by(3)
    assert [await anext(hog[0]), await anext(hog[1]), await anext(hog[2])] == ["Hi", Alive(), Alive()]
    assert [await anext(others), await anext(third)] == ["Hi", Alive()]

    await hog[0].aclose()
    assert "Hi" in [delta async for delta in third]
    assert "Hi" in [delta async for delta in hog[1]]
    await hog[2].aclose()  # it was just given a place, or waits still
    await others.aclose()

    again = [asked_by(1), asked_by(2)]
    assert [await anext(each) for each in again] == ["Hi", "Hi"]
    for each in again:
        await each.aclose()


def test_a_header_counts_as_a_key_where_it_goes_unencrypted(file: Path) -> None:
    lines = '[mine]\ntype = "openai"\nbase_url = "http://example.org/v1"\nheaders = { Authorization = "Bearer x" }\n'
    put(file, lines)

    assert list(exposed(env_file=None, providers_file=file)) == ["mine"]


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        ('api_kye = "x"', 4, "[mine] api_kye=***: one of the fields"),
        ("api_key = 7", 4, "[mine] api_key=***"),
        ('api_key = { variable = "NOT_SET_AT_ALL" }', 4, "[mine] api_key=***: expected the variable NOT_SET_AT_ALL"),
        ('api_key = { file = "/nowhere/key" }', 4, "[mine] api_key=***: expected a file with the key at /nowhere/key"),
        ('api_key = { vairable = "X" }', 4, "[mine] api_key=***: expected a text, { variable"),
        ('\napi_keys = ["k", "two words"]', 5, "[mine] api_keys=***: expected a key"),
        ('api_key = "k"\napi_keys = ["k"]', 5, "[mine] api_keys=***: either api_key or api_keys"),
        ('headers = { "X Y" = "1" }', 4, "[mine] headers=***: expected names of headers"),
        ('headers = { X = "a\\nb" }', 4, "[mine] headers=***: expected a line"),
        ('headers = { Host = "a" }', 4, "[mine] headers=***: expected names of headers"),
        ('proxy = "ftp://h:1"', 4, "[mine] proxy=***: expected a proxy"),
        ('proxy = "socks5://h:99999"', 4, "[mine] proxy=***"),
        ("options = { temperature = 9 }", 4, "[mine] options.temperature=***: Input should be less"),
        ('options = { effort = "huge" }', 4, "[mine] options.effort=***"),
        ("[mine.options]\n# cold\ntemprature = 1", 6, "[mine] options.temprature=***: Extra inputs"),
        ("limits = { at_once = -1 }", 4, "[mine] limits.at_once=***"),
        ("prices = { input = 1 }", 4, "[mine] prices.output=***: Field required"),
        ('models = "a"', 4, "[mine] models=***"),
        ("aliases = { a = 1 }", 4, "[mine] aliases.a=***"),
        ('aliases = { loop = "loop" }', 4, "[mine] aliases=***: expected names of models, not of aliases, for loop"),
        ('aliases = { a = "b", b = "c" }', 4, "[mine] aliases=***: expected names of models, not of aliases, for a"),
        ('label = ""', 4, "[mine] label=***"),
        ("context_tokens = 0", 4, "[mine] context_tokens=0: Input should be greater than 0"),
        ('[other]\ntype = "opneai"', 5, "[other] type=opneai: one of openai"),
        ('[other]\ntype = "fallback"\nproviders = ["mine"]\nproxy = "http://h:1"', 7, "[other] proxy=***: that in the"),
        ('[other]\ntype = "gptalk"\nbase_url = "http://h"\napi_keys = ["k"]', 7, "[other] api_keys=***: either"),
        ('["a b"]\ntype = "openai"', 4, "[a b]=a b: a new id"),
        ('api_key = { file = "~no-such-person/key" }', 4, "[mine] api_key=***: expected a file with the key"),
        ('api_key = { file = "a\\u0000b" }', 4, "[mine] api_key=***: expected a file with the key"),
        ('context_tokens = "a\\nb"', 4, "[mine] context_tokens=a b: Input should be"),
        ('[other]\ntype = "sk-proj-0123456789ab"', 5, "[other] type=***: one of openai"),
        ('[other]\ntype = "fallback"\nproviders = ["mine", "lost"]', 6, "[other] providers=lost: ids out of"),
        ('[other]\ntype = "azure"\nlabel = "A"', 4, "[other] base_url=: the address that the key is for"),
        ('[[other]]\ntype = "openai"', 4, "other=***: a table [other]"),
        ('[other.more]\ntype = "openai"', 4, "[other] type=: one of openai"),
        ('model = """\n[other]\ntype = "x"\n"""\n[other]\ntype = "nope"', 9, "[other] type=nope"),
    ],
)
def test_a_mistake_is_told_with_file_line_table_and_field(
    lines: str, line: int, told: str, make: Make, file: Path
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(lines)

    assert str(caught.value).startswith(f"{file}:{line} {told}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'other = { type = "openai", nonsense = 1 }', ":1 [other] nonsense=***: one of the fields"),
        (b'other.type = "openai"\nother.nonsense = 1', ":2 [other] nonsense=***: one of the fields"),
        (b'\xef\xbb\xbf# one\r\n[other]\r\ntype = "nope"\r\n', ":3 [other] type=nope"),
        ('# \u2028 \u0085\n[other]\ntype = "nope"'.encode(), ":3 [other] type=nope"),
    ],
)
def test_a_mistake_is_found_however_the_file_is_written(data: bytes, told: str, file: Path, http: Http) -> None:
    file.write_bytes(data)

    with pytest.raises(ConfigurationError) as caught:
        load(http, clock=FakeClock(), random=Random(1), env_file=None, providers_file=file)

    assert str(caught.value).startswith(f"{file}{told}")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'[mine]\ntype = "\xff"', ":2: a file in UTF-8"),
        ("[mine]".encode("utf-16"), ":1: a file in UTF-8"),
        (b"[mine]\nmodels = " + b"[" * 5_000, ":2 [mine]: a TOML file: a value that is nested less"),
        (b"[mine]\nmodels = " + b"9" * 5_000, ":2 [mine]: a TOML file: a value that is nested less deep, and numbers"),
        (b"[mine]\n[mine]", ":2 [mine]: a TOML file: Cannot declare"),
        (b"#" * 1_100_000, ": a file of at most 1024 KiB"),
    ],
    ids=["bytes", "utf-16", "deep", "number", "twice", "huge"],
)
def test_a_file_that_cannot_be_read_is_told_with_line_and_table(data: bytes, told: str, file: Path, http: Http) -> None:
    file.write_bytes(data)

    with pytest.raises(ConfigurationError) as caught:
        load(http, clock=FakeClock(), random=Random(1), env_file=None, providers_file=file)

    assert str(caught.value).startswith(f"PROVIDERS_FILE={file}{told}")


@pytest.mark.parametrize("text", ["[mine\n", 'a = "\n', "[mine]\n[mine]\n", "\x00", "a.b = 1\na = 2"])
def test_a_file_that_is_no_toml_is_told_with_the_line(text: str, file: Path, http: Http) -> None:
    put(file, text)

    with pytest.raises(ConfigurationError, match=r"^PROVIDERS_FILE=.*a TOML file: .*\(at (line \d|end of document)"):
        load(http, clock=FakeClock(), random=Random(1), env_file=None, providers_file=file)


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        (
            "anthropic",
            "/v1/messages",
            {"temperature": 0.5, "max_tokens": 99, "output_config": {"effort": "high"}},
        ),
        (
            "gemini",
            "/v1beta/models/m:streamGenerateContent",
            {
                "generationConfig": {
                    "temperature": 0.5,
                    "maxOutputTokens": 99,
                    "thinkingConfig": {"thinkingLevel": "HIGH"},
                }
            },
        ),
        (
            "ollama",
            "/api/chat",
            {"options": {"temperature": 0.5, "num_predict": 99}, "think": "high", "keep_alive": "10m"},
        ),
    ],
)
async def test_each_protocol_has_its_own_names_for_options(
    kind: str, path: str, expected: dict[str, object], http: Http, server: Server, file: Path
) -> None:
    server.answers[path] = status(500)
    options = 'options = { temperature = 0.5, max_tokens = 99, effort = "high", keep_alive = "10m" }'
    put(file, f'[mine]\ntype = "{kind}"\nbase_url = "{server.url}"\nmodel = "m"\n{options}\n')
    provider = load(http, clock=FakeClock(), random=Random(1), env_file=None, providers_file=file)["mine"]

    await outcome(provider.create_async_generator(None, HELLO))

    (asked,) = server.asked
    assert {name: asked.body[name] for name in expected} == expected
