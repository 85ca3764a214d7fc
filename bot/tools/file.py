"""File: tools.toml, what an operator says about tools; a mistake is told with file, line, table and field.

[mcp.notes]
command = ["python", "notes.py"]
approval = "always"
"""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from bot.settings import ConfigurationError
from bot.tools.builtin import NAMES
from bot.tools.offer import Approval
from bot.tools.wanted import ServerSettings, ToolLimits, ToolSettings, WebSettings
from providers.tables import Tables, Unreadable, read

VARIABLE = "TOOLS_FILE"
NAME = re.compile(r"[a-zA-Z0-9_-]{1,32}")  # of a server: it begins the names of its tools
APPROVALS = tuple(each.value for each in Approval)
MAX_SECONDS = 600.0
MAX_PRICE = 1_000.0  # dollars of one call


def load_tools(file: Path | None) -> ToolSettings:
    """Return what a file says; without one, what is built in.

    Raises ConfigurationError, which names file, line, table and field.
    """
    if file is None:
        return ToolSettings()
    try:
        tables = read(file)
    except OSError as error:
        raise ConfigurationError(VARIABLE, str(file), f"a TOML file that can be read ({error.strerror})") from None
    except Unreadable as error:
        raise ConfigurationError(error.place, None, error.reason) from None
    return _Reader(tables).read()


