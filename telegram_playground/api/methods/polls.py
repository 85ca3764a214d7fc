"""Methods about polls."""

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.methods.media import file_of, said_with
from telegram_playground.api.methods.sending import send
from telegram_playground.api.methods.sharing import location_json, venue_json
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import parse
from telegram_playground.world.media import file_content, live_photo
from telegram_playground.world.polls import Poll
from telegram_playground.world.voting import close, expire

_MAX_QUESTION, _MAX_OPTION, _MAX_EXPLANATION = 300, 100, 200  # characters; core.telegram.org/bots/api#sendpoll
_MAX_DESCRIPTION, _MAX_COUNTRIES = 1024, 12
_OPTIONS = range(1, 13)
_OPEN = range(5, 2_628_001)  # seconds


async def send_poll(context: Context, method: Values) -> Json:
    """Ask something, with answers to choose from."""
    question = _short(context, method.question, method.question_parse_mode, method.question_entities, "question")
    if len(method.options) not in _OPTIONS:
        raise bad_request(f"poll must have at {'most 12' if method.options else 'least 1'} option")
    options = [
        {"persistent_id": str(number), **await _option(context, each)} for number, each in enumerate(method.options)
    ]
    poll = Poll(str(context.world.random.randrange(10**18, 10**19)), context.bot.id, question, options)
    _set(context, poll, method)
    poll.media = await _media(context, method.media)
    poll.explanation_media = await _media(context, method.explanation_media) if poll.is_quiz else {}

    sent = await send(context, method, lambda: {"poll": poll.json()})
    context.world.polls[poll.id] = poll
    if poll.close_date:
        context.world.tasks.start(expire(context.world, poll))
    return sent


async def stop_poll(context: Context, method: Values) -> Json:
    """Close a poll."""
    markup = markup_json(method.reply_markup, inline=True)
    chat = context.writable(method.chat_id)
    message = context.own(chat, method.message_id)
    poll = context.world.polls.get(message.content.get("poll", {}).get("id", ""))
    if poll is None:
        raise bad_request("message with poll to stop not found")
    if poll.is_closed:
        raise bad_request("poll has already been closed")
    await context.admit(chat)
    message.markup = markup
    close(context.world, poll)
    return poll.json()


def _set(context: Context, poll: Poll, method: Values) -> None:
    """Take over what is said of the poll; raises ApiError."""
    if method.type not in (None, "", "regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    poll.is_anonymous = method.is_anonymous is not False
    poll.is_quiz = method.type == "quiz"
    poll.several = bool(method.allows_multiple_answers)
    poll.revotes = not poll.is_quiz and method.allows_revoting is not False
    poll.is_closed = bool(method.is_closed)
    if poll.is_quiz:
        poll.correct = method.correct_option_ids or []
        if not poll.correct and method.correct_option_id is not None:
            poll.correct = [method.correct_option_id]
        if not poll.correct or any(not 0 <= number < len(poll.options) for number in poll.correct):
            raise bad_request("wrong correct option ID specified")
        if method.explanation:
            said = (method.explanation, method.explanation_parse_mode, method.explanation_entities)
            poll.explanation = _named("explanation", _short(context, *said, "explanation"))
    if method.description:
        said = (method.description, method.description_parse_mode, method.description_entities)
        poll.description = _named("description", _short(context, *said, "description"))
    poll.members_only, poll.countries = bool(method.members_only), (method.country_codes or [])[:_MAX_COUNTRIES]
    now = int(context.world.clock.wall())
    if method.open_period:
        if method.open_period not in _OPEN:
            raise bad_request("wrong poll open period specified")
        poll.open_period, poll.close_date = method.open_period, now + method.open_period
    elif method.close_date:
        if method.close_date - now not in _OPEN:
            raise bad_request("wrong poll close date specified")
        poll.close_date = method.close_date


async def _option(context: Context, option: Values | str) -> Json:
    if isinstance(option, str):
        return _short(context, option, None, None, "option")
    shown = _short(context, option.text, option.text_parse_mode, option.text_entities, "option")
    media = await _media(context, option.media)
    return shown | ({"media": media} if media else {})


async def _media(context: Context, item: Values | None) -> Json:
    """Return a PollMedia, {} for none; raises ApiError."""
    if item is None:
        return {}
    match item.type:
        case "location":
            return {"location": location_json(item)}
        case "venue":
            return {"venue": venue_json(item)}
        case "link":
            return {"link": {"url": item.url}}
    file, said = await file_of(context, item.media, item.type), await said_with(context, item)
    if item.type == "live_photo":
        return {"live_photo": live_photo(file, said["still"])["live_photo"]}
    return file_content(item.type, file, said)


def _named(name: str, text: Json) -> Json:
    """Return a text and its entities as fields of a poll."""
    fields = {"text": name, "entities": f"{name}_entities"}
    return {fields[field]: value for field, value in text.items()}


def _short(context: Context, text: str, mode: str | None, entities: list[Values] | None, name: str) -> Json:
    limit = {"question": _MAX_QUESTION, "option": _MAX_OPTION, "description": _MAX_DESCRIPTION}.get(
        name, _MAX_EXPLANATION
    )
    if not text or not text.strip():
        raise bad_request(f"poll {name} must be non-empty")
    formatted = context.settled(parse(text, mode, entities))
    if len(formatted.text) > limit:
        raise bad_request(f"poll {name} length must not exceed {limit}")
    return formatted.content(entities="text_entities" if name == "option" else "entities")


METHODS = {"sendPoll": send_poll, "stopPoll": stop_poll}
