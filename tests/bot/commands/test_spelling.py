"""Names that look like a setting and are none."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from bot.commands.spelling import SERVICES, misspelt
from providers.registry import load
from providers.wire.http import Http
from tests.clock import FakeClock

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http() as running:
        yield running


def told(environment: dict[str, str] | None = None, providers_file: str = "providers.toml") -> list[str]:
    return [str(mistake) for mistake in misspelt(environment or {}, Path(providers_file))]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPENAI_APIKEY", "OPENAI_API_KEY"),
        ("openai_key", "OPENAI_API_KEY"),
        ("FIRST_TOKEN_TIMOUT", "FIRST_TOKEN_TIMEOUT"),
        ("TOKEN", "BOT_TOKEN"),
        ("ADMIN", "ADMINS"),
        ("DB_URL", "DATABASE_URL"),
        ("OPNAI_API_KEY", "OPENAI_API_KEY"),
        ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
        ("CLAUDE_API_KEY", "ANTHROPIC_API_KEY"),
        ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"),
        ("GOOGLE_APIKEY", "GOOGLE_API_KEY"),
        ("GEMINI_TOKEN", "GEMINI_API_KEY"),
        ("OLLAMA_HOST", "OLLAMA_BASE_URL"),
        ("OPENROUTER_KEY", "OPENROUTER_API_KEY"),
        ("GROK_API_KEY", "XAI_API_KEY"),
        ("PPLX_API_KEY", "PERPLEXITY_API_KEY"),
        ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
        ("GITHUB_TOKEN", "GITHUB_MODELS_API_KEY"),
        ("GITHUB_MODEL_API_KEY", "GITHUB_MODELS_API_KEY"),
        ("LMSTUDIO_URL", "LMSTUDIO_BASE_URL"),
        ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("TG_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("TELEGRAM_API_KEY", "TELEGRAM_BOT_TOKEN"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("ALLOWED_CHAT_IDS", "ALLOWED_CHATS"),
        ("HTTPS_PROXY", "TELEGRAM_PROXY or PROVIDER_PROXY"),
    ],
)
def test_a_name_in_the_file_is_told_with_the_one_that_was_meant(name: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=precious\n", encoding="utf-8-sig")

    assert told() == [f"{name.upper()} in .env is no setting of this bot; did you mean {meant}?"]


@pytest.mark.parametrize("service", list(SERVICES))
def test_the_key_of_a_known_service_is_told_with_the_table_that_it_needs(
    service: str, http: Http, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PROVIDERS_FILE", raising=False)
    (tmp_path / ".env").write_text(f"{service}_API_KEY=k\n{service}_MODEL=m\n", encoding="utf-8")

    (line,) = told()

    advice = re.search(
        r"providers\.toml: (\[\w+\]), (type = \"openai\"), (base_url = \"\S+\"); its key is (\w+)$", line
    )
    assert advice
    assert advice[4] == f"{service}_API_KEY"
    (tmp_path / "providers.toml").write_text("\n".join(advice.groups()[:3]), encoding="utf-8")
    assert told() == []
    (tmp_path / ".env").write_text(f"{advice[4]}=k\n", encoding="utf-8")
    offered = load(http, clock=FakeClock(), random=Random(1), providers_file=tmp_path / "providers.toml")
    assert service.lower() in offered


@pytest.mark.parametrize(
    "name",
    ["GOOGLE_API_KEY", "GITHUB_SHA", "TELEGRAM_BOT_NAME", "OPENAI_API_VERSION", "OPENAI_MAX_TOKENS", "MAX_TOKENS"],
)
def test_no_hint_leads_to_something_else(name: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=1\n", encoding="utf-8")

    assert [line for line in told() if "did you mean" in line] == []


def test_another_services_key_in_the_environment_is_told_where_no_provider_is_configured() -> None:
    theirs = {"MINIMAX_API_KEY": "1", "GITHUB_TOKEN": "1", "STRIPE_API_KEY": "1"}

    assert [line.partition(" in the environment")[0] for line in told(theirs)] == ["MINIMAX_API_KEY"]
    assert told({**theirs, "GEMINI_API_KEY": "1"}) == []


def test_what_the_example_names_is_known(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(re.sub(r"^#(?=[A-Z])", "", example, flags=re.MULTILINE), encoding="utf-8")

    assert told() == []


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "ADMIN_IDS", "ALLOWED_TELEGRAM_USER_IDS", "max_parts"])
def test_names_known_from_other_bots_and_small_letters_are_no_mistake(name: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=1\n", encoding="utf-8")

    assert told({name: "1"}) == []


@pytest.mark.parametrize("name", ["COMPOSE_PROJECT_NAME", "TZ", "PUID", "POSTGRES_PASSWORD"])
def test_what_resembles_nothing_is_somebody_elses(name: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=1\n", encoding="utf-8")

    assert told() == []


def test_a_line_within_a_value_is_no_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('SYSTEM_PROMPT="Say\nOPENAI_APIKEY=x"\n', encoding="utf-8")

    assert told() == []


def test_in_the_environment_only_a_close_one_is_told() -> None:
    environment = {"FIRST_TOKEN_TIMOUT": "5", "OPENAI_ORG_ID": "1", "ANTHROPIC_AUTH_TOKEN": "1", "HTTP_PROXY": "1"}

    assert told(environment) == [
        "FIRST_TOKEN_TIMOUT in the environment is no setting of this bot; did you mean FIRST_TOKEN_TIMEOUT?"
    ]


def test_where_the_right_one_is_set_too_it_was_no_mistake(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BOT_RATE=30\n", encoding="utf-8")

    assert told({"OPENAI_API_KEY_2": "1", "OPENAI_API_KEY": "1", "BOT_RATES": "1"}) == []


def test_what_belongs_to_another_program_is_left_alone() -> None:
    assert told({"OLLAMA_MODELS": "/models"}) == []


def test_a_table_of_providers_has_names_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MY_GROQ_API_KEY=1\n", encoding="utf-8")
    assert len(told()) == 1

    (tmp_path / "providers.toml").write_text('[my-groq]\ntype = "openai"\n', encoding="utf-8")

    assert told() == []


def test_a_broken_table_is_told_by_others(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text("[groq\n", encoding="utf-8")

    assert told({"OPENAI_APIKEY": "1"}) == [
        "OPENAI_APIKEY in the environment is no setting of this bot; did you mean OPENAI_API_KEY?"
    ]
