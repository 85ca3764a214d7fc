"""Inline: a place where a reply is one message that can only be edited, and the methods that do it; pure."""

from dataclasses import dataclass
from typing import ClassVar, Self

from aiogram.methods import AnswerGuestQuery, EditMessageText
from aiogram.types import InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent, MessageEntity

from bot.reply.markdown.rendered import Rendered, to_units
from bot.reply.place.chat import NO_PREVIEW, PLACEHOLDER_S

INLINE_GAP_S = 1.25  # between two edits of an inline message: nobody was refused at that pace; its limit is not told
INLINE_ROOM = 3_400  # UTF-16 units of an answer there: with the question (256 characters) and notes it is one message
ONLY = 1  # stands for the id of an inline message among those of a reply: it is the only one, and has none
TITLE = "…"  # of what answers a guest question; nobody sees it
_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Inline:
    """One message in a chat that is not the bot's: an inline message, or the answer to a guest question.

    It can only be edited, by an id that `AnswerGuestQuery` returns (`inline_id` is None until then); edits tell nothing
    of it. `asked` is the question, which nobody else sees where it was typed into the field.
    """

    asker_id: int
    inline_id: str | None = None
    query_id: str | None = None
    asked: str = ""

    is_chat: ClassVar[bool] = False
    room_utf16: ClassVar[int | None] = INLINE_ROOM
    gap_s: ClassVar[float] = INLINE_GAP_S
    has_drafts: ClassVar[bool] = False
    is_private: ClassVar[bool] = False
    is_set_by_asker: ClassVar[bool] = True

    def moved(self, _telegram_id: int) -> Self:
        """Return where it goes on: it stays."""
        return self

    @property
    def key(self) -> int:
        """Whose budget a call spends: that of the asker's private chat."""
        return self.asker_id

    @property
    def placeholder_s(self) -> float | None:
        """Return when a message without words may hold the reply's place: a guest question expires in seconds."""
        return 0.0 if self.inline_id is None else PLACEHOLDER_S

    def send(self, text: Rendered, keyboard: InlineKeyboardMarkup | None = None) -> AnswerGuestQuery:
        """Answer the guest question."""
        content = InputTextMessageContent(
            message_text=text.text, entities=list(text.entities), link_preview_options=NO_PREVIEW, parse_mode=None
        )
        article = InlineQueryResultArticle(id="1", title=TITLE, input_message_content=content, reply_markup=keyboard)
        return AnswerGuestQuery(guest_query_id=self.query_id or "", result=article)

    def edit(self, text: Rendered, keyboard: InlineKeyboardMarkup | None = None) -> EditMessageText:
        """Have the message show another text, under the question, and only this button."""
        whole = under_question(self.asked, text)
        return EditMessageText(
            inline_message_id=self.inline_id,
            text=whole.text,
            entities=list(whole.entities),
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
            parse_mode=None,
        )

    def say(self, told: str) -> EditMessageText | None:
        """Say something in place of the answer."""
        return self.edit(Rendered(told)) if self.inline_id else None


def under_question(asked: str, text: Rendered) -> Rendered:
    """Return a text under the question that it answers, as a quotation."""
    asked = asked.strip()
    if not asked:
        return text
    quotation = MessageEntity(type="blockquote", offset=0, length=len(to_units(asked)))
    cut = len(to_units(asked)) + len(_GAP)
    below = (entity.model_copy(update={"offset": entity.offset + cut}) for entity in text.entities)
    return Rendered(f"{asked}{_GAP}{text.text}", (quotation, *below))
