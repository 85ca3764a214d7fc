"""What people do beside writing: choose, forward, share, vote, pay, join; as Telegram's apps do it."""

from collections.abc import Sequence

from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import MAX_CAPTION, parse, settle
from telegram_playground.text.spans import utf16_length
from telegram_playground.world import membership
from telegram_playground.world.audience import is_service, sees
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.files import File
from telegram_playground.world.forwards import origin
from telegram_playground.world.media import ALBUM_KINDS, file_content, kind_of
from telegram_playground.world.payments import Invoice, Payment
from telegram_playground.world.people import Bot, User
from telegram_playground.world.queries import Queries, Query
from telegram_playground.world.state import World
from telegram_playground.world.writing import Person

_ALBUM = range(2, 11)
_MAX_TOPIC = 32  # characters of a topic's name that follows from its first message
_WEB_APP_BYTES = 4096  # core.telegram.org/bots/api#webappdata


def choose(person: Person, query: Query, result_id: str, *, topic: int | None = None) -> Message:
    """Send an inline result into the chat; its bot is told. Raises ApiError where there is no such result."""
    person.check(topic)
    if query.user is not person.user or result_id not in query.results:
        raise bad_request("there is no such result")
    content, markup = query.results[result_id]
    world = person.world
    extra = {"via_bot": query.bot.user.json()}
    person.start()
    message = world.post(person.chat, person.user, dict(content), thread_id=topic, markup=markup, extra=extra)
    chosen: Json = {"result_id": result_id, "from": person.user.json(), "query": query.text}
    if markup:  # without a keyboard there is nothing to edit by; core.telegram.org/bots/api#choseninlineresult
        world.keep_inline(message, f"AQ{world.random.randrange(16**16):016x}")
        chosen["inline_message_id"] = message.inline_id
    if query.bot.tells_inline_choices:
        query.bot.updates.add("chosen_inline_result", chosen)
    return message


def send_album(person: Person, items: Sequence[tuple[File, str, str]], *, topic: int | None) -> list[Message]:
    """Send files as one album, each with its kind and caption; raises ApiError."""
    person.check(topic)
    if len(items) not in _ALBUM:
        raise bad_request("an album has 2 to 10 files")
    kinds = [kind or kind_of(file.mime) for file, kind, _ in items]
    if not any(set(kinds) <= together for together in ALBUM_KINDS):
        raise bad_request("these kinds do not go together in an album")
    contents = []
    for kind, (file, _, caption) in zip(kinds, items, strict=True):
        formatted = settle(parse(caption, None, (), can_be_empty=True), person.world.roster.account, can_be_empty=True)
        if utf16_length(formatted.text) > MAX_CAPTION:
            raise bad_request("message caption is too long")
        contents.append(file_content(kind, file) | formatted.content(text="caption", entities="caption_entities"))
    album = {"media_group_id": str(person.world.random.randrange(10**16, 10**17))}
    return [person.post(content, topic=topic, extra=album) for content in contents]


def forward(
    person: Person, source: Chat, message_ids: Sequence[int], *, comment: str, topic: int | None
) -> list[Message]:
    """Forward messages of a chat, after a comment if there is one; raises ApiError."""
    person.check(topic)
    if not source.has(person.user.id):
        raise bad_request("the user is not a member of the chat")
    there = [source.messages[each] for each in message_ids if each in source.messages]
    originals = [each for each in there if sees(person.user, each)]
    if len(originals) != len(message_ids) or not originals:
        raise bad_request("message to forward not found")
    if any(is_service(each) or each.extra.get("has_protected_content") for each in originals):
        raise bad_request("message can't be forwarded")
    if comment:
        person.write(comment, topic=topic)
    albums: dict[str, str] = {}
    sent = []
    for each in originals:
        extra: Json = {"forward_origin": origin(each)}
        if "media_group_id" in each.extra:
            fresh = str(person.world.random.randrange(10**16, 10**17))
            extra["media_group_id"] = albums.setdefault(each.extra["media_group_id"], fresh)
        sent.append(person.post(dict(each.content), topic=topic, extra=extra))
    return sent


def share(person: Person, content: Json, *, topic: int | None) -> Message:
    """Send a contact, a place or a die."""
    person.check(topic)
    return person.post(content, topic=topic)


def open_topic(person: Person, text: str) -> int:
    """Open a topic of a private chat as its first message does, which names it; returns its id. Raises ApiError."""
    if not any(bot.has_topics_enabled for bot in person.chat.bots.values()) or not person.chat.user:
        raise bad_request("the chat has no topics")
    name = " ".join(text.split())[:_MAX_TOPIC] or "New topic"
    return membership.add_topic(person.world, person.chat, name, by=person.user, implicit=True).thread_id


def web_app_data(person: Person, button: str, data: str) -> Message:
    """Send what a web app opened by a button of the keyboard hands over; raises ApiError."""
    person.check(None)
    if person.chat.type != "private" or len(data.encode()) > _WEB_APP_BYTES:
        raise bad_request("a web app hands over at most 4096 bytes, in a private chat")
    return person.post({"web_app_data": {"data": data, "button_text": button}})


def join(world: World, user: User, link: str) -> tuple[Chat, bool]:
    """Follow an invite link: join, or ask to. Returns the chat and whether they are in; raises ApiError."""
    for chat in world.chats.values():
        invite = chat.invites.get(link)
        if invite is None:
            continue
        now = world.clock.wall()
        spent = invite.limit and invite.uses >= invite.limit
        if invite.is_revoked or spent or (invite.expires and invite.expires < now):
            raise bad_request("the invite link has expired")
        if chat.status(user.id) == "kicked":
            raise bad_request("the user is banned in the chat")
        if chat.has(user.id):
            return chat, True
        if invite.by_request:
            chat.requests[user.id] = user
            asked = {"chat": chat.json(), "from": user.json(), "user_chat_id": user.id, "date": int(now)}
            for bot in chat.bots.values():
                if chat.may(bot.id, "can_invite_users"):
                    bot.updates.add("chat_join_request", {**asked, "invite_link": invite.json()})
            return chat, False
        invite.uses += 1
        membership.join(world, chat, user, by=user, invite=invite)
        return chat, True
    raise bad_request("there is no such invite link")


async def pay(
    world: World, queries: Queries, user: User, chat: Chat, bot: Bot, invoice: Invoice, *, address: Json | None
) -> Payment:
    """Pay an invoice: the bot is asked, and told when it is done. Raises ApiError where the bot does not agree."""
    more: Json = {}
    if invoice.is_flexible:
        if address is None:
            raise bad_request("the invoice asks for an address")
        query = queries.pay("shipping", chat, user, bot, invoice, {"shipping_address": address})
        answer = await query.answered
        if not answer or not answer["ok"]:
            raise bad_request(f"no delivery: {(answer or {}).get('error_message') or 'the bot did not answer'}")
        more = {"shipping_option_id": answer["options"][0]["id"]}
    if address is not None:
        more["order_info"] = {"shipping_address": address}
    query = queries.pay("pre_checkout", chat, user, bot, invoice, more)
    answer = await query.answered
    if not answer or not answer["ok"]:
        raise bad_request(f"no payment: {(answer or {}).get('error_message') or 'the bot did not answer'}")
    charge = f"charge_{world.random.randrange(16**12):012x}"
    payment = Payment(charge, bot.id, user, invoice, int(world.clock.wall()))
    world.payments[charge] = payment
    world.post(chat, user, {"successful_payment": payment.json() | more})
    return payment
