"""Who may come in, who decides, and what each has used."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.row import Base


class Rule(StrEnum):
    """What is known of a person or a chat that wants to come in; `told` is a stranger who was refused once."""

    ALLOW = "allow"
    DENY = "deny"
    OWNER = "owner"
    TOLD = "told"


class Identity(Base):
    """Whose database this is: one row, with the pairing code until it is used."""

    __tablename__ = "identity"

    bot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pairing_code: Mapped[str | None]


class Admin(Base):
    """Who administers a group, as last seen."""

    __tablename__ = "admins"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[float]


class Access(Base):
    """Who may come in; strangers who are told that they may not."""

    __tablename__ = "access"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[Rule]
    language: Mapped[str | None]  # what a stranger or an owner read when he came
    by: Mapped[int | None]  # who decided, or asked
    at: Mapped[float]
    update_id: Mapped[int | None]  # in answer to which a stranger is told
    name: Mapped[str | None]  # of the person who asked
    title: Mapped[str | None]  # of the group that was asked for
    shown_at: Mapped[float | None]  # when the admins were sent a message of its own about this one


class Ask(Base):
    """The message that asks an admin about somebody who wants to come in; it is edited when that is decided."""

    __tablename__ = "asks"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    admin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[int | None]  # of the send in the outbox, as long as the message is not known
    message_id: Mapped[int | None]


class Digest(Base):
    """The message in which an admin reads how many more ask to be let in; it is edited as long as it is young."""

    __tablename__ = "digests"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[int | None]  # of the send in the outbox, as long as the message is not known
    message_id: Mapped[int | None]
    count: Mapped[int]  # what it says
    opened_at: Mapped[float]


class Invite(Base):
    """A link that lets people in, by its code; kept for a while after its end."""

    __tablename__ = "invites"

    code: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[int]
    left: Mapped[int]  # how many more may come by it
    ends_at: Mapped[float]
    own_limit: Mapped[int | None]  # of each of them


class InviteUse(Base):
    """A person who came by a link, or was told that it is over."""

    __tablename__ = "invite_uses"

    code: Mapped[str] = mapped_column(ForeignKey(Invite.code, ondelete="CASCADE"), primary_key=True)
    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Account(Base):
    """A person or a group that has asked something, or was let in and wrote: the name as last seen, and an own limit.

    `own_limit`: questions a day that an admin gives in place of the operator's limits; 0 is none at all, null what the
    operator says.
    """

    __tablename__ = "accounts"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    own_limit: Mapped[int | None]
    told_on: Mapped[int | None]  # the day on which it was told last that its limit is reached


class Usage(Base):
    """What a person or a group has used on a day (since 1970, UTC) of a provider."""

    __tablename__ = "usage"
    __table_args__ = (Index(None, "day"),)

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # in 10^-12 of a dollar,
    priced: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of so many of the tokens
