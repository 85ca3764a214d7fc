"""Texts that grow by edits or drafts: what a model writes, as it is shown."""

import json
from dataclasses import dataclass

from telegram_playground.protocol.wire import Json
from telegram_playground.world.calls import Call
from telegram_playground.world.latest import Latest

_KEPT = 2000  # texts that may grow at once
_GROWN = 3  # frames after which a text is known to grow
_TAIL = 24  # characters at the end that may change, as a cursor does
_LINKS = ("http://", "https://", "t.me/", "www.")


@dataclass(slots=True)
class _Text:
    words: str
    frames: int = 0


class Growing:
    """Knows the texts that grow, and what is wrong with how they are sent."""

    def __init__(self) -> None:
        self._texts: Latest[tuple[int, str | None, str], _Text] = Latest(_KEPT)

    def forget(self) -> None:
        """Begin anew."""
        self._texts.clear()

    def faults(self, call: Call) -> list[str]:
        """Return the rules that a carried out call breaks as a further frame of a text."""
        words, name = call.parameters.get("text"), _name(call)
        if name is None or not isinstance(words, str):
            return []
        key = (call.bot, call.chat, name)
        known = self._texts.get(key)
        if known is None:
            self._texts[key] = _Text(words)
            return []
        if not (len(words) > len(known.words) and words.startswith(known.words[:-_TAIL])):
            known.words, known.frames = words, 0
            return []
        known.words, known.frames = words, known.frames + 1
        if known.frames < _GROWN:
            return []
        found = ["stream_markup"] if call.parameters.get("parse_mode") not in (None, "", "none") else []
        # A draft has no preview.
        shows = call.method == "editMessageText" and any(link in words for link in _LINKS)
        return found + (["flicker"] if shows and not _hidden(call.parameters) else [])


def _name(call: Call) -> str | None:
    """Return what a frame belongs to: a message, or a draft."""
    match call.method:
        case "sendMessage":
            result = call.body.get("result")
            return f"message/{result['message_id']}" if isinstance(result, dict) else None
        case "editMessageText":
            return f"message/{call.parameters.get('message_id') or call.parameters.get('inline_message_id')}"
        case "sendMessageDraft":
            return f"draft/{call.parameters.get('message_thread_id')}/{call.parameters.get('draft_id')}"
    return None


def _hidden(parameters: Json) -> bool:
    """Tell whether a call shows no preview; parameters are as the client sent them."""
    if str(parameters.get("disable_web_page_preview", "")).lower() in ("true", "1", "yes"):
        return True
    options = parameters.get("link_preview_options")
    if isinstance(options, str):
        try:
            options = json.loads(options)
        except ValueError:
            return False
    return isinstance(options, dict) and options.get("is_disabled") is True
