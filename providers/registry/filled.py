"""A kind's settings, filled from a table and from variables; a key goes only to the address that it was given for."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SettingsError

from providers.errors import ConfigurationError
from providers.registry.kinds import Kind
from providers.settings import ProviderSettings, is_local
from providers.tables import NO_TABLES, Tables
from providers.wire.masking import mask

SHOWN_LENGTH = 80


def prefix_of(name: str) -> str:
    """Return how the variables of a table begin."""
    return f"{re.sub(r'[^A-Za-z0-9]', '_', name)}_".upper()


def filled(
    kind: Kind,
    table: Mapping[str, object],
    *,
    env_file: Path | None,
    name: str = "",
    file: Tables = NO_TABLES,
) -> ProviderSettings:
    is_own = name in ("", kind.id)
    prefix = kind.settings.model_config["env_prefix"] if is_own else prefix_of(name)
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
        if wrong := _misdirected(settings, beside, prefix, is_own=is_own):
            variable = file.place(name, "base_url") if name else f"{prefix}BASE_URL"
            url = str(getattr(settings, "base_url", "")) if "base_url" in settings.model_fields_set else ""
            raise ConfigurationError(variable, mask(url), expected=wrong)
        return settings
    field = str(error["loc"][0]) if error["loc"] else ""
    declared = kind.settings.model_fields.get(field)
    secret = declared is None or "SecretStr" in str(declared.annotation)
    shown = "***" if secret else mask(str(error["input"]))[:SHOWN_LENGTH]
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
