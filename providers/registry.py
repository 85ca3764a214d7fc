"""Which providers there are: every module and preset of this package whose settings the operator has set.

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

    [mine]                                                # the id
    type = "openai"                                       # the id of a provider; without it the table's name is that
    base_url = "https://llm.example.org/v1"               # the fields of its Settings; what is left out is looked for
    model = "llama-3.3-70b"                               # under the table's name: MINE_API_KEY, in .env as well

A key goes only to the address that it was given for: a table of its own name with a key names its `base_url`. A table
with the name of a provider stands in its place; of the same type, it has its address and its variables.

    [either]
    type = "fallback"
    providers = ["mine", "openai"]                        # those above it, and the built-in ones
"""

import importlib
import pkgutil
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from random import Random
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SettingsError

import providers
from providers.base import AsyncGeneratorProvider, Clock
from providers.care.arrangement import Arrangement, revealed
from providers.care.health import Health
from providers.care.keyring import Keyring
from providers.care.wrapped import Wrapped
from providers.errors import ConfigurationError
from providers.media import images, speech, transcription
from providers.media.endpoints import Endpoint
from providers.openai import OPENAI, OpenAI, settings_of
from providers.openai import Settings as OpenAISettings
from providers.presets import PRESETS, Preset
from providers.settings import ProviderSettings, is_local
from providers.tables import NO_TABLES, Tables
from providers.wire.http import Http, mask

