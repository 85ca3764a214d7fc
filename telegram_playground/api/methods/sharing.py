"""Methods that send a place, a person's number or a die."""

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.methods.editing import edit
from telegram_playground.api.methods.sending import send
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Message

DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}  # core.telegram.org/bots/api#dice
_LIVE = range(60, 86401)  # seconds; core.telegram.org/bots/api#sendlocation
_FOR_EVER = 0x7FFFFFFF
_MAX_HEADING, _MAX_DISTANCE, _MAX_ACCURACY = 360, 100_000, 1500.0
_OPTIONAL = ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type")


async def send_location(context: Context, method: Values) -> Json:
    """Send a point on the map, which may move for a while."""
    location = location_json(method)
    return await send(context, method, lambda: {"location": location})


async def send_venue(context: Context, method: Values) -> Json:
    """Send a place with its name and address."""
    venue = venue_json(method)
    return await send(context, method, lambda: {"venue": venue, "location": venue["location"]})


async def send_contact(context: Context, method: Values) -> Json:
    """Send a telephone number and whose it is."""
    contact = contact_json(method)
    return await send(context, method, lambda: {"contact": contact})


async def send_dice(context: Context, method: Values) -> Json:
    """Throw a die; the server knows what comes up."""
    emoji = method.emoji or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong dice emoji specified")
    return await send(
        context, method, lambda: {"dice": {"emoji": emoji, "value": context.world.random.randint(1, DICE[emoji])}}
    )


async def edit_live_location(context: Context, method: Values) -> Json | bool:
    """Move a live location."""
    location = location_json(method)
    return await edit(context, method, lambda message: _moved(message, location), _markup(method))


async def stop_live_location(context: Context, method: Values) -> Json | bool:
    """Let a live location stay where it is."""

    def content(message: Message) -> Json:
        shown = _live(message)
        return {"location": {name: shown[name] for name in ("latitude", "longitude")}}

    return await edit(context, method, content, _markup(method))


def location_json(method: Values) -> Json:
    """Return a checked Location; raises ApiError."""
    if not (abs(method.latitude) <= 90 and abs(method.longitude) <= 180):
        raise bad_request("wrong location specified")
    location: Json = {"latitude": round(method.latitude, 6), "longitude": round(method.longitude, 6)}
    period = getattr(method, "live_period", None)
    if period:
        if period not in _LIVE and period != _FOR_EVER:
            raise bad_request("wrong live location period specified")
        location["live_period"] = period
    for name, limit in (("heading", _MAX_HEADING), ("proximity_alert_radius", _MAX_DISTANCE)):
        value = getattr(method, name, None)
        if value:
            if not 0 < value <= limit:
                raise bad_request(f"wrong live location {name.replace('_', ' ')} specified")
            location[name] = value
    accuracy = getattr(method, "horizontal_accuracy", None)
    if accuracy:
        location["horizontal_accuracy"] = min(max(accuracy, 0.0), _MAX_ACCURACY)
    return location


def venue_json(method: Values) -> Json:
    """Return a checked Venue; raises ApiError."""
    if not method.title.strip() or not method.address.strip():
        raise bad_request("venue title and address must be non-empty")
    venue: Json = {"location": location_json(method), "title": method.title, "address": method.address}
    return venue | {name: getattr(method, name) for name in _OPTIONAL if getattr(method, name, None)}


def contact_json(method: Values) -> Json:
    """Return a checked Contact; raises ApiError."""
    if not method.phone_number.strip():
        raise bad_request("phone number must be non-empty")
    if not method.first_name.strip():
        raise bad_request("first name must be non-empty")
    contact = {"phone_number": method.phone_number.strip(), "first_name": method.first_name}
    return contact | {name: getattr(method, name) for name in ("last_name", "vcard") if getattr(method, name, None)}


def _moved(message: Message, location: Json) -> Json:
    period = location.get("live_period") or _live(message)["live_period"]
    return {"location": {**location, "live_period": period}}


def _live(message: Message) -> Json:
    shown: Json = message.content.get("location", {})
    if "live_period" not in shown or "venue" in message.content:
        raise bad_request("message can't be edited")
    return shown


def _markup(method: Values) -> Json | None:
    return markup_json(method.reply_markup, inline=True)


METHODS = {
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendDice": send_dice,
    "editMessageLiveLocation": edit_live_location,
    "stopMessageLiveLocation": stop_live_location,
}
