"""Methods that bring a bot its updates."""

import ipaddress
import json
import re
from urllib.parse import urlsplit

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world.calls import TOPIC
from telegram_playground.world.people import Webhook
from telegram_playground.world.updates import webhook_is_active

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_MAX_SECRET, _MAX_CERTIFICATE_BYTES = 256, 3 << 20
_CONNECTIONS = 40  # unless the bot says otherwise: 1 to 100


async def get_updates(context: Context, method: Values) -> list[Json]:
    """Return what has happened since `offset`, waiting for it."""
    if context.bot.webhook:
        raise webhook_is_active()
    updates = context.bot.updates
    updates.allow(_wanted(method))
    updates.asked()
    context.world.feed.changed(TOPIC)
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
    url, secret = _address(method.url), method.secret_token or ""
    if len(secret) > _MAX_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    certificate = context.uploads.get(str(method.certificate).removeprefix("attach://"))
    if certificate and len(certificate.data) > _MAX_CERTIFICATE_BYTES:
        raise bad_request(f"certificate size is too big ({len(certificate.data)} bytes)")
    _check_ip(method.ip_address or "")
    if method.drop_pending_updates:
        updates.clear()
    updates.allow(_wanted(method))
    wanted = _CONNECTIONS if method.max_connections is None else method.max_connections
    shown = certificate.data.decode("ascii", "replace") if certificate else ""
    connections = min(max(wanted, 1), 100)
    webhook = Webhook(url, secret, connections, method.ip_address or "", certificate is not None, shown)
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


def _address(url: str) -> str:
    """Return the address of a webhook, https where it names no protocol; raises ApiError where it is none."""
    whole = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(whole)
        valid = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", whole):
        raise bad_request("invalid webhook URL specified")
    return whole


def _check_ip(address: str) -> None:
    try:
        ipaddress.ip_address(address or "127.0.0.1")
    except ValueError:
        raise bad_request("bad webhook: Invalid IP address specified") from None


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
