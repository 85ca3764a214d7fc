"""File: bots.toml, a table for each bot; what a table leaves out is as the environment has it for all.

[support]
token_env = "SUPPORT_TOKEN"
admins = [123456789]
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource

from bot.settings import ENV_FILE, TOKEN, ConfigurationError, Settings, database, expected_in, masked
from providers.tables import NO_TABLES, Tables, Unreadable, read

VARIABLE = "BOT_TOKENS"
ALONE = "bot"  # the name of the bot of BOT_TOKEN, where there is one beside the file
NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")  # of a bot: it stands in each line of the log
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST_OF_A_TOKEN = 1_000  # bytes of its file
TOKENS = ("token", "token_env", "token_file")
DATABASE = "database"
SETTINGS = (  # of a bot; all others are those of the process
    *("access", "admins", "allowed_users", "allowed_chats", "bot_names"),
    *("limit_messages", "limit_tokens", "limit_cost"),
    *("group_limit_messages", "group_limit_tokens", "group_limit_cost"),
    *("default_provider", "personas_file", "system_prompt", "language", "stream_mode"),
    *("summaries", "summary_provider", "summary_model"),
    *("chat_rate", "chat_burst", "group_rate", "group_burst", "bot_rate", "bot_rate_ceiling"),
    *("keep_days", "max_parts", "max_answer", "webhook_secret"),
)
FIELDS = (*TOKENS, DATABASE, *SETTINGS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bot that is configured: its name, its settings, and where in the file they stand.

    `database`: the address that the table names, None where it names none.
    """

    name: str
    settings: Settings
    database: str | None
    tables: Tables = field(repr=False)  # it holds the token

    @property
    def id(self) -> int:
        """Telegram's id of the bot, which its token begins with."""
        return int(self.settings.require_token().partition(":")[0])

    @property
    def title(self) -> str:
        """What it is called in a message about another one."""
        return "BOT_TOKEN" if self.tables is NO_TABLES else f"[{self.name}]"

    @property
    def token_field(self) -> str:
        """Which of the fields names the token."""
        return next((one for one in TOKENS if one in self.tables.tables.get(self.name, {})), "token")

    def place(self, field: str = "") -> str:
        """Return how a field of the table is named in a message."""
        if self.tables is NO_TABLES:
            return {"token": "BOT_TOKEN"}.get(field, field.upper() or "BOT_TOKEN")
        return self.tables.place(self.name, *([field] if field else []))

    def same_as(self, other: "Wanted") -> bool:
        """Tell whether it is configured alike, wherever in the file."""
        return (self.name, self.settings, self.database) == (other.name, other.settings, other.database)


class Mistakes(ConfigurationError):
    """All that is wrong in the file, a line each."""

    def __init__(self, mistakes: Sequence[ConfigurationError]) -> None:
        told = "\n".join(map(str, mistakes))
        Exception.__init__(self, TOKEN.sub(lambda found: masked("token", found[0]), told))  # one in a wrong place
        self.variable = VARIABLE


def load_bots(settings: Settings) -> list[Wanted]:
    """Return the bots of the file that BOT_TOKENS names, in its order; of BOT_TOKEN too where there is one, the first.

    Raises ConfigurationError, and Mistakes, which name file, line, table and field.
    """
    file = settings.bot_tokens
    if file is None:
        raise ConfigurationError(VARIABLE, "", "a file of bots")
    try:
        tables = read(file)
    except OSError as error:
        raise ConfigurationError(VARIABLE, str(file), f"a TOML file that can be read ({error.strerror})") from None
    except Unreadable as error:
        raise Mistakes([ConfigurationError(error.place, None, error.reason)]) from None
    return _Reader(settings, tables).read()


def secrets_of_bots(bots: Sequence[Wanted]) -> list[str]:
    """Return what no log may show of some bots."""
    tokens = [bot.settings.bot_token.get_secret_value() for bot in bots]
    hooks = [bot.settings.webhook_secret.get_secret_value() for bot in bots if bot.settings.webhook_secret]
    return [*tokens, *hooks]


