"""Native streaming: drafts."""

from telegram_playground.api.context import Context
from telegram_playground.api.place import topic_of
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import parse
from telegram_playground.text.rich import message as rich


async def send_message_draft(context: Context, method: Values) -> bool:
    """Show a text while it is being written; an empty one shows "Thinking…"."""
    empty = context.world.options.empty_drafts
    if not method.text and not empty:
        raise bad_request("text must be non-empty")
    parsed = parse(method.text, method.parse_mode, method.entities, can_be_empty=True)
    formatted = context.settled(parsed, can_be_empty=empty)
    context.check_length(formatted.text, "MESSAGE_TOO_LONG")
    return await _show(context, method, formatted.content())


async def send_rich_message_draft(context: Context, method: Values) -> bool:
    """Show a rich message while it is being written."""
    return await _show(context, method, {"rich_message": rich.read(method.rich_message, draft=True)})


async def _show(context: Context, method: Values, content: Json) -> bool:
    chat = context.writable(method.chat_id)
    if chat.type != "private":
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    if not method.draft_id:
        raise bad_request("RANDOM_ID_INVALID")
    thread_id = topic_of(chat, method.message_thread_id)
    await context.admit(chat, "typing")
    context.world.drafts.show(
        chat,
        context.bot,
        method.draft_id,
        content,
        thread_id=thread_id,
        can_stop=bool(method.can_stop),
        keep=bool(method.keep_on_stop),
    )
    return True


METHODS = {"sendMessageDraft": send_message_draft, "sendRichMessageDraft": send_rich_message_draft}
