"""First line: whether a text that has begun to come is worth a call."""

import re

LINE = 25  # characters
_SENTENCE_END = re.compile(r"[.!?…][)\"'”»*_]*\s|[。！？।؟]|\S\s*\n")


def is_line(text: str) -> bool:
    """Tell whether there is something to read: about a line, or the end of a sentence."""
    return len(text.strip()) >= LINE or _SENTENCE_END.search(text) is not None
