"""What people send beside text."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.questions import Prompt
from bot.storage.tables.row import Base


class File(Base):
    """What was read of a file that somebody sent; the bytes lie beside the database, under their SHA-256.

    `tag` is random and stands around foreign words, so that these cannot tell where they end. `pages` and `characters`:
    how many there are, where not all were read (else 0); `…_read`: how many were.
    """

    __tablename__ = "files"
    __table_args__ = (Index(None, "sha256"),)

    telegram_file_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    media_type: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    tag: Mapped[str]
    pages: Mapped[int]
    pages_read: Mapped[int]
    characters: Mapped[int]
    characters_read: Mapped[int]
    transcript: Mapped[str | None]  # what is said in a recording; null until it was written down
    wordless: Mapped[str | None]  # why there are no words of a PDF that is kept as it came


class FileUse(Base):
    """A prompt that holds a file; with the last of them the bytes go."""

    __tablename__ = "file_uses"
    __table_args__ = (Index(None, "sha256"),)

    prompt_id: Mapped[int] = mapped_column(ForeignKey(Prompt.id, ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
