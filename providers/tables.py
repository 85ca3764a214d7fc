"""Tables: what a TOML file holds, and where in it: a mistake is told with file, line, table and field."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MOST = 1024 * 1024  # bytes; the reader takes seconds for more

_NAME = r"""(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_PATH = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_PATH})\s*\]\]?\s*(#.*)?")
_FIELD = re.compile(rf"\s*({_PATH})\s*=")
_PART = re.compile(_NAME)
_AT = re.compile(r"\(at line (\d+), column \d+\)")
_TOKEN = re.compile(  # what spans lines, what is not to be taken for that, and the ends of lines
    r'''"""(?:\\.|[^\\])*?"{3,5}|"(?:\\.|[^"\\\n])*"|#[^\n]*|[\[\]{}\n]''' + r"""|'{3}.*?'{3,5}|'[^'\n]*'""",
    re.DOTALL,
)
_LONG = 1_000  # characters of a line that nests too deep, or holds too long a number


class Unreadable(ValueError):
    """A file that holds no tables: where in it, and why; the text is one line without what stands there."""

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a file, by name, and its text."""

    path: str
    text: str
    tables: Mapping[str, Mapping[str, object]]

    def place(self, table: str, *fields: str) -> str:
        """Return how a field, or a field in it, is named in a message; without `fields` the table itself."""
        line = self._line(".".join(filter(None, (table, *fields))))
        where = f"{self.path}:{line}" if line else self.path
        return " ".join(filter(None, (where, f"[{table}]" if table else "", ".".join(fields))))

    def _line(self, wanted: str) -> int:
        """Return the line of what is wanted, else of the innermost that it is in, else of what is in it; 0: none."""
        found, length, within = 0, 0, 0
        inside = _inside(self.text)
        for number, path in _statements(self.text.split("\n")):
            if number in inside:
                continue
            if len(path) > length and f"{wanted}.".startswith(f"{path}."):
                found, length = number, len(path)
            elif not within and path.partition(".")[0] == wanted.partition(".")[0]:
                within = number
        return found or within


NO_TABLES = Tables("", "", {})


def read(path: Path) -> Tables:
    """Read a file. Raises OSError, and Unreadable where it is no TOML, no UTF-8, or too much."""
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise Unreadable(str(path), f"a file of at most {MOST // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(f"{path}:{line}", "a file in UTF-8") from None
    try:
        return Tables(str(path), text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise Unreadable(_near(path, text, line), f"a TOML file: {error}") from None
    except (RecursionError, ValueError):  # the latter of a number with thousands of digits
        long = (number for number, each in enumerate(text.split("\n"), start=1) if len(each) > _LONG)
        reason = "a TOML file: a value that is nested less deep, and numbers that are shorter"
        raise Unreadable(_near(path, text, next(long, 1)), reason) from None


def _near(path: Path, text: str, line: int) -> str:
    """Return the place of a line, with the table that it is in."""
    headers = [found[1] for each in text.split("\n")[:line] if (found := _HEADER.fullmatch(each.rstrip("\r")))]
    return " ".join([f"{path}:{line}", *(f"[{name}]" for name in headers[-1:])])


def _statements(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that look like the beginning of a table or a field, with its whole name."""
    table = ""
    for number, line in enumerate(lines, start=1):
        if header := _HEADER.fullmatch(line.rstrip("\r")):
            table = _bare(header[1])
            yield number, table
        elif field := _FIELD.match(line):
            yield number, ".".join(filter(None, (table, _bare(field[1]))))


def _inside(text: str) -> set[int]:
    """Return the lines of a text without mistakes that begin within a longer text or a list: they are no statements."""
    inside: set[int] = set()
    line, depth = 1, 0
    for token in _TOKEN.finditer(text):
        lines = token[0].count("\n")
        if lines and (depth or token[0] != "\n"):
            inside.update(range(line + 1, line + lines + 1))
        line += lines
        depth += (token[0] in "[{") - (token[0] in "]}")
    return inside


def _bare(path: str) -> str:
    return ".".join(part.strip("\"'") for part in _PART.findall(path))