class _Reader:
    """Reads the tables of one file, and collects what is wrong with them."""

    def __init__(self, settings: Settings, tables: Tables) -> None:
        self._settings = settings.model_copy(update={"bot_tokens": None, "bot_token": SecretStr("")})
        self._tables = tables
        self._mistakes: list[ConfigurationError] = []
        self._alone = settings if settings.bot_token.get_secret_value() else None

    def read(self) -> list[Wanted]:
        found = [self._bot(name, table) for name, table in self._tables.tables.items()]
        bots = [bot for bot in found if bot]
        if self._alone:
            alone = self._alone.model_copy(update={"bot_tokens": None})
            bots.insert(0, Wanted(ALONE, alone, alone.database_url, NO_TABLES))
        if not found:
            self._wrong((), None, "a table for each bot: [support], with its token")
        self._compare(bots)
        if self._mistakes:
            raise Mistakes(self._mistakes)
        return bots

    def _bot(self, name: str, table: object) -> Wanted | None:
        if not isinstance(table, dict):
            expected = "a table for each bot: [support], with its token"
            self._wrong(("", name), None, f"{expected}; no double brackets" if isinstance(table, list) else expected)
            return None
        if not NAME.fullmatch(name):
            self._wrong((name,), name[:60], "a name of at most 32 letters, digits, - and _")
        for found in table:
            if found not in FIELDS:
                near = get_close_matches(found.lower(), FIELDS, n=1, cutoff=0.6)
                hint = f"; did you mean {near[0]}?" if near else ""
                self._wrong((name, found), None, f"one of the fields {', '.join(FIELDS)}{hint}")
        settings = self._settings.model_copy()
        token = self._token(name, table)
        self._set(settings, "bot_token", token, (name, next((one for one in TOKENS if one in table), "")))
        for setting in SETTINGS:
            if setting in table:
                self._set(settings, setting, table[setting], (name, setting))
        where = self._database(name, table)
        return Wanted(name, settings, where, self._tables) if token and settings.bot_token.get_secret_value() else None

    def _set(self, settings: Settings, field: str, value: object, place: tuple[str, str]) -> None:
        """Have a field of the settings be this, as an environment variable would."""
        if value is None:
            return
        if isinstance(value, bool):
            self._wrong(place, str(value).lower(), "a text, a number or a list")
            return
        try:
            setattr(settings, field, value)
        except ValidationError as error:
            first = error.errors()[0]
            self._wrong(place, masked(field, first["input"]), expected_in(first["msg"]))

    def _token(self, name: str, table: Mapping[str, object]) -> str | None:
        """Return the token that one of three fields names."""
        given = [field for field in TOKENS if field in table]
        if len(given) != 1:
            self._wrong((name, *given[1:2]), None, f"one of {', '.join(TOKENS[:2])} and {TOKENS[2]}")
            return None
        field = given[0]
        value = table[field]
        if not isinstance(value, str) or not value.strip():
            self._wrong((name, field), None, "a text in quotation marks")
            return None
        value = value.strip()
        if field == "token_env":
            return self._of_environment(name, value)
        return self._of_file(name, Path(value)) if field == "token_file" else value

    def _of_environment(self, name: str, variable: str) -> str | None:
        if not VARIABLE_NAME.fullmatch(variable):
            self._wrong((name, "token_env"), None, "the name of an environment variable, like SUPPORT_TOKEN")
            return None
        if token := (os.environ.get(variable) or _env_file().get(variable.lower()) or "").strip():
            return token
        self._wrong((name, "token_env"), variable, "an environment variable that holds the token (or in .env)")
        return None

    def _of_file(self, name: str, file: Path) -> str | None:
        try:
            with file.expanduser().open("rb") as content:
                token = content.read(MOST_OF_A_TOKEN).decode("utf-8-sig", errors="replace").strip()
        except (OSError, ValueError, RuntimeError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            self._wrong((name, "token_file"), str(file), f"a file that can be read ({why})")
            return None
        if not token:
            self._wrong((name, "token_file"), str(file), "a file that holds the token")
        return token or None

    def _database(self, name: str, table: Mapping[str, object]) -> str | None:
        if DATABASE not in table:
            return None
        value = table[DATABASE]
        text = value.strip() if isinstance(value, str) else ""
        url = text if "://" in text else f"sqlite+aiosqlite:///{text}"
        try:
            return database(url if text else "")
        except ValueError as error:
            self._wrong((name, DATABASE), masked(DATABASE, text), f"a file, or an address: {error}")
            return None

    def _compare(self, bots: Sequence[Wanted]) -> None:
        """Refuse what two bots cannot share."""
        of: dict[int, Wanted] = {}
        at: dict[str, Wanted] = {}
        for bot in bots:
            if bot.id in of:
                self._twice(bot, bot.token_field, f"the token of another bot than {of[bot.id].title}")
            if bot.name == ALONE and self._alone and bot.tables is not NO_TABLES:
                self._twice(bot, "", f"another name: {ALONE} is that of BOT_TOKEN")
            of.setdefault(bot.id, bot)
            if bot.database and bot.database in at:
                self._twice(bot, DATABASE, f"another one than that of {at[bot.database].title}")
            if bot.database:
                at.setdefault(bot.database, bot)

    def _twice(self, bot: Wanted, field: str, expected: str) -> None:
        self._mistakes.append(ConfigurationError(bot.place(field), None, expected))

    def _wrong(self, place: tuple[str, ...], value: str | None, expected: str) -> None:
        where = self._tables.place(place[0], *filter(None, place[1:])) if place else self._tables.path
        self._mistakes.append(ConfigurationError(where, value, expected))


def _env_file() -> Mapping[str, str | None]:
    return DotEnvSettingsSource(Settings, env_file=ENV_FILE).env_vars
