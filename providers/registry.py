"""Which providers there are: every module of this package whose settings the operator has set.

A provider is one file. It holds two classes, and nothing else in the project needs to know of them:

    class Settings(ProviderSettings):                     # providers.settings; a BaseSettings of pydantic-settings
        model_config = SettingsConfigDict(env_prefix="ECHO_")
        base_url: BaseUrl = "https://echo.example"        # ECHO_BASE_URL, in the environment or in .env
        api_key: ApiKey | None = None                     # ECHO_API_KEY

    class Echo(AsyncGeneratorProvider):                   # the only such class that the module defines
        id = "echo"

        def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None: ...

The provider is offered if `settings.configured`: by default where the operator has set its `base_url` or its `api_key`;
a provider with another rule overrides that property. A table of providers.toml is one more instance, with its own id:

    [groq]                                                # the id
    type = "openai"                                       # the id of the provider's class
    base_url = "https://api.groq.com/openai/v1"           # the fields of its Settings; what is left out is looked for
    model = "llama-3.3-70b-versatile"                     # under the table's name: GROQ_API_KEY, in .env as well

A key goes only to the address that it was given for: a table with a key names its `base_url`, whatever its type.

    [either]
    type = "fallback"
    providers = ["groq", "openai"]                        # those above it, and the built-in ones
"""

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SettingsError

import providers
from providers.base import AsyncGeneratorProvider, Clock
from providers.errors import ConfigurationError
from providers.settings import ProviderSettings, is_local
from providers.wire.http import Http, mask

ORDER = ("openai", "anthropic", "gemini", "ollama", "fakegpt", "gptalk", "chatgptt", "chatgptfree", "g4f")
DEMO = "demo"
FALLBACK = "fallback"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")  # a button's data has room for it
_SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider's class and the class of its settings."""

    id: str
    settings: type[ProviderSettings]
    make: Callable[..., AsyncGeneratorProvider]


def kinds() -> dict[str, Kind]:
    """Return the kinds of provider that this package holds, by id, in the order in which they are offered."""
    found = []
    for entry in pkgutil.iter_modules(providers.__path__):
        module = importlib.import_module(f"providers.{entry.name}")
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, AsyncGeneratorProvider) and hasattr(module, "Settings"):
                found.append(Kind(value.id, module.Settings, value))
    found.sort(key=lambda kind: (ORDER.index(kind.id) if kind.id in ORDER else len(ORDER), kind.id))
    return {kind.id: kind for kind in found}


def load(
    http: Http,
    *,
    clock: Clock,
    random: Random,
    env_file: Path | None = Path(".env"),
    providers_file: Path | None = None,
    demo: Literal["auto", "on", "off"] = "auto",
    play: bool = False,
) -> dict[str, AsyncGeneratorProvider]:
    """Build all providers that are configured, by id; the first one is the default of a new chat.

    Settings come from the environment, then from `env_file`. `demo` "auto": offered in `play`, and where there is no
    other provider; a fallback may name it all the same. It comes last.

    Raises ConfigurationError.
    """
    known = kinds()
    offered: dict[str, AsyncGeneratorProvider] = {}

    def build(kind: Kind, settings: ProviderSettings, **more: object) -> AsyncGeneratorProvider:
        return kind.make(settings, http=http, clock=clock, random=random, **more)

    guide = build(known[DEMO], _settings(known[DEMO], {}, env_file=env_file))
    for kind in known.values():
        if kind.id in (DEMO, FALLBACK):
            continue
        settings = _settings(kind, {}, env_file=env_file)
        if settings.configured:
            offered[kind.id] = build(kind, settings)
    taken = {kind.settings.model_config["env_prefix"]: kind.id for kind in known.values()}
    for name, table in _tables(providers_file).items():
        place = f"{providers_file} [{name}]"
        if name in (*offered, DEMO) or not _ID.fullmatch(name):
            raise ConfigurationError(place, name, expected="a new id of at most 32 Latin letters, digits, - and _")
        if (other := taken.setdefault(_prefix(name), name)) != name:
            raise ConfigurationError(place, name, expected=f"a name whose variables are not those of {other} as well")
        kind = _kind(known, table, place=place)
        settings = _settings(kind, table, env_file=env_file, name=name, place=place)
        members = {"providers": {**({} if demo == "off" else {DEMO: guide}), **offered}} if kind.id == FALLBACK else {}
        offered[name] = build(kind, settings, **members)
        offered[name].id = name
    if demo == "on" or (demo == "auto" and (play or not offered)):
        return {**offered, DEMO: guide}
    return offered


def secrets(*, env_file: Path | None = Path(".env"), providers_file: Path | None = None) -> list[str]:
    """Return the keys that providers are given, and the passwords in their addresses. Raises ConfigurationError."""
    known = kinds()
    chosen = [_settings(kind, {}, env_file=env_file) for kind in known.values() if kind.id != FALLBACK]
    for name, table in _tables(providers_file).items():
        place = f"{providers_file} [{name}]"
        kind = _kind(known, table, place=place)
        chosen.append(_settings(kind, table, env_file=env_file, name=name, place=place))
    values = [value for settings in chosen for value in dict(settings).values()]
    keys = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    return keys + [urlsplit(value).password or "" for value in values if isinstance(value, str)]


