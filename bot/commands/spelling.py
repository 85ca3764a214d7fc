"""Spelling: the environment variables that the bot reads, and those that were meant for it and are not read."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings import ENV_FILE, OTHER_NAMES, Settings
from providers.registry import BESIDE, FALLBACK, kinds

LIKENESS_IN_FILE = 0.65  # of difflib; the file is written for us
LIKENESS_IN_SERVICE = 0.5  # there, where both are a key, or an address, of the same service
LIKENESS_IN_ENVIRONMENT = 0.86  # which is everybody's
LIKENESS_OF_PREFIX = 0.8  # a service is not misspelt as another one: OPENROUTER is not OPENAI
LIKENESS_OF_ALL = 0.9  # LOGLEVEL
OTHERS = frozenset(  # of Ollama (docs.ollama.com/faq), the Bot API server and OpenAI's clients
    {
        *("OLLAMA_MODELS", "OLLAMA_HOST", "TELEGRAM_API_ID", "TELEGRAM_API_HASH", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"),
        *("OPENAI_MAX_TOKENS", "GEMINI_MAX_TOKENS"),  # we set none
    }
)
SERVICES: Mapping[str, str] = {  # prefix → where the service speaks OpenAI's protocol, as its own documents say
    "MINIMAX": "https://api.minimax.io/v1",
    "SILICONFLOW": "https://api.siliconflow.com/v1",
}
SYNONYMS: Mapping[str, str] = {  # as other programs call it; in the environment these may be theirs
    "TOKEN": "BOT_TOKEN",
    "API_TOKEN": "BOT_TOKEN",
    "OWNER": "ADMINS",
    "OWNER_ID": "ADMINS",
    "ALLOWED_USER_IDS": "ALLOWED_USERS",
    "ALLOWED_CHAT_IDS": "ALLOWED_CHATS",
    "PROVIDER": "DEFAULT_PROVIDER",
    "OLLAMA_HOST": "OLLAMA_BASE_URL",
    "HF_TOKEN": "HUGGINGFACE_API_KEY",
    "GITHUB_TOKEN": "GITHUB_MODELS_API_KEY",
    **dict.fromkeys(("PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "TELEGRAM_PROXY or PROVIDER_PROXY"),
}
PREFIXES: Mapping[str, str] = {
    "CHATGPT": "OPENAI",
    "CLAUDE": "ANTHROPIC",
    "DB": "DATABASE",
    "GPT": "OPENAI",
    "GROK": "XAI",
    "HF": "HUGGINGFACE",
    "KIMI": "MOONSHOT",
    "PPLX": "PERPLEXITY",
    "QWEN": "DASHSCOPE",
    "TG": "TELEGRAM",
    "TOGETHERAI": "TOGETHER",
    "ZHIPU": "ZAI",
}
_TWO_WORDS = "GITHUB_MODELS"  # GITHUB_ alone is that of another program
SORTS: Mapping[str, str] = {  # what the value of a name with such a word is
    **dict.fromkeys(("KEY", "KEYS", "APIKEY", "TOKEN", "SECRET"), "key"),
    **dict.fromkeys(("URL", "URI", "BASE", "HOST", "ENDPOINT", "ADDRESS", "SERVER"), "address"),
    **dict.fromkeys(("TOKENS", "TIMEOUT", "RATE", "BURST"), "number"),
    **dict.fromkeys(("ID", "IDS"), "id"),
    **dict.fromkeys(("MODEL", "NAME"), "name"),
    **dict.fromkeys(("ORGANIZATION", "PROJECT", "REGION", "TYPE", "VERSION"), "another"),
}


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A variable that the bot does not read, where it stands, and what to do; `meant`: the one it was taken for."""

    name: str
    place: str
    advice: str
    meant: str = ""

    def __str__(self) -> str:
        """Tell it in a sentence."""
        return f"{self.name} in {self.place} is no setting of this bot; {self.advice}"


