"""What an inline result will show when somebody chooses it."""

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.methods.media import caption_of, file_of, media_content
from telegram_playground.api.methods.paying import invoice_of
from telegram_playground.api.methods.sending import preview
from telegram_playground.api.methods.sharing import contact_json, location_json, venue_json
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import parse
from telegram_playground.text.rich import message as rich
from telegram_playground.world.files import File
from telegram_playground.world.media import file_content

_FILES = {  # kinds of results and the field that names the file, if it was not sent before
    "photo": "photo_url",
    "gif": "gif_url",
    "mpeg4_gif": "mpeg4_url",
    "video": "video_url",
    "audio": "audio_url",
    "voice": "voice_url",
    "document": "document_url",
    "sticker": "sticker_file_id",
}
_KINDS = {"gif": "animation", "mpeg4_gif": "animation"}
_EMPTY = File("AgACnothing", "nothing", "file", "application/octet-stream", b"", "")


async def result_content(context: Context, result: Values) -> tuple[Json, Json | None]:
    """Return a result's content and keyboard; raises ApiError for one that Telegram refuses.

    Files by address are named, not fetched: Telegram fetches them only when somebody chooses the result.
    """
    markup = markup_json(getattr(result, "reply_markup", None), inline=True)
    shown = getattr(result, "input_message_content", None)
    if shown is not None:
        return _written(context, shown), markup
    if result.type in _FILES:
        return await _file(context, result), markup
    if result.type == "location":
        return {"location": location_json(result)}, markup
    if result.type == "venue":
        venue = venue_json(result)
        return {"venue": venue, "location": venue["location"]}, markup
    if result.type == "contact":
        return {"contact": contact_json(result)}, markup
    raise bad_request(f"not simulated: inline results of type {result.type}")


def _written(context: Context, shown: Values) -> Json:
    match shown.kind:
        case "InputTextMessageContent":
            formatted = context.settled(parse(shown.message_text, shown.parse_mode, shown.entities))
            context.check_length(formatted.text, "message is too long")
            return formatted.content() | preview(shown, formatted)
        case "InputRichMessageContent":
            return {"rich_message": rich.read(shown.rich_message)}
        case "InputLocationMessageContent":
            return {"location": location_json(shown)}
        case "InputVenueMessageContent":
            venue = venue_json(shown)
            return {"venue": venue, "location": venue["location"]}
        case "InputContactMessageContent":
            return {"contact": contact_json(shown)}
    return {"invoice": invoice_of(shown).json()}


async def _file(context: Context, result: Values) -> Json:
    kind = _KINDS.get(result.type, result.type)
    cached = _FILES[result.type].replace("_url", "_file_id")
    field = next(name for name in (_FILES[result.type], cached) if result.has(name))
    named: str = getattr(result, field)
    if field.endswith("_url"):
        if not named.startswith(("http://", "https://")):
            raise bad_request("WEBDOCUMENT_URL_INVALID")
        content = file_content(kind, _EMPTY)
        formatted = context.settled(caption_of(result), can_be_empty=True)
        return content | formatted.content(text="caption", entities="caption_entities")
    return media_content(context, kind, await file_of(context, named, kind), caption_of(result), {})