def exposed(*, env_file: Path | None = Path(".env"), providers_file: Path | None = None) -> dict[str, str]:
    """Return the addresses in foreign networks to which a key goes unencrypted, by id. Raises ConfigurationError."""
    known = kinds()
    chosen = {kind.id: _settings(kind, {}, env_file=env_file) for kind in known.values() if kind.id != FALLBACK}
    for name, table in _tables(providers_file).items():
        place = f"{providers_file} [{name}]"
        chosen[name] = _settings(_kind(known, table, place=place), table, env_file=env_file, name=name, place=place)
    urls = {id_: str(getattr(settings, "base_url", "")) for id_, settings in chosen.items() if _has_key(settings)}
    return {id_: mask(url) for id_, url in urls.items() if url.startswith("http:") and not is_local(url)}


def _has_key(settings: ProviderSettings) -> bool:
    return bool(getattr(settings, "api_key", None)) or "@" in urlsplit(str(getattr(settings, "base_url", ""))).netloc


def _prefix(name: str) -> str:
    """Return how the variables of a table begin."""
    return f"{re.sub(r'[^A-Za-z0-9]', '_', name)}_".upper()


def _tables(path: Path | None) -> dict[str, Mapping[str, object]]:
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError("PROVIDERS_FILE", str(path), expected=f"a TOML file: {error}") from None
    for name, table in content.items():
        if not isinstance(table, dict):
            raise ConfigurationError(f"{path} {name}", "***", expected=f"a table [{name}] with a type")
    return content


def _kind(known: Mapping[str, Kind], table: Mapping[str, object], *, place: str) -> Kind:
    kind = known.get(str(table.get("type")))
    if kind is None:
        raise ConfigurationError(f"{place} type", str(table.get("type", "")), expected=f"one of {', '.join(known)}")
    unknown = [key for key in table if key != "type" and key not in kind.settings.model_fields]
    if unknown:
        fields = ", ".join(kind.settings.model_fields)
        raise ConfigurationError(f"{place} {unknown[0]}", "***", expected=f"one of the fields {fields}")
    return kind


def _settings(
    kind: Kind, table: Mapping[str, object], *, env_file: Path | None, name: str = "", place: str = ""
) -> ProviderSettings:
    prefix = _prefix(name) if name else kind.settings.model_config["env_prefix"]
    values: dict[str, Any] = {key: value for key, value in table.items() if key != "type"}
    others = {} if name else kind.settings.other_names
    try:
        values |= _by_other_names(kind, others, prefix=prefix, env_file=env_file)
        settings = kind.settings(_env_file=env_file, _env_file_encoding="utf-8-sig", _env_prefix=prefix, **values)
        beside = settings
        if "base_url" in values and "api_key" not in values:  # what the variables alone say of the address
            values.pop("base_url")
            beside = kind.settings(_env_file=env_file, _env_file_encoding="utf-8-sig", _env_prefix=prefix, **values)
    except ValidationError as invalid:
        error = invalid.errors()[0]
    except (SettingsError, OSError, UnicodeDecodeError) as unreadable:
        raise ConfigurationError(f"{prefix}*", "***", expected=f"{env_file} in UTF-8: {unreadable}") from None
    else:
        variable = f"{place} base_url" if name else f"{prefix}BASE_URL"
        if wrong := _misdirected(settings, beside, prefix, is_own=not name):
            url = str(getattr(settings, "base_url", "")) if "base_url" in settings.model_fields_set else ""
            raise ConfigurationError(variable, mask(url), expected=wrong)
        return settings
    field = str(error["loc"][0]) if error["loc"] else ""
    declared = kind.settings.model_fields.get(field)
    secret = declared is None or "SecretStr" in str(declared.annotation)
    shown = "***" if secret else mask(str(error["input"]))[:_SHOWN_LENGTH]
    variable = f"{place} {field}" if field in table else f"{prefix}{field}".upper()
    variable = others[field] if field in values and field in others else variable
    raise ConfigurationError(variable, shown, expected=error["msg"].removeprefix("Value error, "))


def _by_other_names(kind: Kind, others: Mapping[str, str], *, prefix: str, env_file: Path | None) -> dict[str, str]:
    """Return the fields that are set by another program's name for them, and not by ours."""
    places = [
        EnvSettingsSource(kind.settings).env_vars,
        DotEnvSettingsSource(kind.settings, env_file=env_file, env_file_encoding="utf-8-sig").env_vars,
    ]
    found = {}
    for field, name in others.items():
        said = [place.get(called.lower()) for called in (f"{prefix}{field}", name) for place in places]
        value = next((value for value in said if value), None)
        if value and not any(said[: len(places)]):
            found[field] = value
    return found


def _misdirected(settings: ProviderSettings, beside: ProviderSettings, prefix: str, *, is_own: bool) -> str:
    """Return what is expected of the address where the key was not given for it, or cannot be sent to it.

    `beside`: what stands where the key stands; `is_own`: the variables are those of the service itself.
    """
    key, url = getattr(settings, "api_key", None), str(getattr(settings, "base_url", ""))
    if not key:
        return ""
    if settings.is_key_bearer and "@" in urlsplit(url).netloc:
        return "expected an address without user and password, because there is a key"
    if "base_url" not in settings.model_fields_set and not (is_own and not is_local(url)):
        return f"expected the address that the key ({prefix}API_KEY) is for: it goes nowhere else"
    given = str(getattr(beside, "base_url", ""))
    if "base_url" in beside.model_fields_set and given != url:
        return f"expected the address of {prefix}BASE_URL, which stands beside {prefix}API_KEY; or leave it out here"
    return ""
