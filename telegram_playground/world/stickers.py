"""Sticker sets that bots have made."""

from dataclasses import dataclass

from telegram_playground.protocol.wire import Json
from telegram_playground.world.files import File


@dataclass(slots=True, eq=False)
class Sticker:
    """One sticker of a set; `shown` is what a message with it shows."""

    file: File
    shown: Json
    emoji: list[str]
    keywords: list[str]
    format: str
    mask: Json | None = None  # where on a face it lies

    def json(self, of: "StickerSet") -> Json:
        """Return the sticker as the Bot API shows it in its set."""
        shown = {**self.shown, "type": of.kind, "emoji": self.emoji[0], "set_name": of.name}
        shown |= {"is_animated": self.format == "animated", "is_video": self.format == "video"}
        if of.kind == "mask" and self.mask:
            shown["mask_position"] = self.mask
        return shown | ({"custom_emoji_id": self.file.unique_id} if of.kind == "custom_emoji" else {})


@dataclass(slots=True)
class StickerSet:
    """A set, of a person, made by a bot."""

    name: str
    title: str
    kind: str
    owner: int
    bot: int
    stickers: list[Sticker]
    thumbnail: Json | None = None

    def json(self) -> Json:
        """Return the set as the Bot API shows it."""
        shown: Json = {"name": self.name, "title": self.title, "sticker_type": self.kind}
        shown["stickers"] = [sticker.json(self) for sticker in self.stickers]
        return shown | ({"thumbnail": self.thumbnail} if self.thumbnail else {})
