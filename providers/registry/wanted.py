"""Which providers the operator wants, by variables and by the tables of providers.toml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from providers.care.arrangement import Arrangement, revealed
from providers.errors import ConfigurationError
from providers.registry.filled import SHOWN_LENGTH, filled, prefix_of
from providers.registry.kinds import DEMO, FALLBACK, Kind
from providers.settings import ProviderSettings
from providers.tables import NO_TABLES, Tables, Unreadable, read
from providers.wire.masking import mask

PLAIN = Arrangement()
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")  # a button's data has room for it


@dataclass(frozen=True, slots=True)
class Chosen:
    """A provider that the operator wants, and how."""

    id: str
    kind: Kind
    settings: ProviderSettings
    arrangement: Arrangement = PLAIN
    file: Tables = NO_TABLES  # where its table is

    def placed(self, mistake: ConfigurationError) -> ConfigurationError:
        """Return a mistake that shows as the provider is built, with the place in the file that it is about."""
        if not mistake.field or self.id not in self.file.tables:
            return mistake
        return ConfigurationError(self.file.place(self.id, mistake.field), mistake.value, expected=mistake.expected)


def wanted(known: Mapping[str, Kind], *, env_file: Path | None, providers_file: Path | None) -> Iterator[Chosen]:
    """Yield what is configured: the built-in ones, or the tables that stand in their place, then the other tables."""
    file = tables_in(providers_file)
    taken = {kind.settings.model_config["env_prefix"]: kind.id for kind in known.values()}
    said = _variables(env_file)
    own: dict[str, Chosen] = {}
    others: list[Chosen] = []
    for name, table in file.tables.items():
        if name == DEMO or not _ID.fullmatch(name):
            expected = "a new id of at most 32 Latin letters, digits, - and _"
            raise ConfigurationError(file.place(name), mask(name), expected=expected)
        if (other := taken.setdefault(prefix_of(name), name)) != name:
            expected = f"a name whose variables are not those of {other} as well"
            raise ConfigurationError(file.place(name), mask(name), expected=expected)
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
            settings = filled(kind, {}, env_file=env_file)
            if settings.configured:
                yield Chosen(kind.id, kind, settings)
    yield from others


def has_key(chosen: Chosen) -> bool:
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
    return Chosen(name, kind, filled(kind, fields, env_file=env_file, name=name, file=file), arrangement, file)


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


def tables_in(path: Path | None) -> Tables:
    if path is None:
        return NO_TABLES
    try:
        file = read(path)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError("PROVIDERS_FILE", str(path), expected=f"a file that can be read ({reason})") from None
    except Unreadable as error:
        raise ConfigurationError("PROVIDERS_FILE", error.place, expected=error.reason) from None
    for name, table in file.tables.items():
        if not isinstance(table, dict):
            raise ConfigurationError(file.place("", name), "***", expected=f"a table [{name}] with a type")
    return file


def _kind(known: Mapping[str, Kind], table: Mapping[str, object], file: Tables, *, name: str) -> Kind:
    kind = known.get(str(table.get("type", name)))
    if kind is None:
        told = mask(str(table.get("type", "")))[:SHOWN_LENGTH]
        raise ConfigurationError(file.place(name, "type"), told, expected=f"one of {', '.join(known)}")
    fields = [*kind.settings.model_fields, *Arrangement.model_fields]
    unknown = [key for key in table if key != "type" and key not in fields]
    if unknown:
        raise ConfigurationError(
            file.place(name, unknown[0]), "***", expected=f"one of the fields {', '.join(dict.fromkeys(fields))}"
        )
    return kind
