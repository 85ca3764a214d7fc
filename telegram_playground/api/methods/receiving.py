"""Methods that bring a bot its updates."""

import json
import re
from urllib.parse import urlsplit

from telegram_playground.api.context import Context
from telegram_playground.errors import bad_request
from telegram_playground.values import Values
from telegram_playground.wire import Json
from telegram_playground.world.people import Webhook
from telegram_playground.world.updates import webhook_is_active

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


async def get_updates(context: Context, method: Values) -> list[Json]:
    """Return what has happened since `offset`, waiting for it."""
    if context.bot.webhook:
        raise webhook_is_active()
    updates = context.bot.updates
    updates.allow(_wanted(method))
    limit = 100 if method.limit is None else method.limit
    batch = await updates.poll(method.offset or 0, limit, method.timeout or 0)
    return [json.loads(update.body) for update in batch]


async def set_webhook(context: Context, method: Values) -> bool:
    """Have updates sent to an address; an empty one ends it."""
    updates = context.bot.updates
    if not method.url:
        if method.drop_pending_updates:
            updates.clear()
        context.world.set_webhook(context.bot, None)
        return True
    try:
        parts = urlsplit(method.url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise bad_request("bad webhook: invalid webhook URL specified")
    if method.secret_token and not _SECRET.fullmatch(method.secret_token):
        raise bad_request("secret token contains unallowed characters")
    if method.drop_pending_updates:
        updates.clear()
    updates.allow(_wanted(method))
    connections = min(max(method.max_connections or 40, 1), 100)
    webhook = Webhook(
        method.url, method.secret_token or "", connections, method.ip_address or "", bool(method.certificate)
    )
    context.world.set_webhook(context.bot, webhook)
    return True


async def delete_webhook(context: Context, method: Values) -> bool:
    """Go back to getUpdates."""
    if method.drop_pending_updates:
        context.bot.updates.clear()
    context.world.set_webhook(context.bot, None)
    return True


async def get_webhook_info(context: Context, method: Values) -> Json:
    """Tell where updates are sent."""
    bot, webhook = context.bot, context.bot.webhook
    info: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": bool(webhook and webhook.has_certificate),
        "pending_update_count": len(bot.updates),
    }
    if webhook:
        info["max_connections"] = webhook.max_connections
        if webhook.ip_address:
            info["ip_address"] = webhook.ip_address
        if webhook.last_error:
            info |= {"last_error_date": webhook.last_error_date, "last_error_message": webhook.last_error}
    if bot.updates.allowed is not None:
        info["allowed_updates"] = bot.updates.allowed
    return info


def _wanted(method: Values) -> list[str] | None:
    """Return the kinds of updates that a call asks for; None where it says nothing that can be read."""
    value = method.allowed_updates
    try:
        kinds = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    return [kind for kind in kinds if isinstance(kind, str)] if isinstance(kinds, list) else None


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
