"""Invite links of chats."""

from dataclasses import dataclass

from telegram_playground.protocol.wire import Json
from telegram_playground.world.people import User


@dataclass(slots=True)
class Invite:
    """A link by which people join a chat, or ask to."""

    link: str
    creator: User
    name: str = ""
    expires: int = 0  # Unix time; 0: never
    limit: int = 0
    by_request: bool = False
    is_primary: bool = False
    is_revoked: bool = False
    uses: int = 0
    period: int = 0  # seconds for which `price` Stars are paid
    price: int = 0

    def json(self) -> Json:
        """Return the link as the Bot API shows it."""
        invite: Json = {
            "invite_link": self.link,
            "creator": self.creator.json(),
            "creates_join_request": self.by_request,
            "is_primary": self.is_primary,
            "is_revoked": self.is_revoked,
        }
        further = {
            "name": self.name,
            "expire_date": self.expires,
            "member_limit": self.limit,
            "subscription_period": self.period,
            "subscription_price": self.price,
        }
        for name, value in further.items():
            if value:
                invite[name] = value
        return invite
