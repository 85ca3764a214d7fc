"""Kept: the parts of an answer that stay as a former process left them, as JSON for its row."""

import json
from collections.abc import Sequence

from aiogram.types import MessageEntity

from bot.reply.markdown.rendered import Rendered


def to_json(parts: Sequence[Rendered]) -> str:
    """Return the parts as a list of texts and entities."""
    dumped = [[part.text, [entity.model_dump(exclude_none=True) for entity in part.entities]] for part in parts]
    return json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))


def from_json(value: str) -> list[Rendered]:
    """Read what `to_json` wrote."""
    return [
        Rendered(text, tuple(MessageEntity.model_validate(entity) for entity in entities))
        for text, entities in json.loads(value)
    ]
