"""What accounts are in chats, and what they may do there."""

from dataclasses import dataclass
from typing import Literal

from telegram_playground.protocol.wire import Json
from telegram_playground.world.people import User

Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
PRESENT = frozenset({"creator", "administrator", "member", "restricted"})
ADMINS = frozenset({"creator", "administrator"})
PERMISSIONS = (  # core.telegram.org/bots/api#chatpermissions
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
PERMITTED_AT_FIRST = dict.fromkeys(PERMISSIONS, True) | {"can_change_info": False, "can_pin_messages": False}


@dataclass(slots=True)
class Member:
    """What an account is in a chat."""

    user: User
    status: Status
    title: str = ""  # of an administrator
    tag: str = ""
    rights: Json | None = None  # of an administrator; None: all
    permissions: Json | None = None  # of one who is restricted
    until: int = 0  # Unix time; 0: for good

    def may(self, right: str) -> bool:
        """Tell whether an administrator has a right."""
        if self.status == "creator":
            return True
        return self.status == "administrator" and (self.rights is None or bool(self.rights.get(right)))
