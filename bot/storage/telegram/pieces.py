"""Pieces: the messages of one question, as an album or a paste in parts: which belong together, what they say; pure.

A client cuts what exceeds a message, and sends a comment apart from what it forwards. What follows by itself comes
within a second or two: so such a message opens a window, in which its question waits for the next piece. Telegram's own
dates decide, not when a message came in here: between two pieces the bot may have been down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.blocks import Block, Content, Text, joined

MAX_MESSAGE = 4_096  # UTF-16 units, core.telegram.org/bots/api#sendmessage
FULL = 3_800  # UTF-16 units: a client cuts earlier than it must, at the end of a line or a word
PASTE_S = 1.5  # a question waits for the rest of a paste,
ALBUM_S = 1.0  # for the next message of an album,
FORWARD_S = 1.0  # and for a comment on what is forwarded
MAX_WINDOW_S = 10.0  # a question that seems to wait longer was taken while the clock was wrong
SOON_S = 2.0  # between the dates of two pieces, which are whole seconds
LATE_S = 5.0  # the same, where nothing came between


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a question. `length_utf16`: of all its text; `sent_at`: Telegram's date.

    `fingerprint`: of what its author wrote, so that an edit is told from an update that changes no word.
    `forwarded_from`: who wrote it, where it was forwarded. `unread`: what of it was not read, the answer's last line.
    `album`: which one it is of.
    """

    message_id: int
    content: Content
    length_utf16: int = 0
    sent_at: float = 0.0
    fingerprint: str | None = None
    forwarded_from: str | None = None
    unread: str | None = None
    album: str | None = None


def window_s(piece: Piece) -> float | None:
    """Return how long the question waits for what may follow a piece; None for an ordinary message."""
    if piece.length_utf16 >= FULL:
        return PASTE_S
    if piece.album is not None:
        return ALBUM_S
    return FORWARD_S if piece.forwarded_from is not None else None


def follows(piece: Piece, last: Piece, *, directly: bool, is_commented: bool = False) -> bool:
    """Tell whether a message is a piece of the same question as the `last` one of its person.

    `directly`: nothing of ours stands between. `is_commented`: that question says more than what it forwards, so that
    further words are no comment on it; a client sends the comment first.
    """
    gap_s = piece.sent_at - last.sent_at
    if piece.message_id <= last.message_id or gap_s < 0:
        return False
    if last.length_utf16 >= FULL and gap_s <= (LATE_S if directly else SOON_S):
        return True
    if gap_s > SOON_S:
        return False
    return piece.forwarded_from is not None or (last.forwarded_from is not None and not is_commented)


def continues(piece: Piece, last: Piece) -> bool:
    """Tell whether a message in a group is the rest of the `last` one of its person, which the client cut.

    There it says so only by its place: nothing at all stands between.
    """
    is_cut = last.length_utf16 >= FULL and piece.message_id == last.message_id + 1
    return is_cut and 0 <= piece.sent_at - last.sent_at <= LATE_S


def composed(pieces: Sequence[Piece]) -> Content:
    """Return what the messages of a question say together; beside other words a forwarded text is a quotation."""
    blocks: list[Block] = []
    former: Piece | None = None
    for piece in pieces:
        first, *rest = _quoted(piece) if len(pieces) > 1 else piece.content or (Text(""),)
        if former and isinstance(first, Text) and isinstance(before := blocks[-1], Text):
            blocks[-1:] = joined([before, first], between(former.length_utf16))
        else:
            blocks.append(first)
        blocks += rest
        former = piece
    if any(piece.album for piece in pieces):  # pictures before the words about them
        return (*(each for each in blocks if not isinstance(each, Text)), *_said(blocks))
    return tuple(blocks)


def unread_of(pieces: Sequence[Piece]) -> str | None:
    """Return the lines about what was not read, each once."""
    return "\n".join(dict.fromkeys(piece.unread for piece in pieces if piece.unread)) or None


def between(length_utf16: int) -> str:
    """Return what stood where a text of this length was cut: nothing inside of a word, else the end of a line."""
    if length_utf16 < FULL:
        return "\n\n"
    return "" if length_utf16 >= MAX_MESSAGE else "\n"


def _said(blocks: Sequence[Block]) -> Content:
    """Return all words, those of one origin as one text."""
    return joined([each for each in blocks if isinstance(each, Text) and each.text], "\n\n")


def _quoted(piece: Piece) -> Content:
    if piece.forwarded_from is None:
        return piece.content or (Text(""),)
    name = f"{piece.forwarded_from}:\n" if piece.forwarded_from else ""
    blocks: list[Block] = []
    for block in piece.content:
        if isinstance(block, Text):
            block = Text("\n".join(f"> {line}" for line in f"{name}{block.text}".splitlines()), is_foreign=True)
            name = ""
        blocks.append(block)
    return tuple(blocks) or (Text(""),)
