"""What is found fault with: each rule with its level, what it means and how it is mended.

An error is what Telegram refuses or what leaves people without an answer, a warning what works badly, a note what this
server cannot tell. Errors and warnings fail a run.
"""

from dataclasses import dataclass
from typing import Literal

from telegram_playground.protocol.errors import NOT_MODIFIED, QUERY_TOO_OLD

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `words` say what is wrong, `mend` what to do."""

    level: Level
    words: str
    mend: str


RULES: dict[str, Rule] = {
    "unanswered": Rule(
        "error",
        "a press of a button was not answered: its clock turns until it gives up",
        "call answerCallbackQuery first, act afterwards",
    ),
    "late_answer": Rule(
        "error", "a press or query was answered too late or twice", "answer once, before anything that takes time"
    ),
    "flood": Rule("error", "the flood limits were reached: 429", "make fewer calls, wait for retry_after"),
    "penalty": Rule(
        "error", "a chat was written to before retry_after was over", "wait for retry_after: each call makes it longer"
    ),
    "data": Rule("error", "a button's data is empty or over 64 bytes", "send a short id and keep the rest"),
    "entities": Rule(
        "error",
        "an entity does not fit its text or has no known type",
        "count offsets in UTF-16 code units of the text as it is sent, after trimming",
    ),
    "markup": Rule(
        "error",
        "the text is no valid markup of its parse_mode",
        "escape what is put into it, or send entities: they cannot fail like this",
    ),
    "too_long": Rule("error", "a text or caption is too long", "cut at 4096 (caption: 1024) UTF-16 code units"),
    "draft_lost": Rule(
        "error",
        "a draft ended without a message: what it showed is gone",
        "send the text by sendMessage within 30 s of the last frame",
    ),
    "conflict": Rule("error", "two programs ask for the updates of one bot", "run one, or delete the webhook"),
    "refused": Rule("error", "Telegram refuses the call", "see its description"),
    "stream_markup": Rule(
        "warning",
        "a text that grows is sent with a parse_mode: half an entity is refused sooner or later",
        "send what a model writes with entities, or plain until it is complete",
    ),
    "rate": Rule(
        "warning",
        "more frames than the limits allow: Telegram makes such calls wait, then refuses",
        "one call per second in a chat, 20 a minute in a group, 30 a second in all",
    ),
    "not_modified": Rule(
        "warning",
        "an edit changed nothing: it costs a call of the limits",
        "compare the trimmed text, its entities and the keyboard before an edit",
    ),
    "flicker": Rule(
        "warning",
        "a text that grows has a link with its preview on: the preview comes and goes",
        "send frames with link_preview_options.is_disabled",
    ),
    "dropped_entities": Rule(
        "warning", "more than 100 entities: Telegram drops the rest without a word", "send fewer, or cut the text"
    ),
    "tabs": Rule("warning", "a TAB in a text: Telegram makes it one blank", "expand tabs before sending"),
    "not_simulated": Rule("note", "this server does not simulate the method", "see playground-coverage.md"),
}
FAILING = frozenset({"error", "warning"})

# Refusals that happen to every bot: a person deletes what it would edit, leaves, blocks, or turns a group into another.
_ORDINARY = (
    "message to edit not found",
    "message to delete not found",
    "message to be replied not found",
    "message to react not found",
    "group chat was upgraded to a supergroup chat",
)
_BY_WORDS = (  # in this order; as telegram-bot-api and tdlib word them
    ("not_modified", (NOT_MODIFIED,)),
    ("data", ("BUTTON_DATA_INVALID",)),
    ("late_answer", (QUERY_TOO_OLD,)),
    ("entities", ("UTF-16", "can't parse MessageEntity", "receive an entity with incorrect")),
    ("markup", ("can't parse entities", "unsupported parse_mode")),
    ("too_long", ("too long", "TOO_LONG")),
)


def refusal(code: int, description: str) -> str | None:
    """Return the rule that a refusal breaks; None for one that no bot can avoid."""
    if code in (401, 403, 404) or code >= 500:
        return "not_simulated" if code == 501 else None
    if code == 429:
        return "flood"
    if code == 409:
        return "conflict"
    if any(words in description for words in _ORDINARY):
        return None
    return next((rule for rule, known in _BY_WORDS if any(words in description for words in known)), "refused")
