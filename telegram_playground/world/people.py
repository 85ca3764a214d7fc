"""Users and bots."""

from dataclasses import dataclass, field

from telegram_playground.protocol.wire import Json
from telegram_playground.world.files import File
from telegram_playground.world.updates import Updates

MAX_PHOTOS = 100  # profile pictures that are kept


@dataclass(slots=True)
class User:
    """A person, or the account of a bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    photos: list[File] = field(default_factory=list)  # profile pictures, oldest first

    def json(self) -> Json:
        """Return the account as the Bot API shows it."""
        account: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if getattr(self, name):
                account[name] = getattr(self, name)
        return account


@dataclass(slots=True)
class Webhook:
    """Where a bot wants its updates sent."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    has_certificate: bool = False
    certificate: str = ""  # PEM: who is to be trusted in place of the known authorities
    last_error: str = ""
    last_error_date: int = 0


@dataclass(slots=True)
class Bot:
    """A bot: its account, settings, commands and updates.

    `last_message_id` counts the messages of its private chats and basic groups together, as at Telegram.
    """

    user: User
    token: str
    updates: Updates
    can_read_all_group_messages: bool = False
    can_join_groups: bool = True
    has_topics_enabled: bool = False
    supports_guest_queries: bool = False
    supports_inline_queries: bool = False
    tells_inline_choices: bool = True  # /setinlinefeedback at @BotFather; not told by getMe
    last_message_id: int = 0
    webhook: Webhook | None = None
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    default_rights: dict[bool, Json] = field(default_factory=dict)  # for groups, for channels
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The id of its account."""
        return self.user.id

    def json(self) -> Json:
        """Return what getMe returns."""
        return {
            **self.user.json(),
            "can_join_groups": self.can_join_groups,
            "can_read_all_group_messages": self.can_read_all_group_messages,
            "supports_inline_queries": self.supports_inline_queries,
            "supports_guest_queries": self.supports_guest_queries,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": self.has_topics_enabled,
            "allows_users_to_create_topics": False,
            "can_manage_bots": False,
        }

    def control_json(self) -> Json:
        """Return the bot as the control API shows it."""
        return {
            **self.json(),
            "token": self.token,
            "webhook": self.webhook.url if self.webhook else None,
            "pending": len(self.updates),
        }
