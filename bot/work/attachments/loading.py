"""Loading: what was read of files is put before a model, as much as it takes and in the form that it takes; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.extract.found import MAX_PAGES, Reason
from bot.storage.engine.shelf import Shelf
from bot.storage.tables import File
from bot.work.attachments.sound import ALL
from bot.work.window.window import BYTES_PER_TOKEN, TOKENS_PER_IMAGE
from providers.blocks import Attached, Audio, Block, Content, Document, Image, Text, line_of

MAX_FILES = 10  # of one question
TURNS = 3  # before the newest, whose pictures are sent again
TEXT = "text/plain"
MAX_SENT = 14 << 20  # bytes of recordings and PDFs in one request; Gemini takes 20 MB with all that is around them
MAX_QUOTE = 1_000  # characters of a transcript that stand above the answer
WHOLE = "pdf:"  # begins the name under which a PDF is kept as models are sent it that read one
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Missed:
    """A file of a question that was not read."""

    file: Attached
    reason: Reason


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a question of which only a part was read: its first pages, or characters, of so many."""

    name: str
    read: int
    of: int
    is_pages: bool
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """A conversation's contents with what was read of their files; the bytes of pictures, by SHA-256.

    `missed` and `parts` are of the newest one, and so is `quote`: what was heard in it. `pictures` holds recordings and
    PDFs too, for a model that takes them; `has_documents`: there are PDFs.
    """

    contents: list[Content]
    pictures: Mapping[str, bytes]
    missed: list[Missed] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    quote: str = ""
    has_documents: bool = False


