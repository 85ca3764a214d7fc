"""Arrangement: what a table of providers.toml says of a provider beside its own settings: keys, prices, limits …

[work]
type = "openai"
base_url = "https://llm.example.org/v1"
api_keys = ["sk-1", { variable = "WORK_KEY_2" }, { file = "/run/secrets/work" }]    # any of the three forms
headers = { "X-Team" = "chat" }
proxy = "socks5://127.0.0.1:1080"
label = "Work"
models = ["llama-*", "qwen3"]         # those that are offered; `hidden` those that are not
aliases = { fast = "llama-3.1-8b" }
options = { temperature = 0.3, max_tokens = 4000, effort = "low" }
chats_set = ["effort"]                # those that each chat may set in /settings: effort, temperature
limits = { at_once = 4, per_minute = 60 }
prices = { input = 0.15, output = 0.6, cached = 0.02 }    # dollars per million tokens
model_prices = { "qwen*" = { input = 0, output = 0 } }       # of some models
media_prices = { picture = 0.04, minute = 0.006, characters = 15 }    # dollars; characters: a million, read aloud
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, SecretStr

from providers.settings import ApiKey
from providers.wire.http import PROXY_SCHEMES

MAX_KEYS = 100
MAX_KEY_FILE = 64 * 1024  # bytes

Price = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=15)]

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_OURS = ("host", "content-length", "transfer-encoding", "connection")
_FROZEN = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _proxy(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in PROXY_SCHEMES or not parts.hostname or not parts.port:
        raise ValueError("expected a proxy like http://host:port or socks5://user:password@host:port")
    return value


def _headers(value: Mapping[str, SecretStr]) -> Mapping[str, SecretStr]:
    for name, secret in value.items():
        text = secret.get_secret_value()
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise ValueError(f"expected names of headers; {name!r} is none that can be set")
        if not text.isascii() or not text.isprintable():
            raise ValueError(f"expected a line of ASCII characters in {name}")
    return value


def _aliases(value: Mapping[str, str]) -> Mapping[str, str]:
    if of_aliases := sorted(name for name, model in value.items() if model in value):
        raise ValueError(f"expected names of models, not of aliases, for {', '.join(of_aliases)}")
    return value


class Options(BaseModel):
    """What is asked of the model; each provider has its own names for them."""

    model_config = _FROZEN

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: PositiveInt | None = None
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    keep_alive: str | None = None

    @property
    def given(self) -> dict[str, object]:
        """Those that are set."""
        return self.model_dump(exclude_none=True)


class Limits(BaseModel):
    """How much is asked: answers at once, questions in any 60 s; 0: as many as come."""

    model_config = _FROZEN

    at_once: Annotated[int, Field(ge=0)] = 0
    per_minute: Annotated[int, Field(ge=0)] = 0


class Prices(BaseModel):
    """Dollars per million tokens; `cached`: of a prompt that the service has in its cache, else as `input`."""

    model_config = _FROZEN

    input: Price
    output: Price
    cached: Price | None = None


class MediaPrices(BaseModel):
    """Dollars: of a picture that is made, of a minute of a recording, of a million characters that are read aloud."""

    model_config = _FROZEN

    picture: Price | None = None
    minute: Price | None = None
    characters: Price | None = None


class Arrangement(BaseModel):
    """How the operator wants one provider."""

    model_config = _FROZEN

    label: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    api_keys: Annotated[tuple[ApiKey, ...], Field(max_length=MAX_KEYS)] = ()
    headers: Annotated[Mapping[str, SecretStr], AfterValidator(_headers)] = {}
    proxy: Annotated[SecretStr, AfterValidator(_proxy)] | None = None
    models: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    aliases: Annotated[Mapping[str, str], AfterValidator(_aliases)] = {}
    options: Options = Options()
    chats_set: frozenset[Literal["effort", "temperature"]] = frozenset()
    limits: Limits = Limits()
    prices: Prices | None = None
    model_prices: Mapping[str, Prices] = {}  # by pattern of their names, before `prices`
    media_prices: MediaPrices = MediaPrices()

    def prices_of(self, model: str) -> Prices | None:
        """Return what the operator says that a model costs: the first pattern that its name matches counts."""
        own = (prices for pattern, prices in self.model_prices.items() if fnmatchcase(model, pattern))
        return next(own, self.prices)

    @property
    def is_wrapped(self) -> bool:
        """Tell whether the provider is more than its own settings make of it."""
        plain = Arrangement(label=self.label, api_keys=self.api_keys, headers=self.headers, proxy=self.proxy)
        return self != plain

    @property
    def secrets(self) -> list[str]:
        """What no log may show."""
        proxy = [self.proxy.get_secret_value()] if self.proxy else []
        values = [*self.api_keys, *self.headers.values()]
        return [
            *(value.get_secret_value() for value in values),
            *proxy,
            *(urlsplit(each).password or "" for each in proxy),
        ]


def revealed(value: object, variables: Mapping[str, str]) -> object:
    """Return a secret that is written as { variable = "NAME" } or { file = "PATH" }; anything else as it is.

    Raises ValueError where the variable is not set or the file cannot be read.
    """
    match value:
        case {"variable": str(name), **rest} if not rest:
            if not (found := variables.get(name.lower())):
                raise ValueError(f"expected the variable {name} to be set")
            return found
        case {"file": str(name), **rest} if not rest:
            try:
                with Path(name).expanduser().open(encoding="utf-8-sig") as file:
                    return file.read(MAX_KEY_FILE).strip()
            except (OSError, ValueError, RuntimeError) as error:  # no UTF-8, no such name, nobody's home
                reason = error.strerror if isinstance(error, OSError) else "no name of a file, or no UTF-8 in it"
                raise ValueError(f"expected a file with the key at {name} ({reason})") from None
        case dict():
            raise ValueError('expected a text, { variable = "NAME" } or { file = "PATH" }')
    return value
