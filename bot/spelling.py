"""Names: the environment variables that the bot reads, and those that look like one of them and are none."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings import ENV_FILE, OTHER_NAMES, Settings
from providers.registry import FALLBACK, kinds

LIKENESS_IN_FILE = 0.65  # of difflib; the file is written for us
LIKENESS_IN_ENVIRONMENT = 0.86  # which is everybody's
OTHERS = frozenset(  # of Ollama (docs.ollama.com/faq), the Bot API server and OpenAI's clients
    {"OLLAMA_MODELS", "OLLAMA_HOST", "TELEGRAM_API_ID", "TELEGRAM_API_HASH", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"}
)


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A variable that the bot does not read, where it stands, and the one that was probably meant."""

    name: str
    place: str
    meant: str

    def __str__(self) -> str:
        """Tell it in a sentence."""
        return f"{self.name} in {self.place} is no setting of this bot; did you mean {self.meant}?"


class _File(BaseSettings):
    """Whatever `.env` says."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_file_encoding="utf-8-sig", extra="allow")


def misspelt(environment: Mapping[str, str], providers_file: Path) -> list[Misspelt]:
    """Return what is probably a mistake, in `.env` and in the environment; `providers_file` need not be there.

    In the environment, a name beside the right one is none. Called when `.env` was found to be readable.
    """
    known = sorted({*_own(), *_of_providers(), *_of_tables(providers_file)})
    in_file = [name.upper() for name in _File().model_extra or {}]
    found = list(_unlike(in_file, known, place=ENV_FILE, likeness=LIKENESS_IN_FILE))
    others = [name for name in map(str.upper, environment) if name not in in_file]
    around = _unlike(others, known, place="the environment", likeness=LIKENESS_IN_ENVIRONMENT)
    return found + [mistake for mistake in around if mistake.meant not in {*environment, *in_file}]


def _unlike(names: Iterable[str], known: list[str], *, place: str, likeness: float) -> Iterator[Misspelt]:
    for name in sorted({*names} - {*known} - OTHERS):
        for meant in get_close_matches(name, known, n=1, cutoff=likeness):
            yield Misspelt(name, place, meant)


def _own() -> Iterator[str]:
    yield from (name.upper() for name in Settings.model_fields)
    yield from (name for others in OTHER_NAMES.values() for name in others)


def _of_providers() -> Iterator[str]:
    for kind in kinds().values():
        if kind.id != FALLBACK:  # only ever a table
            yield from (
                f"{kind.settings.model_config['env_prefix']}{field}".upper() for field in kind.settings.model_fields
            )


def _of_tables(file: Path) -> Iterator[str]:
    """Return what a table of providers.toml leaves to the environment: GROQ_API_KEY for [groq]."""
    tables: dict[str, object] = {}
    with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):  # who loads the providers tells these
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    known = kinds()
    for name, table in tables.items():
        kind = known.get(str(table.get("type"))) if isinstance(table, dict) else None
        prefix = re.sub(r"[^A-Za-z0-9]", "_", name)
        yield from (f"{prefix}_{field}".upper() for field in (kind.settings.model_fields if kind else ()))