class Loading:
    """One load of a conversation, off the event loop."""

    def __init__(
        self,
        known: Mapping[str, File],
        shelf: Shelf,
        missed: Mapping[str, Reason],
        room: int,
        takes: Collection[type[Block]],
    ) -> None:
        self._known = known
        self._shelf = shelf
        self._reasons = missed
        self._room = room
        self._share = room // 2  # of what was said before
        self._takes = takes
        self._pictures: dict[str, bytes] = {}
        self._missed: list[Missed] = []
        self._parts: list[Part] = []
        self._has_documents = False
        self._sent = MAX_SENT  # bytes of recordings and PDFs that the model is still sent
        self._pages = MAX_PAGES  # of PDFs
        self._quotes: list[str] = []

    def load(self, contents: Sequence[Content]) -> Loaded:
        """Load the newest first: it has most of the room."""
        loaded = [
            tuple(each for block in content for each in self._blocks(block, age))
            for age, content in enumerate(reversed(contents))
        ]
        quote = "\n\n".join(self._quotes)
        quote = f"{quote[:MAX_QUOTE].rstrip()}…" if len(quote) > MAX_QUOTE else quote
        return Loaded(
            loaded[::-1],
            self._pictures,
            self._missed,
            self._parts,
            quote,
            has_documents=self._has_documents,
        )

    def _blocks(self, block: Block, age: int) -> Content:
        if isinstance(block, Attached) and (whole := self._whole(block, age)):
            return whole
        return (self._block(block, age),)

    def _block(self, block: Block, age: int) -> Block:
        if not isinstance(block, Attached):
            return block
        row = self._known.get(block.file_id)
        if reason := self._reasons.get(block.file_id) if age == 0 else None:
            return self._unread(block, reason)
        if row is not None and row.media_type in ALL:
            return self._recording(block, row, age)
        is_old = row is not None and row.media_type != TEXT and age > TURNS
        data = self._shelf.get(row.sha256) if row and not is_old else None
        if row is None or data is None:
            whole = self._known.get(f"{WHOLE}{block.file_id}") if row is None else None
            why = Reason(whole.wordless or Reason.NO_TEXT) if whole else Reason.LOST
            return self._unread(block, why) if age == 0 else _named(block)
        if row.media_type != TEXT:
            self._pictures[row.sha256] = data
            return Image(row.sha256, row.media_type, row.name, row.size, block.is_foreign)
        return self._document(row, data, is_newest=age == 0)

    def _whole(self, block: Attached, age: int) -> Content:
        """Return a PDF as it is between its marks, for a model that reads one; nothing where its words are sent."""
        row = self._known.get(f"{WHOLE}{block.file_id}")
        if row is None or Document not in self._takes or age > TURNS:
            return ()
        words = self._known.get(block.file_id)
        tokens = (words.size // BYTES_PER_TOKEN if words else 0) + row.pages_read * TOKENS_PER_IMAGE
        room = self._room if age == 0 else min(self._room, self._share)
        is_fit = tokens * BYTES_PER_TOKEN <= room and row.size <= self._sent and row.pages_read <= self._pages
        data = self._shelf.get(row.sha256) if is_fit else None
        if data is None:
            return ()
        self._room -= tokens * BYTES_PER_TOKEN
        self._sent -= row.size
        self._pages -= row.pages_read
        self._pictures[row.sha256] = data
        self._has_documents = True
        read = ""
        if row.pages_read < row.pages:
            read = f", pages 1–{row.pages_read} of {row.pages}"
            if age == 0:
                self._parts.append(Part(row.name, row.pages_read, row.pages, is_pages=True))
        head = f"[file: {row.name}{read}; it stands between two marks {row.tag}]"
        document = Document(row.sha256, PDF, row.name, row.size, tokens)
        return Text(f"{head}\n{row.tag}\n"), document, Text(f"{row.tag}\n")  # the document itself is marked

    def _recording(self, block: Attached, row: File, age: int) -> Block:
        """Return a recording for a model that hears, else its words."""
        is_fit = Audio in self._takes and row.size <= self._sent and age <= TURNS
        if is_fit and (data := self._shelf.get(row.sha256)) is not None:
            self._sent -= row.size
            self._pictures[row.sha256] = data
            return Audio(row.sha256, row.media_type, row.name, row.size, block.is_foreign)
        if row.transcript is None:
            return self._unread(block, Reason.LOST) if age == 0 else _named(block)
        if age == 0:
            self._quotes.append(row.transcript)
        data = row.transcript.encode("utf-8", "replace")
        return self._spoken(block, row, data, age) if block.is_spoken else self._document(row, data, is_newest=age == 0)

    def _spoken(self, block: Attached, row: File, data: bytes, age: int) -> Text:
        """Return what somebody said as his words, as far as there is room."""
        room = self._room if age == 0 else min(self._room, self._share)
        cut = data[: max(0, room)].decode("utf-8", "ignore")
        self._room -= len(data)
        if age == 0 and (part := _part(row, cut, len(data.decode()))):
            self._parts.append(replace(part, is_heard=True))
        return Text(f"{cut}\n", block.is_foreign)

    def _unread(self, block: Attached, reason: Reason) -> Text:
        self._missed.append(Missed(block, reason))
        return Text(f"{line_of(block).removesuffix(']')}: it could not be read ({reason})]\n", block.is_foreign)

    def _document(self, row: File, data: bytes, *, is_newest: bool) -> Text:
        """Return the words of a document, as far as there is room, between its marks."""
        room = self._room if is_newest else min(self._room, self._share)
        cut = data[: max(0, room)].decode("utf-8", "ignore")
        if not cut and not is_newest:
            return Text(f"[file: {row.name}]\n", is_foreign=True)
        self._room -= len(data)
        part = _part(row, cut, len(data.decode("utf-8", "ignore")))
        if part and is_newest:
            self._parts.append(part)
        read = ""
        if part:
            read = f", {'pages' if part.is_pages else 'characters'} 1–{part.read} of {part.of}"
        head = f"[file: {row.name}{read}; its text stands between two marks {row.tag}]"
        return Text(f"{head}\n{row.tag}\n{cut}\n{row.tag}\n", is_foreign=True)


def _named(block: Attached) -> Text:
    """Return what stands for a file that is not sent again."""
    return Text(f"{line_of(block)}\n", block.is_foreign)


def _part(row: File, cut: str, length: int) -> Part | None:
    """Return how much of a document the model reads, None for all of it."""
    if len(cut) < length or (row.characters and not row.pages):
        return Part(row.name, len(cut), row.characters or length, is_pages=False)
    return Part(row.name, row.pages_read, row.pages, is_pages=True) if row.pages else None
