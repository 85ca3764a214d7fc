"""Names that look like a setting and are none."""

import re
from pathlib import Path

import pytest

from bot.spelling import misspelt

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


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
    ],
)
def test_a_name_in_the_file_is_told_with_the_one_that_was_meant(name: str, meant: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{name}=precious\n", encoding="utf-8-sig")

    assert told() == [f"{name.upper()} in .env is no setting of this bot; did you mean {meant}?"]


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
