"""What may be sent where: permissions of groups and members, administrators of channels.

After tdlib DialogParticipant.cpp.
"""

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat

_PERMISSIONS = {
    "photo": ("can_send_photos", "photos"),
    "video": ("can_send_videos", "videos"),
    "animation": ("can_send_other_messages", "GIFs"),
    "document": ("can_send_documents", "documents"),
    "audio": ("can_send_audios", "music"),
    "voice": ("can_send_voice_notes", "voice notes"),
    "video_note": ("can_send_video_notes", "video notes"),
    "sticker": ("can_send_other_messages", "stickers"),
    "poll": ("can_send_polls", "polls"),
    "dice": ("can_send_other_messages", "dice"),
}
_PLAIN = ("can_send_messages", "text messages")


def check_rights(context: Context, chat: Chat, content: Json) -> None:
    """Raise ApiError where the bot may not send this content."""
    if chat.type == "channel":
        context.administers(chat, "can_post_messages", "need administrator rights in the channel chat")
        return
    kind = next((kind for kind in _PERMISSIONS if kind in content), "")
    permission, words = _PERMISSIONS.get(kind, _PLAIN)
    if not chat.permits(context.bot.id, permission):
        raise bad_request(f"not enough rights to send {words} to the chat")
