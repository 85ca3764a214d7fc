"""Marks: what stands in a message beside the words of an answer: the cursor, "…", the line of a tool; pure."""

CURSOR = " ▌"
PLACEHOLDER = "…"
WAITING = "⏳"  # begins the line that tells why there is no text yet; it ends in the placeholder
WORKS = "🔧"  # begins the line that tells which tool runs; it ends in the placeholder


def is_placeholder(text: str) -> bool:
    """Tell whether a message only holds the place of a text."""
    is_line = text.startswith((WAITING, WORKS)) and text.endswith(PLACEHOLDER) and "\n" not in text
    return text == PLACEHOLDER or is_line


def without_line(text: str) -> str:
    """Return a text, without the cursor, without the line under it that tells which tool runs."""
    head, gap, line = text.rpartition("\n\n")
    return head if gap and line.startswith(WORKS) and line.endswith(PLACEHOLDER) else text