ORDER = (
    *("openai", "anthropic", "gemini", "ollama"),
    *(preset.id for preset in PRESETS),
    "azure",
    *("fakegpt", "gptalk", "chatgptt", "chatgptfree", "g4f"),
)
PLUGINS = "deltagram.providers"  # entry points of other packages; the value is a module like those of this one
DEMO = "demo"
PLAIN = Arrangement()
FALLBACK = "fallback"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")  # a button's data has room for it
_SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider's class and the class of its settings; `label` is its name for people."""

    id: str
    settings: type[ProviderSettings]
    make: Callable[..., AsyncGeneratorProvider]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A provider that the operator wants, and how."""

    id: str
    kind: Kind
    settings: ProviderSettings
    arrangement: Arrangement = PLAIN


def kinds() -> dict[str, Kind]:
    """Return the kinds of provider that this package holds, by id, in the order in which they are offered."""
    found = list(_presets())
    ours = [f"providers.{entry.name}" for entry in pkgutil.iter_modules(providers.__path__)]
    for name in dict.fromkeys([*ours, *_plugins(tuple(sys.path))]):
        module = importlib.import_module(name)
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, AsyncGeneratorProvider) and hasattr(module, "Settings"):
                found.append(Kind(value.id, module.Settings, value, value.label))
    found.sort(key=lambda kind: (ORDER.index(kind.id) if kind.id in ORDER else len(ORDER), kind.id))
    return {kind.id: kind for kind in found}


@lru_cache(maxsize=2)
def _plugins(path: tuple[str, ...]) -> list[str]:  # they are other ones on another path
    """Return the modules of other packages; to look for them takes 20 ms."""
    return [entry.value for entry in entry_points(group=PLUGINS)]


def load(
    http: Http,
    *,
    clock: Clock,
    random: Random,
    env_file: Path | None = Path(".env"),
    providers_file: Path | None = None,
    demo: Literal["auto", "on", "off"] = "auto",
    play: bool = False,
    health: Health | None = None,
) -> dict[str, AsyncGeneratorProvider]:
    """Build all providers that are configured, by id; the first one is the default of a new chat.

    Settings come from the environment, then from `env_file`. `demo` "auto": offered in `play`, and where there is no
    other provider; a fallback may name it all the same. It comes last. `health` is what fallbacks know and note.

    Raises ConfigurationError.
    """
    known, known_health = kinds(), health or Health(clock, random)
    offered: dict[str, AsyncGeneratorProvider] = {}

    def build(each: Chosen, **more: object) -> AsyncGeneratorProvider:
        arranged = each.arrangement
        headers = {name: value.get_secret_value() for name, value in arranged.headers.items()}
        proxy = arranged.proxy.get_secret_value() if arranged.proxy else None
        way = http.through(proxy=proxy, headers=headers) if proxy or headers else http
        made = []
        for key in arranged.api_keys or (None,):
            settings = each.settings if key is None else each.settings.model_copy(update={"api_key": key})
            provider = each.kind.make(settings, http=way, clock=clock, random=random, **more)
            provider.id = each.id
            provider.label = arranged.label or (each.kind.label if each.id == each.kind.id else each.id)
            made.append(provider)
        whole = made[0] if len(made) == 1 else Keyring(made, clock=clock, random=random)
        return Wrapped(whole, arranged, clock=clock) if arranged.is_wrapped else whole

    guide = build(Chosen(DEMO, known[DEMO], _settings(known[DEMO], {}, env_file=env_file)))
    for each in _chosen(known, env_file=env_file, providers_file=providers_file):
        members = {**({} if demo == "off" else {DEMO: guide}), **offered}
        more = {"providers": members, "health": known_health} if each.kind.id == FALLBACK else {}
        offered[each.id] = build(each, **more)
    if demo == "on" or (demo == "auto" and (play or not offered)):
        return {**offered, DEMO: guide}
    return offered


def transcriber(
    http: Http,
    *,
    clock: Clock,
    silence_s: float,
    env_file: Path | None = Path(".env"),
    providers_file: Path | None = None,
) -> transcription.Transcriber:
    """Build what asks for transcripts: of the service that TRANSCRIPTION_BASE_URL names, else of those configured that
    may have the endpoint, in their order. A key goes to the address that it stands beside. Raises ConfigurationError.
    """
    found = _endpoints(_HEARING, http, env_file=env_file, providers_file=providers_file)
    return transcription.Transcriber(found, clock=clock, silence_s=silence_s)


def painter(
    http: Http, *, clock: Clock, env_file: Path | None = Path(".env"), providers_file: Path | None = None
) -> images.Pictures:
    """Build what makes pictures, at the services that IMAGES_BASE_URL and so on say. Raises ConfigurationError."""
    return images.Pictures(_endpoints(_DRAWING, http, env_file=env_file, providers_file=providers_file), clock=clock)


def speaker(
    http: Http, *, clock: Clock, env_file: Path | None = Path(".env"), providers_file: Path | None = None
) -> speech.Speaker:
    """Build what reads aloud, at the services that SPEECH_BASE_URL and so on say. Raises ConfigurationError."""
    own = cast(speech.SpeechSettings, _own(_SPEAKING, env_file))  # it makes those of the kind
    found = _endpoints(_SPEAKING, http, env_file=env_file, providers_file=providers_file)
    return speech.Speaker(found, voice=own.voice, clock=clock)


@dataclass(frozen=True, slots=True)
class _Beside:
    """An endpoint beside the chat; `model`: which one a service has that `Preset` knows, else the `usual` one.

    `is_tried`: a service that nobody knows of is asked too, at its first use; else only where the operator names a
    model: a button that leads nowhere is no help.
    """

    id: str
    settings: type[transcription.Settings | images.ImagesSettings | speech.SpeechSettings]
    usual: str
    model: Callable[[Preset], str]
    is_tried: bool = True


_HEARING = _Beside(transcription.ID, transcription.Settings, transcription.MODEL, lambda preset: preset.hears)
_DRAWING = _Beside(images.ID, images.ImagesSettings, images.MODEL, lambda preset: preset.draws)
_SPEAKING = _Beside(speech.ID, speech.SpeechSettings, speech.MODEL, lambda preset: preset.speaks, is_tried=False)
BESIDE = (_HEARING, _DRAWING, _SPEAKING)


def _endpoints(beside: _Beside, http: Http, *, env_file: Path | None, providers_file: Path | None) -> list[Endpoint]:
    own = _own(beside, env_file)
    if own.base_url:
        key = own.api_key.get_secret_value() if own.api_key else ""
        return [Endpoint(beside.id, own.base_url, own.model or beside.usual, http, key, is_sure=True)]
    found = []
    for each in _chosen(kinds(), env_file=env_file, providers_file=providers_file):
        settings, arranged = each.settings, each.arrangement
        model = _model_beside(settings, beside, is_named=bool(own.model))
        if not model or not isinstance(settings, OpenAISettings):
            continue
        headers = {name: value.get_secret_value() for name, value in arranged.headers.items()}
        proxy = arranged.proxy.get_secret_value() if arranged.proxy else None
        way = http.through(proxy=proxy, headers=headers) if proxy or headers else http
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        found.append(Endpoint(each.id, settings.base_url, own.model or model, way, key))
    return found


def _own(
    beside: _Beside, env_file: Path | None
) -> transcription.Settings | images.ImagesSettings | speech.SpeechSettings:
    kind = Kind(beside.id, beside.settings, AsyncGeneratorProvider)
    made = _settings(kind, {}, env_file=env_file)
    return cast(transcription.Settings | images.ImagesSettings | speech.SpeechSettings, made)


def _model_beside(settings: ProviderSettings, beside: _Beside, *, is_named: bool) -> str:
    """Return the model of an endpoint at a service; "" where it has no such endpoint."""
    if not isinstance(settings, OpenAISettings):
        return ""
    is_own = settings.base_url == settings.preset.base_url
    may_be_any = settings.preset.id == OPENAI.id  # whatever has an address and speaks the protocol
    if is_own or not may_be_any:
        return beside.model(settings.preset)
    return beside.usual if beside.is_tried or is_named else ""


def secrets(*, env_file: Path | None = Path(".env"), providers_file: Path | None = None) -> list[str]:
    """Return the keys that providers are given, and the passwords in their addresses. Raises ConfigurationError."""
    chosen = list(_chosen(kinds(), env_file=env_file, providers_file=providers_file))
    arranged = [secret for each in chosen for secret in each.arrangement.secrets]
    values = [value for each in chosen for value in dict(each.settings).values()]
    keys = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    keys += [own.get_secret_value() for beside in BESIDE if (own := _own(beside, env_file).api_key)]
    return keys + arranged + [urlsplit(value).password or "" for value in values if isinstance(value, str)]


def exposed(*, env_file: Path | None = Path(".env"), providers_file: Path | None = None) -> dict[str, str]:
    """Return the addresses in foreign networks to which a key goes unencrypted, by id. Raises ConfigurationError."""
    chosen = _chosen(kinds(), env_file=env_file, providers_file=providers_file)
    urls = {each.id: str(getattr(each.settings, "base_url", "")) for each in chosen if _has_key(each)}
    for beside in BESIDE:
        if (own := _own(beside, env_file)).api_key:
            urls[beside.id] = own.base_url or ""
    return {id_: mask(url) for id_, url in urls.items() if url.startswith("http:") and not is_local(url)}


@cache
def _presets() -> tuple[Kind, ...]:
    return tuple(Kind(preset.id, settings_of(preset), OpenAI, preset.label) for preset in PRESETS)


def _chosen(known: Mapping[str, Kind], *, env_file: Path | None, providers_file: Path | None) -> Iterator[Chosen]:
    """Yield what is configured: the built-in ones, or the tables that stand in their place, then the other tables."""
    file = _tables(providers_file)
    taken = {kind.settings.model_config["env_prefix"]: kind.id for kind in known.values()}
    said = _variables(env_file)
    own: dict[str, Chosen] = {}
    others: list[Chosen] = []
    for name, table in file.tables.items():
        if name == DEMO or not _ID.fullmatch(name):
            expected = "a new id of at most 32 Latin letters, digits, - and _"
            raise ConfigurationError(file.place(name), name, expected=expected)
        if (other := taken.setdefault(_prefix(name), name)) != name:
            expected = f"a name whose variables are not those of {other} as well"
            raise ConfigurationError(file.place(name), name, expected=expected)
        found = _of_table(known, name, table, file, said, env_file=env_file)
        if found.kind.id == name and name != FALLBACK:
            own[name] = found
        else:
            others.append(found)
    for kind in known.values():
        names = (kind.settings.model_config["env_prefix"], *kind.settings.other_names.values())
        if kind.id in own:
            yield own[kind.id]
        elif kind.id not in (DEMO, FALLBACK, *file.tables) and any(name.upper().startswith(names) for name in said):
            settings = _settings(kind, {}, env_file=env_file)
            if settings.configured:
                yield Chosen(kind.id, kind, settings)
    yield from others


def _has_key(chosen: Chosen) -> bool:
    settings, arranged = chosen.settings, chosen.arrangement
    if arranged.headers or arranged.api_keys or getattr(settings, "api_key", None):
        return True
    return "@" in urlsplit(str(getattr(settings, "base_url", ""))).netloc


def _of_table(
    known: Mapping[str, Kind],
    name: str,
    table: Mapping[str, object],
    file: Tables,
    variables: Mapping[str, str],
    *,
    env_file: Path | None,
) -> Chosen:
    """Return what a table makes. Raises ConfigurationError."""
    kind = _kind(known, table, file, name=name)
    own = kind.settings.model_fields
    extras = {key: value for key, value in table.items() if key in Arrangement.model_fields and key not in own}
    fields = {key: value for key, value in table.items() if key not in extras}
    if kind.id == FALLBACK and (wrong := set(extras) - {"label"}):
        raise ConfigurationError(file.place(name, min(wrong)), "***", expected="that in the tables of its providers")
    if "api_keys" in extras and ("api_key" in table or "api_key" not in own):
        expected = "either api_key or api_keys, where the service has keys at all"
        raise ConfigurationError(file.place(name, "api_keys"), "***", expected=expected)
    fields, extras = _revealed(fields, file, name, variables), _revealed(extras, file, name, variables)
    try:
        arrangement = Arrangement.model_validate(extras)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        path = [str(part) for part in error["loc"] if isinstance(part, str)]
        expected = error["msg"].removeprefix("Value error, ")
        raise ConfigurationError(file.place(name, *path), "***", expected=expected) from None
    if arrangement.api_keys:
        fields["api_key"] = arrangement.api_keys[0].get_secret_value()
    return Chosen(name, kind, _settings(kind, fields, env_file=env_file, name=name, file=file), arrangement)


def _revealed(fields: Mapping[str, object], file: Tables, name: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields with those secrets in them that stand in variables and files."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        try:
            match key, value:
                case "api_keys", list():
                    found[key] = [revealed(each, variables) for each in value]
                case "headers", dict():
                    found[key] = {header: revealed(each, variables) for header, each in value.items()}
                case (("api_key" | "proxy"), _):
                    found[key] = revealed(value, variables)
                case _:
                    found[key] = value
        except ValueError as error:
            raise ConfigurationError(file.place(name, key), "***", expected=str(error)) from None
    return found


def _variables(env_file: Path | None) -> dict[str, str]:
    """Return all variables, by their names in small letters; the environment wins over the file."""
    try:
        file = DotEnvSettingsSource(ProviderSettings, env_file=env_file, env_file_encoding="utf-8-sig").env_vars
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ConfigurationError(str(env_file), "***", expected=f"a file in UTF-8: {unreadable}") from None
    environment = {name: value for name, value in EnvSettingsSource(ProviderSettings).env_vars.items() if value}
    return {name: value for name, value in {**file, **environment}.items() if value}


def _prefix(name: str) -> str:
    """Return how the variables of a table begin."""
    return f"{re.sub(r'[^A-Za-z0-9]', '_', name)}_".upper()


def _tables(path: Path | None) -> Tables:
    if path is None:
        return Tables("", "", {})
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError("PROVIDERS_FILE", str(path), expected=f"a TOML file: {error}") from None
    file = Tables(str(path), text, content)
    for name, table in content.items():
        if not isinstance(table, dict):
            raise ConfigurationError(file.place("", name), "***", expected=f"a table [{name}] with a type")
    return file


def _kind(known: Mapping[str, Kind], table: Mapping[str, object], file: Tables, *, name: str) -> Kind:
    kind = known.get(str(table.get("type", name)))
    if kind is None:
        told = str(table.get("type", ""))[:_SHOWN_LENGTH]
        raise ConfigurationError(file.place(name, "type"), told, expected=f"one of {', '.join(known)}")
    fields = [*kind.settings.model_fields, *Arrangement.model_fields]
    unknown = [key for key in table if key != "type" and key not in fields]
    if unknown:
        raise ConfigurationError(
            file.place(name, unknown[0]), "***", expected=f"one of the fields {', '.join(dict.fromkeys(fields))}"
        )
    return kind


def _settings(
    kind: Kind,
    table: Mapping[str, object],
    *,
    env_file: Path | None,
    name: str = "",
    file: Tables = NO_TABLES,
) -> ProviderSettings:
    is_own = name in ("", kind.id)
    prefix = kind.settings.model_config["env_prefix"] if is_own else _prefix(name)
    values: dict[str, Any] = {key: value for key, value in table.items() if key != "type"}
    others = kind.settings.other_names if is_own else {}
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
        variable = file.place(name, "base_url") if name else f"{prefix}BASE_URL"
        if wrong := _misdirected(settings, beside, prefix, is_own=is_own):
            url = str(getattr(settings, "base_url", "")) if "base_url" in settings.model_fields_set else ""
            raise ConfigurationError(variable, mask(url), expected=wrong)
        return settings
    field = str(error["loc"][0]) if error["loc"] else ""
    declared = kind.settings.model_fields.get(field)
    secret = declared is None or "SecretStr" in str(declared.annotation)
    shown = "***" if secret else mask(str(error["input"]))[:_SHOWN_LENGTH]
    variable = file.place(name, field) if field in table else f"{prefix}{field}".upper()
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