class _File(BaseSettings):
    """Whatever `.env` says."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_file_encoding="utf-8-sig", extra="allow")


def misspelt(environment: Mapping[str, str], providers_file: Path) -> list[Misspelt]:
    """Return what is probably a mistake, in `.env` and in the environment; `providers_file` need not be there.

    In the environment, a name beside the right one is none, and another service's key only where no provider is
    configured: then it was probably meant for us. Called when `.env` was found to be readable.
    """
    tables = {*_of_tables(providers_file)}
    known = sorted({*_own(), *_of_providers(), *tables})
    file = {name.upper() for name in _File().model_extra or {}}
    around = {name.upper() for name, value in environment.items() if value} - file
    found = list(_in_file(sorted(file - {*known}), known))
    if not (file | around) & {name for name in (*_of_providers(), *tables) if _sort(name) in ("key", "address")}:
        found += [
            _of_service(name, "the environment")
            for name in sorted(around)
            if name.endswith("_API_KEY") and _service(name)
        ]
    for name in sorted(around - {*known} - OTHERS):
        meant = _likest(name, known, LIKENESS_IN_ENVIRONMENT)
        if meant and meant not in file | around:
            found.append(_misspelt(name, "the environment", meant))
    return found


def _in_file(names: Sequence[str], known: Sequence[str]) -> Iterator[Misspelt]:
    told: set[str] = set()
    for name in names:
        service = _service(name)
        if service and not any(other.startswith(f"{service}_") for other in known):
            if service not in told:
                yield _of_service(name, ENV_FILE)
            told.add(service)
        elif meant := _meant(name, known):
            yield _misspelt(name, ENV_FILE, meant)
        elif name.endswith("_API_KEY"):
            yield _of_service(name, ENV_FILE)


def _meant(name: str, known: Sequence[str]) -> str | None:
    """Return the variable that a name in the file stands for."""
    if name in SYNONYMS:
        return SYNONYMS[name]
    if name in OTHERS:
        return None
    first, _, rest = name.partition("_")
    proper = f"{PREFIXES.get(first, first)}_{rest}" if rest else name
    if proper in known:
        return proper
    is_told = _sort(name) in ("key", "address")
    same = [other for other in known if is_told and _first(other) == _first(proper)]
    return _likest(proper, same, LIKENESS_IN_SERVICE) or _likest(proper, known, LIKENESS_IN_FILE)


def _likest(name: str, known: Sequence[str], likeness: float) -> str | None:
    """Return the variable of the same service, and of the same sort, that a name is most like."""
    alike = (
        get_close_matches(name, known, n=len(known), cutoff=likeness) if known else []
    )  # tells most by their letters
    return next((other for other in alike if _is_near(name, other)), None)


def _is_near(name: str, other: str) -> bool:
    prefixes, alls = (SequenceMatcher(None, *pair) for pair in ((_first(name), _first(other)), (name, other)))
    if prefixes.ratio() < LIKENESS_OF_PREFIX and alls.ratio() < LIKENESS_OF_ALL:
        return False
    return not _sort(name) or _sort(name) == _sort(other)


def _first(name: str) -> str:
    return _TWO_WORDS if name.startswith(_TWO_WORDS) else name.partition("_")[0]


def _sort(name: str) -> str:
    """Return what sort of value a name has, by the last of its words that tells; "" where none does."""
    for word in reversed(name.split("_")):
        if like := get_close_matches(word, SORTS, n=1, cutoff=0.8):
            return SORTS[like[0]]
    return ""


def _service(name: str) -> str:
    """Return the prefix of the service, known and not ours, that a name belongs to, "" where there is none."""
    return next((prefix for prefix in SERVICES if name.startswith(f"{prefix}_")), "")


def _misspelt(name: str, place: str, meant: str) -> Misspelt:
    return Misspelt(name, place, f"did you mean {meant}?", meant)


def _of_service(name: str, place: str) -> Misspelt:
    """Say how a service that speaks OpenAI's protocol becomes a provider, and how its key is called then."""
    prefix = _service(name) or name.removesuffix("_API_KEY")
    address = SERVICES.get(prefix, "https://…/v1")
    key = f"{prefix}_API_KEY"
    table = f'[{prefix.lower()}], type = "openai", base_url = "{address}"'
    return Misspelt(name, place, f"for that service put three lines into providers.toml: {table}; its key is {key}")


def _own() -> Iterator[str]:
    yield from (name.upper() for name in Settings.model_fields)
    yield from (name for others in OTHER_NAMES.values() for name in others)


def _of_providers() -> Iterator[str]:
    for kind in kinds().values():
        if kind.id == FALLBACK:  # only ever a table
            continue
        prefix = kind.settings.model_config["env_prefix"]
        yield from (f"{prefix}{field}".upper() for field in kind.settings.model_fields)
        yield from kind.settings.other_names.values()
    for beside in BESIDE:
        yield from (f"{beside.id}_{field}".upper() for field in beside.settings.model_fields)


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
