"""What a provider is told by its operator: environment variables, or a table of providers.toml."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOCAL = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


def checked_url(value: str) -> str:
    """Return an address without the slash at its end. Raises ValueError where it is none."""
    parts = urlsplit(value)  # raises ValueError itself for a bad port, once that is asked for
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("expected an address like https://host/path")
    return value.rstrip("/")


def _api_key(value: SecretStr) -> SecretStr:
    key = value.get_secret_value().strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("expected a key without blanks and other odd characters")
    return SecretStr(key)


def is_local(url: str) -> bool:
    """Tell whether an address lies on this machine or in its own network, where no stranger listens."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL)


BaseUrl = Annotated[str, AfterValidator(checked_url)]
"""An http or https address, without the slash at its end."""

ApiKey = Annotated[SecretStr, AfterValidator(_api_key)]
"""A key that fits into a header."""


class ProviderSettings(BaseSettings):
    """The settings of one instance of a provider; a subclass names its fields and its `env_prefix`.

    The field `base_url` with the prefix OPENAI_ is the variable OPENAI_BASE_URL, in the environment or in `.env`.
    `other_names`: what the service's own programs call a field; counts where ours is not set, and never for a table.
    """

    other_names: ClassVar[Mapping[str, str]] = {}

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,  # of 36 services few are configured
    )

    is_key_bearer: ClassVar[bool] = True  # the key takes the header that a password in the address would need

    @property
    def own_context(self) -> int:
        """The size of a context in tokens as the operator says it, 0 where he does not."""
        return int(getattr(self, "context_tokens", 0)) if "context_tokens" in self.model_fields_set else 0

    @property
    def configured(self) -> bool:
        """Tell whether the operator wants this provider: its key or its address is set."""
        return bool(self.model_fields_set & {"api_key", "base_url"})