class _Reader:
    """Reads the tables of one file; its methods raise ConfigurationError."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def read(self) -> ToolSettings:
        known = ("builtin", "web", "limits", "mcp")
        for name in self._tables.tables:
            if name not in known:
                expected = f"one of the tables {', '.join(known)}; a server is a table [mcp.{name}]"
                raise self._wrong(name if isinstance(self._tables.tables[name], dict) else "", (name,), None, expected)
        return ToolSettings(
            builtin=self._builtin(),
            web=self._web(),
            limits=self._limits(),
            servers=self._servers(),
        )

    def _builtin(self) -> Sequence[str]:
        table = self._table("builtin", NAMES)
        for name in table:
            self._flag("builtin", table, name, otherwise=True)
        return [name for name in NAMES if table.get(name, True)]

    def _web(self) -> WebSettings:
        table = self._table("web", ("search", "read"))
        return WebSettings(self._switch("web", table, "search"), self._switch("web", table, "read"))

    def _limits(self) -> ToolLimits:
        usual = ToolLimits()
        table = self._table("limits", ("rounds", "calls", "seconds", "characters"))
        return ToolLimits(
            rounds=int(self._number("limits", table, "rounds", usual.rounds, most=100, whole=True)),
            calls=int(self._number("limits", table, "calls", usual.calls, most=1_000, whole=True)),
            seconds=self._number("limits", table, "seconds", usual.seconds, most=86_400),
            characters=int(self._number("limits", table, "characters", usual.characters, most=10_000_000, whole=True)),
        )

    def _servers(self) -> list[ServerSettings]:
        servers = self._table("mcp", None)
        found = []
        for name, table in servers.items():
            title = f"mcp.{name}"
            if not isinstance(table, dict):
                raise self._wrong("mcp", (name,), table, f"a table [mcp.{name}] with command or url")
            if not NAME.fullmatch(name):
                raise self._wrong(title, (), name, "a name of at most 32 letters, digits, - and _")
            found.append(self._server(name, title, table))
        return found

    def _server(self, name: str, title: str, table: Mapping[str, object]) -> ServerSettings:
        of_process, of_address = ("command", "env", "cwd"), ("url", "headers")
        any_ = ("approval", "approvals", "read_only", "foreign", "seconds", "price", "prices")
        known = (*of_process, *of_address, *any_)
        self._known(title, table, known)
        if ("command" in table) == ("url" in table):
            raise self._wrong(title, (), None, "either command, a list of words, or url")
        misplaced = next((key for key in (of_address if "command" in table else of_process) if key in table), None)
        if misplaced:
            beside = "url" if misplaced == "headers" else "command"
            raise self._wrong(title, (misplaced,), table[misplaced], f"this beside {beside} alone")
        return ServerSettings(
            name=name,
            command=self._command(title, table),
            env=self._texts(title, table, "env"),
            cwd=self._text(title, table, "cwd"),
            url=self._url(title, table),
            headers=self._headers(title, table),
            approval=self._approval(title, ("approval",), table.get("approval", Approval.ASK.value)),
            approvals={
                tool: self._approval(title, ("approvals", tool), value)
                for tool, value in self._mapping(title, table, "approvals").items()
            },
            read_only=self._read_only(title, table),
            is_foreign=self._flag(title, table, "foreign", otherwise=True),
            seconds=self._number(title, table, "seconds", 20.0, most=MAX_SECONDS),
            price=self._price(title, ("price",), table.get("price", 0)),
            prices={
                tool: self._price(title, ("prices", tool), value)
                for tool, value in self._mapping(title, table, "prices").items()
            },
        )

    def _price(self, title: str, fields: tuple[str, ...], value: object) -> Decimal:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not isinstance(value, int | float) or not 0 <= value <= MAX_PRICE:
            raise self._wrong(title, fields, value, f"dollars of one call, at most {MAX_PRICE:g}")
        return Decimal(str(value))

    def _command(self, title: str, table: Mapping[str, object]) -> Sequence[str]:
        command = table.get("command", [])
        words = command if isinstance(command, list) else []
        is_right = all(isinstance(word, str) and "\0" not in word for word in words) and bool(words and words[0])
        if "command" in table and not is_right:
            raise self._wrong(title, ("command",), command, 'a list of words: ["python", "notes.py"]')
        return [str(word) for word in words]

    def _url(self, title: str, table: Mapping[str, object]) -> str:
        url = self._text(title, table, "url") or ""
        try:
            parts = urlsplit(url)
            is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_right = False
        if "url" in table and not is_right:
            raise self._wrong(
                title, ("url",), url.rpartition("@")[2], "an address that begins with http:// or https://"
            )
        return url

    def _headers(self, title: str, table: Mapping[str, object]) -> Mapping[str, str]:
        headers = self._texts(title, table, "headers")
        for name, value in headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or not (value.isascii() and value.isprintable()):
                raise self._wrong(title, ("headers", name), None, "the name of a header, and a text of ASCII")
        return headers

    def _read_only(self, title: str, table: Mapping[str, object]) -> bool | Sequence[str]:
        value = table.get("read_only", [])
        if isinstance(value, bool):
            return value
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(title, ("read_only",), value, "true, or the names of the tools that change nothing")
        return [str(each) for each in value]

    def _switch(self, title: str, table: Mapping[str, object], key: str) -> Approval:
        """Return what true, false or a word says of a tool that changes nothing."""
        value = table.get(key, False)
        if isinstance(value, bool):
            return Approval.ALWAYS if value else Approval.OFF
        return self._approval(title, (key,), value)

    def _approval(self, title: str, fields: tuple[str, ...], value: object) -> Approval:
        if value not in APPROVALS:
            raise self._wrong(title, fields, value, f"one of {', '.join(APPROVALS)}")
        return Approval(str(value))

    def _flag(self, title: str, table: Mapping[str, object], key: str, *, otherwise: bool) -> bool:
        value = table.get(key, otherwise)
        if not isinstance(value, bool):
            raise self._wrong(title, (key,), value, "true or false")
        return value

    def _number(
        self, title: str, table: Mapping[str, object], key: str, otherwise: float, *, most: float, whole: bool = False
    ) -> float:
        value = table.get(key, otherwise)
        is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not is_number or not isinstance(value, int | float) or not (math.isfinite(value) and 0 < value <= most):
            raise self._wrong(title, (key,), value, f"a{' whole' * whole} number above 0, at most {most:g}")
        return value

    def _text(self, title: str, table: Mapping[str, object], key: str) -> str | None:
        value = table.get(key)
        if key in table and (not isinstance(value, str) or not value.strip() or "\0" in value):
            raise self._wrong(title, (key,), None, "a text in quotation marks")
        return value if isinstance(value, str) else None

    def _texts(self, title: str, table: Mapping[str, object], key: str) -> Mapping[str, str]:
        found = self._mapping(title, table, key)
        for name, value in found.items():
            if not isinstance(value, str) or "\0" in name + value or "=" in name:
                raise self._wrong(title, (key, name), None, "a text in quotation marks")
        return {name: str(value) for name, value in found.items()}

    def _mapping(self, title: str, table: Mapping[str, object], key: str) -> Mapping[str, object]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(title, (key,), None, f'a table: {key} = {{ name = "text" }}')
        return value

    def _table(self, name: str, known: Sequence[str] | None) -> Mapping[str, object]:
        table = self._tables.tables.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong("", (name,), None, f"a table [{name}]")
        if known is not None:
            self._known(name, table, known)
        return table

    def _known(self, title: str, table: Mapping[str, object], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                raise self._wrong(title, (key,), None, f"one of the fields {', '.join(known)}")

    def _wrong(self, title: str, fields: tuple[str, ...], value: object, expected: str) -> ConfigurationError:
        shown = None if value is None else str(value)[:60]
        return ConfigurationError(self._tables.place(title, *fields), shown, expected)
