"""Whether Telegram knows the bot, and whether anybody may use it."""

import sqlite3
from collections.abc import Callable

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe, SendMessageDraft
from sqlalchemy.exc import DBAPIError

from bot.app.telegram import make_bot
from bot.commands.checks.line import Line
from bot.delivery.refusal import is_foreign, lacks_method
from bot.settings import AccessMode, Settings, StreamMode
from bot.storage.engine.faults import Unusable
from bot.storage.engine.inspection import Inspection, inspect_at
from providers.wire.masking import mask
from providers.wire.unreached import cause_of


async def check_telegram(settings: Settings, say: Callable[[str], None]) -> tuple[bool, int | None]:
    bot = make_bot(settings)
    try:
        me = await bot(GetMe(), request_timeout=round(settings.connect_timeout) + 5)
        has_drafts = settings.stream_mode is not StreamMode.DRAFT or await _has_drafts(bot)
    except (TelegramAPIError, ClientDecodeError) as error:
        say(str(unreached(settings, error)))
        return False, None
    finally:
        await bot.session.close()
    say(str(Line("telegram", ok=True, detail=f"@{me.username}, id {me.id}")))
    if not me.can_read_all_group_messages:
        detail = "privacy mode is on: no mentions, only replies and commands"
        mend = (
            "/setprivacy at @BotFather, then remove the bot from its groups and add it again; or make it an admin there"
        )
        say(str(Line("groups", ok=True, detail=detail, mend=mend)))
    if me.supports_inline_queries:
        mend = "/setinlinefeedback at @BotFather, 100%: else each question needs a press of its button too"
        say(str(Line("inline", ok=True, detail="questions can be typed in any chat", mend=mend)))
    if settings.stream_mode is StreamMode.DRAFT and not has_drafts:
        detail = "STREAM_MODE is draft, and this server has no drafts: answers are edited"
        say(str(Line("drafts", ok=True, detail=detail, mend="STREAM_MODE=auto takes drafts where there are any")))
    if line := await _check_owner(settings, me.username or ""):
        say(str(line))
    return True, me.id


async def _has_drafts(bot: Bot) -> bool:
    """Tell whether the server knows the method, by a call that nobody can be shown; True where that stays unknown."""
    try:
        await bot(SendMessageDraft(chat_id=0, draft_id=1, text=""), request_timeout=5)
    except (TelegramAPIError, ClientDecodeError) as error:
        return not lacks_method(error)
    return True


def unreached(settings: Settings, error: TelegramAPIError | ClientDecodeError) -> Line:
    """Return the line that says why getMe failed."""
    is_telegrams = settings.telegram_api_url == Settings.model_fields["telegram_api_url"].default
    match error:
        case TelegramUnauthorizedError() | TelegramNotFound():
            detail = "the token is not known"
            mend = "copy the token again from @BotFather (/mybots) into BOT_TOKEN"
            mend += "" if is_telegrams else "; is TELEGRAM_API_URL right?"
        case TelegramNetworkError():
            proxy = settings.telegram_proxy
            reason = mask(cause_of(error), settings.require_token(), proxy.get_secret_value() if proxy else "")
            detail = f"cannot be reached: {reason}"
            mend = "is TELEGRAM_API_URL right, does that server run?"
            if is_telegrams:
                mend = "is the network up? Where only a proxy gets there, set TELEGRAM_PROXY"
            if proxy:
                mend = "does the proxy of TELEGRAM_PROXY run and let us through?" + (
                    "" if is_telegrams else f" And {mend}"
                )
        case _ if is_foreign(error):
            detail = "what answers is not a Bot API server, or does not work"
            mend = "try again in a moment" if is_telegrams else "is TELEGRAM_API_URL right?"
        case _:
            detail, mend = f"answers with an error: {error.message}", "try again in a moment"
    return Line("telegram", ok=False, detail=detail, mend=mend)


async def _check_owner(settings: Settings, username: str) -> Line | None:
    """Say so where nobody could use the bot, and how to come in."""
    if settings.access is AccessMode.OPEN or settings.admins:
        return None
    code, rules = await _stored_access(settings)
    if settings.access is AccessMode.PAIRING:
        mend = f"open https://t.me/{username}?start={code}" if code else "start the bot: its log shows the link to open"
        return None if "owner" in rules else Line("owner", ok=True, detail="nobody yet", mend=mend)
    if rules or settings.allowed_users or settings.allowed_chats:
        return None
    return Line("access", ok=True, detail="nobody has access", mend="put your Telegram id into ADMINS")


async def _stored_access(settings: Settings) -> tuple[str | None, frozenset[str]]:
    """Return the pairing code as long as it is unused, and by which rules somebody has access."""
    try:
        found = await inspect_at(settings.database_url) or Inspection()
    except (sqlite3.Error, DBAPIError, Unusable):  # told by check_database
        found = Inspection()
    return found.pairing_code, found.rules
