"""What people do beside writing, and what bots hear and do of it."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from telegram_playground.server import Playground
from tests.telegram_playground.raw_bot import RawBot, answer_of

BOT = 42
KEY = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (4000).to_bytes(4, "big") + (2000).to_bytes(4, "big") + b"\x08\x02\0\0\0"


def article(result_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "article", "id": result_id, "title": "T", "input_message_content": {"message_text": text}, **more}


def heard(playground: Playground, kind: str) -> list[Any]:
    """Return what the bot is told of a kind, oldest first."""
    updates = [json.loads(update.body) for update in playground.world.bots[BOT].updates.waiting()]
    return [update[kind] for update in updates if kind in update]


async def asked(playground: Playground, kind: str) -> Any:
    """Wait until the bot is asked something."""
    while not heard(playground, kind):
        await playground.world.bots[BOT].updates.arrival()
    return heard(playground, kind)[-1]


async def test_an_inline_result_is_chosen_and_edited(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bot: Bot, playground: Playground
) -> None:
    await people.command("bot", id=bot.id, supports_inline_queries=True)
    typing = asyncio.create_task(
        people.command("inline", chat=group.key, user=ann.id, bot=bot.id, query="cats", wait=5)
    )
    query = await asked(playground, "inline_query")
    results = [article("1", "*One*", reply_markup=KEY), article("2", "Two")]
    assert await raw("answerInlineQuery", inline_query_id=query["id"], results=results)
    assert [each["id"] for each in (await typing)["results"]] == ["1", "2"]

    chosen = {"chat": group.key, "user": ann.id, "inline_query_id": query["id"]}
    message = await people.command("choose", **chosen, result_id="1")

    assert (message["text"], message["via_bot"]["id"], message["from"]["id"]) == ("*One*", bot.id, ann.id)
    told = heard(playground, "chosen_inline_result")[-1]
    assert (told["result_id"], told["query"], told["from"]["id"]) == ("1", "cats", ann.id)
    assert await raw("editMessageText", inline_message_id=told["inline_message_id"], text="New") is True
    assert (await people.message(group, message["message_id"])).text == "New"
    await people.command("choose", **chosen, result_id="2")
    assert "inline_message_id" not in heard(playground, "chosen_inline_result")[-1]
    with pytest.raises(PlaygroundError, match="no such result"):
        await people.command("choose", **chosen, result_id="3")


async def test_a_file_is_fetched_by_its_address(raw: RawBot, chat: Chat) -> None:
    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=PNG, content_type="image/png")

    app = web.Application()
    app.router.add_get("/a.png", picture)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        sizes = (await raw("sendPhoto", chat_id=chat.id, photo=f"{address}/a.png"))["photo"]
        assert [(size["width"], size["height"]) for size in sizes] == [(90, 45), (320, 160), (800, 400), (1280, 640)]
        assert (await raw("getFile", file_id=sizes[0]["file_id"]))["file_path"]
        assert await raw.refused("sendPhoto", chat_id=chat.id, photo=f"{address}/none") == (
            "Bad Request: failed to get HTTP URL content"
        )
    finally:
        await runner.cleanup()


async def test_an_invoice_in_stars_is_paid_and_given_back(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, playground: Playground
) -> None:
    invoice = {"title": "Tea", "description": "A cup", "payload": "p1", "currency": "XTR"}
    sent = await raw("sendInvoice", chat_id=chat.id, **invoice, prices=[{"label": "Tea", "amount": 5}])
    assert sent["invoice"]["total_amount"] == 5
    paying = asyncio.create_task(people.command("pay", chat=chat.key, user=ann.id, message_id=sent["message_id"]))
    query = await asked(playground, "pre_checkout_query")
    assert (query["invoice_payload"], query["total_amount"]) == ("p1", 5)
    assert await raw("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)

    payment = await paying

    told = (heard(playground, "message")[-1])["successful_payment"]
    assert told == payment
    assert await raw("getMyStarBalance") == {"amount": 5}
    charge = told["telegram_payment_charge_id"]
    assert await raw("refundStarPayment", user_id=ann.id, telegram_payment_charge_id=charge)
    assert heard(playground, "message")[-1]["refunded_payment"]["telegram_payment_charge_id"] == charge
    assert await raw("getMyStarBalance") == {"amount": 0}
    assert len((await raw("getStarTransactions"))["transactions"]) == 2
    assert await raw.refused("refundStarPayment", user_id=ann.id, telegram_payment_charge_id=charge) == (
        "Bad Request: CHARGE_ALREADY_REFUNDED"
    )


async def test_people_vote_and_the_bot_is_told(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bob: User, playground: Playground
) -> None:
    options = [{"text": "Yes"}, {"text": "No"}]
    asked = {"chat_id": group.id, "question": "Well?", "options": options, "is_anonymous": False}
    poll = await raw("sendPoll", **asked)
    for user, chosen in ((ann, [0]), (bob, [1]), (bob, [])):
        await people.command("vote", chat=group.key, user=user.id, message_id=poll["message_id"], options=chosen)

    answers = [answer["option_ids"] for answer in heard(playground, "poll_answer")]
    assert answers == [[0], [1], []]
    closed = await raw("stopPoll", chat_id=group.id, message_id=poll["message_id"])
    assert (closed["is_closed"], closed["total_voter_count"]) == (True, 1)
    with pytest.raises(PlaygroundError, match="closed"):
        await people.command("vote", chat=group.key, user=bob.id, message_id=poll["message_id"], options=[1])


async def test_albums_forwards_and_shared_things_of_people(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, bot: Bot, playground: Playground
) -> None:
    form = aiohttp.FormData({"chat": chat.key, "user": str(ann.id), "caption": "Both"})
    for name in ("a", "b"):
        form.add_field(name, PNG, filename=f"{name}.png", content_type="image/png")
    async with raw.session.post(f"{raw.base.rpartition('/')[0]}/playground/send_album", data=form) as response:
        album = (await response.json())["result"]
    assert len({message["media_group_id"] for message in album}) == 1
    assert [message.get("caption") for message in album] == ["Both", None]

    ids = [message["message_id"] for message in album]
    how = {"chat": chat.key, "user": ann.id, "from": chat.key, "message_ids": ids, "comment": "See"}
    forwarded = await people.command("forward", **how)
    comment, *rest = heard(playground, "message")[-3:]
    assert comment["text"] == "See"
    assert [message["forward_origin"]["sender_user"]["id"] for message in rest] == [ann.id] * 2
    assert forwarded[0]["media_group_id"] == forwarded[1]["media_group_id"] != album[0]["media_group_id"]

    own = await people.command("share", chat=chat.key, user=ann.id)
    assert own["contact"]["user_id"] == ann.id
    place = await people.command("share", chat=chat.key, user=ann.id, location={"latitude": 1, "longitude": 2})
    assert place["location"] == {"latitude": 1, "longitude": 2}
    data = await people.command("web_app_data", chat=chat.key, user=ann.id, button="Open", data="{}")
    assert data["web_app_data"] == {"data": "{}", "button_text": "Open"}


async def test_people_edit_in_bulk_or_not_at_all(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, playground: Playground
) -> None:
    ids = [(await people.write(chat, ann, text)).message_id for text in ("a", "b")]
    edits = [{"message_id": each, "text": f"new {each}"} for each in ids]
    with pytest.raises(PlaygroundError):
        await people.command("edit_many", chat=chat.key, user=ann.id, edits=[*edits, {"message_id": 999, "text": "x"}])
    assert not heard(playground, "edited_message")

    await people.command("edit_many", chat=chat.key, user=ann.id, edits=edits)
    texts = [message["text"] for message in heard(playground, "edited_message")]
    assert texts == [f"new {each}" for each in ids]


async def test_a_first_message_opens_a_topic(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, bot: Bot, playground: Playground
) -> None:
    await people.command("bot", id=bot.id, has_topics_enabled=True)
    message = await people.command("write", chat=chat.key, user=ann.id, text="About cats", new_topic=True)

    created = heard(playground, "message")[-2]["forum_topic_created"]
    assert (created["name"], created["is_name_implicit"]) == ("About cats", True)
    assert message["message_thread_id"]


async def test_links_let_people_in_or_ask(
    raw: RawBot, people: PlaygroundClient, group: Chat, bot: Bot, playground: Playground
) -> None:
    carl, dora = await people.add_user("Carl"), await people.add_user("Dora")
    assert "not enough rights" in await raw.refused("createChatInviteLink", chat_id=group.id)
    await people.promote(group, bot)
    link = (await raw("createChatInviteLink", chat_id=group.id, name="One", member_limit=1))["invite_link"]
    assert (await people.command("join", user=carl.id, link=link))["joined"]
    with pytest.raises(PlaygroundError, match="expired"):
        await people.command("join", user=dora.id, link=link)
    asking = (await raw("createChatInviteLink", chat_id=group.id, creates_join_request=True))["invite_link"]
    assert not (await people.command("join", user=dora.id, link=asking))["joined"]
    request = heard(playground, "chat_join_request")[-1]
    assert (request["from"]["id"], request["invite_link"]["invite_link"]) == (dora.id, asking)
    assert await raw("approveChatJoinRequest", chat_id=group.id, user_id=dora.id)
    assert (await raw("getChatMember", chat_id=group.id, user_id=dora.id))["status"] == "member"
    assert (await raw("revokeChatInviteLink", chat_id=group.id, invite_link=asking))["is_revoked"]


async def test_a_bot_governs_a_group(raw: RawBot, people: PlaygroundClient, group: Chat, bot: Bot, bob: User) -> None:
    who = {"chat_id": group.id, "user_id": bob.id}
    assert "not enough rights" in await raw.refused("banChatMember", **who)
    await people.promote(group, bot)
    assert await raw("restrictChatMember", **who, permissions={"can_send_photos": True})
    member = await raw("getChatMember", **who)
    assert (member["status"], member["can_send_messages"], member["can_send_videos"]) == ("restricted", True, False)
    assert await raw("restrictChatMember", **who, permissions={})
    with pytest.raises(PlaygroundError, match="may not write"):
        await people.write(group, bob, "x")
    assert await raw("promoteChatMember", **who, can_pin_messages=True)
    assert await raw("setChatAdministratorCustomTitle", **who, custom_title="Boss")
    member = await raw("getChatMember", **who)
    assert (member["custom_title"], member["can_pin_messages"], member["can_invite_users"]) == ("Boss", True, False)
    assert await raw.refused("banChatMember", **who) == "Bad Request: user is an administrator of the chat"
    assert await raw("promoteChatMember", **who)
    assert await raw("banChatMember", **who)
    assert (await raw("getChatMember", **who))["status"] == "kicked"
    assert await raw("unbanChatMember", **who, only_if_banned=True)
    assert (await raw("getChatMember", **who))["status"] == "left"
    assert await raw("setChatTitle", chat_id=group.id, title="New")
    assert await raw("setChatPermissions", chat_id=group.id, permissions={"can_send_messages": True})
    chat = await raw("getChat", chat_id=group.id)
    assert (chat["title"], chat["permissions"]["can_send_polls"]) == ("New", False)


async def test_people_have_profile_pictures(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, playground: Playground
) -> None:
    for width in (1, 2):
        gif = b"GIF89a" + width.to_bytes(2, "little") + b"\1\0"
        await people.upload("set_photo", [("a.gif", "image/gif", gif)], user=ann.id)
    with pytest.raises(PlaygroundError):
        await people.upload("set_photo", [("a.txt", "text/plain", b"text")], user=ann.id)

    found = await raw("getUserProfilePhotos", user_id=ann.id, limit=1)
    assert (found["total_count"], found["photos"][0][-1]["width"]) == (2, 2)
    small = (await raw("getChat", chat_id=chat.id))["photo"]["small_file_id"]
    assert (await raw("getFile", file_id=small))["file_size"] == 10
    assert playground.world.files.count == 2


async def test_a_ban_takes_no_message_away_and_ends_at_its_time(
    raw: RawBot, people: PlaygroundClient, group: Chat, bot: Bot, bob: User, playground: Playground
) -> None:
    who = {"chat_id": group.id, "user_id": bob.id}
    await people.promote(group, bot)
    written = await people.write(group, bob, "still here")
    now = int(playground.world.clock.wall())

    await raw("restrictChatMember", **who, permissions={}, until_date=now + 100)
    await people.command("advance", seconds=101)
    assert (await raw("getChatMember", **who))["status"] == "member"
    await raw("banChatMember", **who, until_date=now + 1000, revoke_messages=True)
    assert written.message_id in {message["message_id"] for message in await people.command("messages", chat=group.key)}
    await people.command("advance", seconds=800)
    assert (await raw("getChatMember", **who))["status"] == "kicked"
    await people.command("advance", seconds=200)
    assert (await raw("getChatMember", **who))["status"] == "left"


async def test_a_channel_is_signed_and_discussed(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bot: Bot, playground: Playground
) -> None:
    made = await people.command("add_group", title="News", members=[ann.id], bots=[bot.id], kind="channel", signs=True)
    await people.command("link_group", chat=made["key"], group=group.key)
    await people.promote(group, bot)
    await people.command("write", chat=made["key"], user=ann.id, text="Hello")

    post = heard(playground, "channel_post")[-1]
    assert (post["author_signature"], post["sender_chat"]["id"], "from" in post) == ("Ann", made["id"], False)
    discussed = heard(playground, "message")[-1]
    assert (discussed["is_automatic_forward"], discussed["from"]["id"]) == (True, 777_000)
    assert (await raw("sendMessage", chat_id=made["id"], text="Mine"))["chat"]["type"] == "channel"


async def test_what_is_said_of_a_message_is_echoed(raw: RawBot, chat: Chat) -> None:
    to = {"chat_id": chat.id}
    message = await raw(
        "sendMessage", **to, text="x.com", protect_content=True, link_preview_options={"is_disabled": True}
    )
    assert (message["has_protected_content"], message["link_preview_options"]) == (True, {"is_disabled": True})
    source = {"from_chat_id": chat.id, "message_id": message["message_id"]}
    assert "protected" in await raw.refused("forwardMessage", **to, **source)
    assert await raw("copyMessage", **to, **source)
    form = aiohttp.FormData({"chat_id": str(chat.id), "audio": "attach://a", "performer": "P", "title": "T"})
    form.add_field("duration", "7")
    form.add_field("a", b"abc", filename="a.mp3", content_type="audio/mpeg")
    form.add_field("thumbnail", PNG, filename="t.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/sendAudio", data=form) as response:
        audio = (await answer_of(response)).result["audio"]
    assert (audio["performer"], audio["title"], audio["duration"]) == ("P", "T", 7)
    assert audio["thumbnail"]["width"] == 4000
    form = aiohttp.FormData({"chat_id": str(chat.id), "has_spoiler": "true", "show_caption_above_media": "1"})
    form.add_field("caption", "c")
    form.add_field("photo", PNG, filename="a.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/sendPhoto", data=form) as response:
        photo = (await answer_of(response)).result
    assert photo["has_media_spoiler"] is photo["show_caption_above_media"] is True
    media = {"type": "document", "media": audio["file_id"], "caption": "now a file"}
    edited = await raw("editMessageMedia", **to, message_id=photo["message_id"], media=media)
    assert (edited["caption"], "document" in edited, "photo" in edited) == ("now a file", True, False)


async def test_the_general_topic_is_closed_hidden_and_renamed(
    raw: RawBot, people: PlaygroundClient, ann: User, bot: Bot
) -> None:
    forum = await people.add_group("Forum", members=[ann], bots=[bot], forum=True)
    await people.promote(forum, bot)
    for method in ("closeGeneralForumTopic", "reopenGeneralForumTopic", "hideGeneralForumTopic"):
        assert await raw(method, chat_id=forum.id)
        assert await raw.refused(method, chat_id=forum.id) == "Bad Request: TOPIC_NOT_MODIFIED"
    assert await raw("unhideGeneralForumTopic", chat_id=forum.id)
    assert await raw("editGeneralForumTopic", chat_id=forum.id, name="All")


async def test_a_sticker_set_is_made_and_changed(raw: RawBot, chat: Chat, ann: User) -> None:
    name = "cats_by_test_bot"
    form = aiohttp.FormData({"user_id": str(ann.id), "name": name, "title": "Cats"})
    form.add_field("stickers", '[{"sticker": "attach://s", "emoji_list": ["🐱"], "format": "static"}]')
    form.add_field("s", PNG, filename="s.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/createNewStickerSet", data=form) as response:
        assert (await answer_of(response)).result is True
    (sticker,) = (await raw("getStickerSet", name=name))["stickers"]
    assert (sticker["emoji"], sticker["set_name"]) == ("🐱", name)
    assert await raw("setStickerEmojiList", sticker=sticker["file_id"], emoji_list=["🐈"])
    assert await raw("deleteStickerFromSet", sticker=sticker["file_id"])
    assert (await raw("getStickerSet", name=name))["stickers"] == []
    assert await raw("deleteStickerSet", name=name)
    assert await raw.refused("getStickerSet", name=name) == "Bad Request: STICKERSET_INVALID"


async def test_masks_have_a_place_and_a_supergroup_its_own_set(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bot: Bot
) -> None:
    name = "masks_by_test_bot"
    form = aiohttp.FormData({"user_id": str(ann.id), "name": name, "title": "Masks", "sticker_type": "mask"})
    form.add_field("stickers", '[{"sticker": "attach://s", "emoji_list": ["🎭"], "format": "static"}]')
    form.add_field("s", PNG, filename="s.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/createNewStickerSet", data=form) as response:
        assert (await answer_of(response)).result is True
    (sticker,) = (await raw("getStickerSet", name=name))["stickers"]
    place = {"point": "eyes", "x_shift": 0.0, "y_shift": 0.5, "scale": 1.0}

    assert await raw("setStickerMaskPosition", sticker=sticker["file_id"], mask_position=place)
    assert (await raw("getStickerSet", name=name))["stickers"][0]["mask_position"] == place
    assert await raw.refused("setChatStickerSet", chat_id=group.id, sticker_set_name=name) == (
        "Bad Request: not enough rights to change chat sticker set"
    )
    await people.promote(group, bot)
    assert await raw("setChatStickerSet", chat_id=group.id, sticker_set_name=name)
    assert (await raw("getChat", chat_id=group.id))["sticker_set_name"] == name
    assert await raw("deleteChatStickerSet", chat_id=group.id)
    assert "sticker_set_name" not in await raw("getChat", chat_id=group.id)


async def test_a_bot_takes_reactions_away(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bob: User, bot: Bot
) -> None:
    await people.promote(group, bot)
    ids = [(await people.write(group, ann, text)).message_id for text in ("one", "two")]
    for each in ids:
        await people.react(group, ann, each, "👍")
        await people.react(group, bob, each, "🔥")

    assert await raw("deleteMessageReaction", chat_id=group.id, message_id=ids[0], user_id=bob.id)
    assert [each["user"] for each in (await people.message(group, ids[0])).raw["reactions"]] == [ann.id]
    assert await raw("deleteAllMessageReactions", chat_id=group.id, user_id=ann.id)
    assert "reactions" not in (await people.message(group, ids[0])).raw
    assert [each["user"] for each in (await people.message(group, ids[1])).raw["reactions"]] == [bob.id]


async def test_a_prepared_message_is_sent_by_its_person(
    raw: RawBot, people: PlaygroundClient, group: Chat, ann: User, bob: User
) -> None:
    prepared = await raw("savePreparedInlineMessage", user_id=ann.id, result=article("1", "Ready"))
    chosen = {"chat": group.key, "inline_query_id": prepared["id"], "result_id": "1"}

    with pytest.raises(PlaygroundError, match="no such result"):
        await people.command("choose", user=bob.id, **chosen)
    assert (await people.command("choose", user=ann.id, **chosen))["text"] == "Ready"


async def test_a_channel_has_links_that_cost_stars_and_keeps_other_channels_out(
    raw: RawBot, people: PlaygroundClient, ann: User, bot: Bot
) -> None:
    channels = [
        await people.command("add_group", title=title, members=[ann.id], bots=[bot.id], kind="channel")
        for title in ("News", "Foes")
    ]
    news, foes = (channel["id"] for channel in channels)
    await people.command("promote", chat=channels[0]["key"], user=bot.id)
    month = {"chat_id": news, "subscription_period": 2_592_000}

    link = await raw("createChatSubscriptionInviteLink", **month, subscription_price=50)
    renamed = await raw("editChatSubscriptionInviteLink", chat_id=news, invite_link=link["invite_link"], name="Friends")

    assert (renamed["name"], renamed["subscription_price"]) == ("Friends", 50)
    assert await raw.refused("createChatSubscriptionInviteLink", **month, subscription_price=0) == (
        "Bad Request: STARS_INVOICE_INVALID"
    )
    assert await raw("banChatSenderChat", chat_id=news, sender_chat_id=foes)
    assert await raw("unbanChatSenderChat", chat_id=news, sender_chat_id=foes)
    assert await raw.refused("banChatSenderChat", chat_id=news, sender_chat_id=ann.id) == (
        "Bad Request: invalid sender chat specified"
    )
