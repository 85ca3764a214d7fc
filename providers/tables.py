"""Tables: what providers.toml holds, and where in it: a mistake is told with file, line, table and field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a file, by name, and its text."""

    path: str
    text: str
    tables: Mapping[str, Mapping[str, object]]

    def place(self, table: str, *fields: str) -> str:
        """Return how a field, or a field in it, is named in a message; without `fields` the table itself."""
        line = self._line(table, fields)
        where = f"{self.path}:{line}" if line else self.path
        return " ".join(filter(None, (where, f"[{table}]" if table else "", ".".join(fields))))

    def _line(self, table: str, fields: tuple[str, ...]) -> int:
        """Return the line of the innermost of the fields that has one, else that of the table; 0 if there is none.

        TOML's own reader does not tell lines. What looks like a line of a table within a longer text is taken for it.
        """
        at, found, depth = "", 0, -1
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := _HEADER.fullmatch(line):
                at = _bare(header[1])
            for taken in range(len(fields) + 1):
                inner = ".".join((table, *fields[:taken])).strip(".")
                if (header and at == inner) or (at == inner and taken < len(fields) and _sets(line, fields[taken])):
                    reached = taken if header else taken + 1
                    if reached > depth:
                        found, depth = number, reached
        return found


NO_TABLES = Tables("", "", {})


def _bare(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


def _sets(line: str, field: str) -> bool:
    return re.match(rf"""\s*(["']?){re.escape(field)}\1\s*[=.]""", line) is not None
