"""Where something stands in a TOML file: tomllib does not tell."""

import re

_HEADER = re.compile(r"\s*\[{1,2}[^\[\]]+\]{1,2}\s*(#.*)?")


def line_of(text: str, table: str, key: str) -> int | None:
    """Return the line of a key, or of its table's header where there is none; None where neither is written out.

    `table`: as its header names it, or "[[name]] number N".
    """
    header, _, number = table.partition(" number ")
    left, here, found = int(number or 1), False, None
    for at, line in enumerate(text.splitlines(), 1):
        if _HEADER.fullmatch(line):
            here = False
            if re.sub(r"[\s\"']", "", line.partition("#")[0]) == header:
                left -= 1
                here = left == 0
                found = at if here else found
        elif here and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return at
    return found
