"""The bot's environment variables, typed, with defaults; `.env` holds the same names and the environment wins."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.texts import AUTO, LANGUAGES

ENV_FILE = ".env"

TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,100}")
DATABASES = "sqlite+aiosqlite:///data/bot.db or postgresql+asyncpg://user:password@host/database"
DATABASE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")  # of one on a server: files beside it are named by it
SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
SECRET = ("token", "key", "proxy", "password", "database", "secret", "traces")  # in a name: its value is shown in part
MAX_BOT_NAME = 64
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # core.telegram.org/bots/api#setwebhook
PROXY_SCHEMES = ("http", "socks5", "socks5h", "socks4")
SYSTEM_PROMPT = "You are a helpful assistant in a Telegram chat. Answer in the language of the question. Use Markdown."

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {  # of a field, known from other bots
    "bot_token": ("TELEGRAM_BOT_TOKEN",),
    "admins": ("ADMIN_IDS", "ADMIN_USER_IDS"),
    "allowed_users": ("ALLOWED_TELEGRAM_USER_IDS",),
}

Names = Annotated[tuple[str, ...], NoDecode]
Ids = Annotated[tuple[int, ...], NoDecode]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Burst = Annotated[float, Field(ge=1, allow_inf_nan=False)]
Dollars = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=6)]
Daily = Annotated[int, Field(ge=1, le=1_000_000_000_000)]


class AccessMode(StrEnum):
    """Who may use the bot."""

    PAIRING = "pairing"
    ALLOWLIST = "allowlist"
    OPEN = "open"


class StreamMode(StrEnum):
    """How an answer is shown while it grows."""

    EDIT = "edit"
    DRAFT = "draft"
    AUTO = "auto"


class ConfigurationError(Exception):
    """A setting is wrong: which variable, its masked value, what is expected instead."""

    def __init__(self, variable: str, value: str | None, expected: str) -> None:
        """Tell a mistake; `value` is "" where the variable is not set, None where the value says nothing."""
        shown = "" if value is None else f" is {value!r}" if value else " is not set"
        super().__init__(f"{variable}{shown}: expected {expected}")
        self.variable = variable


def database(value: str) -> str:
    """Return the address of a database. Raises ValueError, which says what is expected, where it is none of ours."""
    try:
        url = make_url(value)
        is_file = url.drivername == "sqlite+aiosqlite" and url.host is None and not url.query
        is_server = url.drivername == "postgresql+asyncpg"
    except (ArgumentError, ValueError):
        raise ValueError(DATABASES) from None
    if is_server and find_spec("asyncpg") is None:
        raise ValueError('the package of PostgreSQL to be there: pip install "deltagram[postgres]"')
    name = url.database or ""
    schema = url.query.get("schema", "public")
    if is_file and name and not name.startswith((":", "file:")):
        return value
    if is_server and DATABASE_NAME.fullmatch(name) and isinstance(schema, str) and SCHEMA_NAME.fullmatch(schema):
        return value
    raise ValueError(DATABASES)


class Settings(BaseSettings):
    """What an operator can set; `.env.example` tells what each is for."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",
        extra="ignore",
        env_ignore_empty=True,
        validate_assignment=True,
    )

    bot_token: SecretStr = SecretStr("")
    bot_tokens: Path | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_proxy: SecretStr | None = None
    provider_proxy: SecretStr | None = None
    database_url: str = "sqlite+aiosqlite:///data/bot.db"

    access: AccessMode = AccessMode.PAIRING
    admins: Ids = ()
    allowed_users: Ids = ()
    allowed_chats: Ids = ()

    bot_names: Names = ()

    limit_messages: Daily | None = None
    limit_tokens: Daily | None = None
    group_limit_messages: Daily | None = None
    group_limit_tokens: Daily | None = None
    limit_cost: Dollars | None = None
    group_limit_cost: Dollars | None = None

    default_provider: str | None = None
    providers_file: Path | None = None
    personas_file: Path | None = None
    tools_file: Path | None = None
    transcription_folder: Path | None = None
    demo_provider: Literal["auto", "on", "off"] = "auto"
    summaries: Literal["off", "on", "never"] = "off"
    summary_provider: str | None = None
    summary_model: str | None = None
    system_prompt: str = SYSTEM_PROMPT
    language: str = AUTO
    stream_mode: StreamMode = StreamMode.EDIT

    connect_timeout: Seconds = 10
    first_token_timeout: Seconds = 60
    token_timeout: Seconds = 30

    chat_rate: Positive = 1
    chat_burst: Burst = 5
    group_rate: Positive = 20
    group_burst: Burst = 20
    bot_rate: Burst = 30
    bot_rate_ceiling: Burst | None = None

    keep_days: Annotated[float, Field(gt=0, le=36_500)] | None = None

    max_parts: Annotated[int, Field(ge=1, le=100)] = 5
    max_answer: Annotated[int, Field(ge=100, le=10_000_000)] = 200_000
    max_turns: Annotated[int, Field(ge=1, le=100_000)] = 1_000

    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8080
    webhook_certificate: Path | None = None
    metrics_port: Port | None = None
    traces_url: str | None = None

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @property
    def listed(self) -> set[int]:
        """The persons and chats that the operator has let in by name."""
        return {*self.admins, *self.allowed_users, *self.allowed_chats}

    @field_validator("bot_names")
    @classmethod
    def _callable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not re.match(r"\w", name) or len(name) > MAX_BOT_NAME or not name.isprintable():
                raise ValueError(f"names of letters and digits, at most {MAX_BOT_NAME} characters, with commas between")
        return value

    @field_validator("admins", "allowed_users", "allowed_chats", "bot_names", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("access", "stream_mode", "demo_provider", "summaries", "language", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("language", mode="before")
    @classmethod
    def _pass_over_gettext(cls, value: object) -> object:
        """Take a desktop's own LANGUAGE, such as en_US:en, for none (gettext's manual, "The LANGUAGE variable")."""
        return AUTO if isinstance(value, str) and {"_", ":"}.intersection(value) else value

    @field_validator("language")
    @classmethod
    def _spoken(cls, value: str) -> str:
        if value not in (AUTO, *LANGUAGES):
            raise ValueError(" or ".join(", ".join((AUTO, *LANGUAGES)).rsplit(", ", 1)))
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value

    @field_validator("bot_token")
    @classmethod
    def _check_token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("a token from @BotFather, like 123456789:AAE…")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value) or not _reachable(value):
            raise ValueError("an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("traces_url")
    @classmethod
    def _check_traces(cls, value: str | None) -> str | None:
        return None if value is None else cls._check_url(value)

    @field_validator("webhook_url")
    @classmethod
    def _check_webhook(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value) or not _reachable(value):
            raise ValueError("the address at which Telegram reaches this machine, like https://bot.example.org")
        return value.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _check_webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("1 to 256 letters, digits, _ and -, or nothing: then the bot makes one")
        return value

    @field_validator("telegram_proxy", "provider_proxy")
    @classmethod
    def _check_proxy(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        schemes = PROXY_SCHEMES if info.field_name == "telegram_proxy" else (*PROXY_SCHEMES, "https")
        url = value.get_secret_value()
        match = re.fullmatch(r"([a-z0-9]+)://[^\s/]+:\d+/?", url)
        if not match or match[1] not in schemes or not _reachable(url):
            raise ValueError("a proxy like http://host:port or socks5://user:password@host:port")
        return value

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str) -> str:
        return database(value)

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read environment and `.env`; `overrides` win. Raises ConfigurationError for the first wrong setting."""
        names: dict[str, str] = {}
        try:
            found = cls._by_other_names(overrides)
            names = {field: name for field, (name, _) in found.items()}
            values = {field: value for field, (_, value) in found.items()}
            return cls(**{**values, **overrides})  # type: ignore[arg-type]  # pydantic checks the values
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0])
            name = names.get(field, field.upper())
            raise ConfigurationError(name, masked(name, first["input"]), expected_in(first["msg"])) from None
        except UnicodeDecodeError:
            raise ConfigurationError(ENV_FILE, None, "UTF-8; save the file in that encoding") from None
        except OSError as error:
            raise ConfigurationError(ENV_FILE, None, f"a file that can be read ({error.strerror})") from None

    @classmethod
    def _by_other_names(cls, overrides: Mapping[str, object]) -> dict[str, tuple[str, str]]:
        """Return what is set by another name than ours, with that name; the environment wins over the file.

        Raises ConfigurationError where two names of a setting say different things in one place.
        """
        env_file = overrides.get("_env_file", ENV_FILE)
        file = DotEnvSettingsSource(cls, env_file=env_file if isinstance(env_file, str | Path) else None)
        found = {}
        for field, others in OTHER_NAMES.items():
            for place in [] if field in overrides else [EnvSettingsSource(cls).env_vars, file.env_vars]:
                said = {name: place.get(name.lower()) for name in (field.upper(), *others)}
                values = {name: value for name, value in said.items() if value}
                if len({*values.values()}) > 1:
                    raise ConfigurationError(" and ".join(values), None, "one of them, or the same value in each")
                for name, value in values.items():
                    if value and name != field.upper():
                        found[field] = (name, value)
                if values:
                    break
        return found

    def require_token(self) -> str:
        """Return the bot's token. Raises ConfigurationError where there is none."""
        if token := self.bot_token.get_secret_value():
            return token
        raise ConfigurationError("BOT_TOKEN", "", "the token that @BotFather gave you (in .env or the environment)")


def masked(name: str, value: object) -> str:
    """Return a value as a mistake in it is told: of a secret the beginning."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    secret = any(word in name.lower().replace("_tokens", "").replace("token_timeout", "") for word in SECRET)
    return f"{text[:3]}…" if secret and text else text[:80]


_NUMBERS = {
    f"a valid {kind}, unable to parse string as {article} {kind}": words
    for kind, article, words in (("integer", "an", "a whole number"), ("number", "a", "a number"))
}


def expected_in(message: str) -> str:
    """Return what a validator's words say is expected."""
    message = message.removeprefix("Value error, ").removeprefix("Input should be ")
    message = _NUMBERS.get(message, message)
    return message.replace("'", "").replace("greater than or equal to", "at least")


def _reachable(url: str) -> bool:
    """Tell whether an address has a host, and a port that exists, if any."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
