"""Names: those of a server's tools as all services take them; pure."""

import re
from hashlib import sha256

MAX_NAME = 64  # characters; ^[a-zA-Z0-9_-]{1,64}$ is what all services take
_HASH = 8

_STRANGE = re.compile(r"[^a-zA-Z0-9_-]")


def mapped(server: str, tool: str) -> str:
    """Return the name by which models call a tool of a server: `server__tool`, no other one has it.

    What is cut or replaced in it is told apart by a hash.
    """
    whole = f"{server}__{tool}"
    clean = _STRANGE.sub("_", whole)
    if clean == whole and len(whole) <= MAX_NAME:
        return whole
    return f"{clean[: MAX_NAME - _HASH - 1]}_{sha256(whole.encode('utf-8', 'replace')).hexdigest()[:_HASH]}"
