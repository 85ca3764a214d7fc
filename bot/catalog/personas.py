"""Personas: names and system prompts that an operator offers, read from a TOML file.

[[persona]]
name = "Teacher"
prompt = "Explain step by step, and ask a question at the end."
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from bot.settings import ConfigurationError
from providers.tables import Unreadable, read

VARIABLE = "PERSONAS_FILE"
TABLE = "persona"
FIELDS = ("name", "prompt")
RESERVED = "default"  # by which /role goes back to none
MAX_NAME = 40  # characters: it is the label of a button
HEADER = re.compile(r"\s*\[\[\s*[\"']?persona[\"']?\s*\]\]")


class Personas(Mapping[str, str]):
    """The prompts by their names, as the operator's file says now: whoever holds them sees what is put in place."""

    def __init__(self, prompts: Mapping[str, str] | None = None) -> None:
        self._prompts = dict(prompts or {})

    def replace(self, prompts: Mapping[str, str]) -> None:
        """Put others in place."""
        self._prompts = dict(prompts)

    def __getitem__(self, name: str) -> str:
        return self._prompts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._prompts)

    def __len__(self) -> int:
        return len(self._prompts)


def load_personas(file: Path | None) -> Mapping[str, str]:
    """Return the prompts of a file by their names, in its order; none without a file.

    Raises ConfigurationError, which names file, line, table and field.
    """
    if file is None:
        return {}
    try:
        found = read(file)
    except OSError as error:
        raise ConfigurationError(VARIABLE, str(file), f"a TOML file that can be read ({error.strerror})") from None
    except Unreadable as error:
        raise ConfigurationError(error.place, None, error.reason) from None
    return _personas(found.text, found.tables, file)


def _personas(source: str, content: Mapping[str, object], file: Path) -> Mapping[str, str]:
    """Return the prompts by their names. Raises ConfigurationError."""
    for key in content:
        if key != TABLE:
            place = f"{file}, line {_line(source, key)}, {key}"
            raise ConfigurationError(place, None, "only tables [[persona]], each with name and prompt")
    tables = content.get(TABLE, [])
    if not isinstance(tables, list):
        place = f"{file}, line {_line(source, TABLE)}, [persona]"
        raise ConfigurationError(place, None, "tables in double brackets: [[persona]]")
    found: dict[str, str] = {}
    for number, table in enumerate(tables, 1):
        _add(found, table, f"[[persona]] {number}", source, number, file)
    return found


def _add(found: dict[str, str], table: object, title: str, source: str, number: int, file: Path) -> None:
    """Add a table to those before it. Raises ConfigurationError."""
    if not isinstance(table, dict):
        raise ConfigurationError(f"{file}, line {_line(source, TABLE)}, {title}", None, "a table with name and prompt")

    def wrong(field: str, expected: str, value: object = None) -> ConfigurationError:
        shown = None if value is None else str(value)[:MAX_NAME]
        return ConfigurationError(f"{file}, line {_line(source, field, number)}, {title}, {field}", shown, expected)

    for field in table:
        if field not in FIELDS:
            raise wrong(field, "one of the fields name and prompt")
    for field in FIELDS:
        value = table.get(field)
        if not isinstance(value, str) or not value.strip():
            raise wrong(field, "a text in quotation marks", value if field in table else "")
    name = " ".join(table["name"].split())
    if len(name) > MAX_NAME or not name.isprintable():
        raise wrong("name", f"at most {MAX_NAME} characters in one line", name)
    if name.casefold() in (RESERVED, *map(str.casefold, found)):
        raise wrong("name", f"a name that no other persona has, and not {RESERVED}", name)
    found[name] = table["prompt"].strip()


def _line(source: str, field: str, number: int | None = None) -> int:
    """Return the line of a field, of the table `number` if one is given; where it is not, the line of the table."""
    lines = source.splitlines()
    begins = list(_where(source, HEADER))
    start = end = None
    if number is not None and number <= len(begins):
        start = begins[number - 1]
        end = begins[number] if number < len(begins) else len(lines)
    name = re.escape(field)
    key = re.compile(rf"\s*(\[+\s*)?(?P<quote>[\"']?){name}(?P=quote)\s*[\].=]")
    inside = [at for at in _where(source, key) if start is None or (end and start < at < end)]
    return (inside[0] if inside else start or 0) + 1


def _where(source: str, pattern: re.Pattern[str]) -> Iterator[int]:
    """Yield the lines that a pattern begins, but for those within a text of several lines."""
    lines = source.splitlines()
    for at, line in enumerate(lines):
        if pattern.match(line):
            with suppress(tomllib.TOMLDecodeError):  # what comes before is whole: so this is no part of a text
                tomllib.loads("\n".join(lines[:at]))
                yield at
