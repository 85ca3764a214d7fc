"""Every call to Telegram: who goes first, what a refusal means, what is repeated. Against the real HTTP server."""

import asyncio

import pytest
from aiogram.methods import AnswerCallbackQuery, DeleteMessage, EditMessageText, SendMessage
from aiogram.types import Message, ReplyParameters

from bot.delivery.delivery import Delivery
from bot.delivery.postbox import HELD, MAX_ASKED, MAX_ASKED_PER_PERSON
from bot.delivery.priority import Priority
from bot.delivery.refusal import ChatGone, MessageGone, NoText, Rejected, Unanswered
from bot.delivery.wish import Call, Method, Wish, always
from bot.storage.telegram.notices import Notices, Packed
from bot.storage.telegram.updates import Updates
from telegram_playground.client import Chat, PlaygroundClient, User


async def call(delivery: Delivery, chat: Chat, method: Method, priority: Priority = Priority.FINAL) -> None:
    await delivery.call(Wish(chat.id, always(method)), priority)


def send(chat: Chat, text: str) -> SendMessage:
    return SendMessage(chat_id=chat.id, text=text)


async def sent(people: PlaygroundClient, chat: Chat, ann: User) -> list[str]:
    return [message.text for message in await people.messages(chat) if message.sender != ann.id]


async def test_calls_of_one_chat_go_one_after_the_other_the_most_urgent_first(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.fault("sendMessage", "hold", times=1)
    first = asyncio.ensure_future(call(delivery, chat, send(chat, "first")))
    await people.wait_held()
    priorities = (Priority.OPEN, Priority.FINAL)
    calls = [asyncio.ensure_future(call(delivery, chat, send(chat, each.name), each)) for each in priorities]
    delivery.postbox.post(send(chat, "NOTICE"))
    await asyncio.sleep(0)

    await people.release()
    await asyncio.gather(first, *calls)

    assert await sent(people, chat, ann) == ["first", "NOTICE", "FINAL", "OPEN"]


async def test_after_a_refusal_the_newest_text_goes_and_not_before_its_time(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    texts = iter(("old", "new"))

    async def make() -> Call:
        return Call(send(chat, next(texts)))

    await people.fault("sendMessage", "429", seconds=1)

    await delivery.call(Wish(chat.id, make), Priority.OPEN)

    refused, made = await people.calls(method="sendMessage")
    assert await sent(people, chat, ann) == ["new"]
    assert made["started"] - refused["finished"] >= 1


@pytest.mark.parametrize("kind", ["500", "502html", "reset", "lost"])
async def test_an_edit_without_an_answer_is_repeated(
    kind: str, delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    shown: list[object] = []

    async def landed(result: object) -> None:
        shown.append(result)

    await delivery.call(Wish(chat.id, always(send(chat, "…"), landed)), Priority.FINAL)
    message = shown[0]
    assert isinstance(message, Message)
    await people.fault("editMessageText", kind)

    await call(delivery, chat, EditMessageText(chat_id=chat.id, message_id=message.message_id, text="whole"))

    assert await sent(people, chat, ann) == ["whole"]


@pytest.mark.parametrize("kind", ["500", "reset", "lost"])
async def test_a_send_without_an_answer_is_never_repeated_blindly(
    kind: str, delivery: Delivery, people: PlaygroundClient, chat: Chat
) -> None:
    await people.fault("sendMessage", kind)

    with pytest.raises(Unanswered):
        await call(delivery, chat, send(chat, "once"))

    assert len(await people.calls(method="sendMessage")) == 1


@pytest.mark.parametrize(
    ("code", "description", "meaning"),
    [
        (400, "Bad Request: message to edit not found", MessageGone),
        (400, "Bad Request: message can't be edited", MessageGone),
        (400, "Bad Request: MESSAGE_ID_INVALID", MessageGone),
        (400, "Bad Request: message to delete not found", MessageGone),
        (400, "Bad Request: chat not found", ChatGone),
        (403, "Forbidden: bot was blocked by the user", ChatGone),
        (403, "Forbidden: user is deactivated", ChatGone),
        (400, "Bad Request: there is no text in the message to edit", NoText),
        (400, "Bad Request: MESSAGE_TOO_LONG", Rejected),
        (400, "Bad Request: not enough rights to send text messages to the chat", Rejected),
        (403, "Forbidden: CHAT_WRITE_FORBIDDEN", Rejected),
    ],
)
async def test_what_a_refusal_means(
    code: int, description: str, meaning: type[Exception], delivery: Delivery, people: PlaygroundClient, chat: Chat
) -> None:
    await people.fault("editMessageText", "error", code=code, description=description)

    with pytest.raises(meaning) as refused:
        await call(delivery, chat, EditMessageText(chat_id=chat.id, message_id=1, text="x"))

    assert refused.type is meaning


async def test_an_edit_that_changes_nothing_is_done(delivery: Delivery, people: PlaygroundClient, chat: Chat) -> None:
    text = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    await people.fault("editMessageText", "error", code=400, description=text)

    await call(delivery, chat, EditMessageText(chat_id=chat.id, message_id=1, text="x"))

    assert len(await people.calls(method="editMessageText")) == 1


async def test_no_notice_is_dropped_equal_ones_in_a_row_are_one_and_answers_go_first(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.set(limits="off")
    await people.fault("sendMessage", "hold", times=1)
    delivery.postbox.post(send(chat, "first"))
    await people.wait_held()
    for text in ("a request", "the same request", "the same request"):
        delivery.postbox.post(send(chat, text))
    asked = ["same", "same", "other", "same"]
    for text in asked:
        delivery.postbox.post(send(chat, text), by=ann.id)

    await people.release()
    await people.wait(chat, text="the same request")

    assert await sent(people, chat, ann) == ["first", "same", "other", "same", "a request", "the same request"]


async def test_what_only_one_person_sees_goes_before_all_others_of_its_chat(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.set(limits="off")
    await people.fault("sendMessage", "hold", times=1)
    delivery.postbox.post(send(chat, "under way"), by=ann.id)
    await people.wait_held()
    for text in ("an answer", "another"):
        delivery.postbox.post(send(chat, text), by=ann.id)
    for number in (4, 5):
        unseen = send(chat, f"unseen {number}")
        unseen.reply_parameters = ReplyParameters(ephemeral_message_id=number)
        delivery.postbox.post(unseen, by=ann.id)

    await people.release()
    await people.wait(chat, text="another")

    made = [each["parameters"]["text"] for each in await people.calls(method="sendMessage")]
    assert made == ["under way", "unseen 4", "unseen 5", "an answer", "another"]


async def test_what_is_said_last_keeps_no_answer_waiting(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.set(limits="off")
    await people.fault("sendMessage", "hold", times=1)
    first = asyncio.ensure_future(call(delivery, chat, send(chat, "first")))
    await people.wait_held()
    for text in ("a request", "the last request"):
        delivery.postbox.post(send(chat, text), last=True)
    delivery.postbox.post(send(chat, "an answer"), by=ann.id)
    room = delivery.postbox.has_room(chat.id, ann.id, [ann.id] * (MAX_ASKED - 1))
    await asyncio.sleep(0)

    await people.release()
    await first
    await people.wait(chat, text="the last request")

    assert not room
    assert delivery.postbox.has_room(chat.id, ann.id, [ann.id] * (MAX_ASKED - 1))
    assert await sent(people, chat, ann) == ["first", "an answer", "a request", "the last request"]


async def test_of_a_long_line_the_rest_is_read_from_the_outbox(
    delivery: Delivery, notices: Notices, updates: Updates, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.set(limits="off")
    methods = [send(chat, f"notice {number}") for number in range(HELD + 3)]
    packed = [Packed("sendMessage", method.model_dump_json(exclude_unset=True)) for method in methods]
    await people.fault("sendMessage", "hold", times=1)
    for method, key in zip(methods, await updates.take(1, packed), strict=True):
        delivery.postbox.post(method, key=key)
    await people.wait_held()

    await people.release()
    while await notices.waiting():  # noqa: ASYNC110  # rows tell nobody
        await asyncio.sleep(0.005)

    assert await sent(people, chat, ann) == [method.text for method in methods]


async def test_an_edit_that_waits_gives_way_to_a_newer_one_of_its_message(
    delivery: Delivery, notices: Notices, updates: Updates, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    shown: list[object] = []

    async def landed(result: object) -> None:
        shown.append(result)

    await delivery.call(Wish(chat.id, always(send(chat, "menu"), landed)), Priority.FINAL)
    assert isinstance(shown[0], Message)
    edits = [
        EditMessageText(chat_id=chat.id, message_id=shown[0].message_id, text=text) for text in ("one", "two", "three")
    ]
    packed = [Packed("editMessageText", method.model_dump_json(exclude_unset=True)) for method in edits]
    await people.fault("editMessageText", "hold", times=1)
    for method, key in zip(edits, await updates.take(1, packed), strict=True):
        delivery.postbox.post(method, by=ann.id, key=key)
        await people.wait_held() if method is edits[0] else None

    await people.release()
    while await notices.waiting():  # noqa: ASYNC110  # rows tell nobody
        await asyncio.sleep(0.005)

    assert [call["parameters"]["text"] for call in await people.calls(method="editMessageText")] == ["one", "three"]


async def test_an_edit_that_is_outdated_while_it_waits_for_its_slot_holds_up_nothing(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    shown: list[object] = []

    async def landed(result: object) -> None:
        shown.append(result)

    await delivery.call(Wish(chat.id, always(send(chat, "menu"), landed)), Priority.FINAL)
    assert isinstance(shown[0], Message)
    await people.fault("sendMessage", "hold", times=1)
    busy = asyncio.ensure_future(call(delivery, chat, send(chat, "an answer")))
    await people.wait_held()
    for text in ("one", "two"):
        delivery.postbox.post(EditMessageText(chat_id=chat.id, message_id=shown[0].message_id, text=text), by=ann.id)
        await asyncio.sleep(0)  # its line's turn
    delivery.postbox.post(send(chat, "the next"), by=ann.id)

    await people.release()
    await busy

    await people.wait(chat, text="the next")
    assert (await sent(people, chat, ann))[0] == "two"


@pytest.mark.parametrize(
    ("kind", "times", "copies"), [("reset", 2, 1), ("lost", 1, 2), ("500", 5, 1), ("502html", 4, 1)]
)
async def test_a_notice_without_an_answer_is_said_again(
    kind: str, times: int, copies: int, delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.fault("sendMessage", kind, times=times)

    delivery.postbox.post(send(chat, "must be known"), by=ann.id)
    delivery.postbox.post(send(chat, "the next"), by=ann.id)
    await people.wait(chat, text="the next", timeout=20)

    assert (await sent(people, chat, ann)).count("must be known") == copies


async def test_so_many_wait_for_a_person_as_questions_do(delivery: Delivery, people: PlaygroundClient) -> None:
    await people.fault("sendMessage", "429", seconds=600, times=None)
    room = []
    for number in range(MAX_ASKED + 1):
        room.append(
            (delivery.postbox.has_room(7, 7), delivery.postbox.has_room(-7, 7), delivery.postbox.has_room(-7, 8))
        )
        for chat_id in (7, -7):
            delivery.postbox.post(SendMessage(chat_id=chat_id, text=str(number)), by=7)

    assert [private for private, _, _ in room] == [True] * MAX_ASKED + [False]
    assert [group for _, group, _ in room] == [True] * MAX_ASKED_PER_PERSON + [False] * (
        MAX_ASKED + 1 - MAX_ASKED_PER_PERSON
    )
    assert [other for _, _, other in room] == [True] * MAX_ASKED + [False]


async def test_a_notice_leaves_the_outbox_when_it_was_carried_out_or_refused(
    delivery: Delivery, notices: Notices, updates: Updates, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    sent_key, refused_key = await updates.take(1, [Packed("sendMessage", "sent"), Packed("sendMessage", "refused")])
    await people.fault("sendMessage", "hold", times=1)
    delivery.postbox.post(send(chat, "sent"), key=sent_key)
    await people.wait_held()
    await people.fault("sendMessage", "error", code=400, description="Bad Request: CHAT_RESTRICTED", times=1)
    delivery.postbox.post(send(chat, "refused"), key=refused_key)
    assert list(await notices.waiting()) == [sent_key, refused_key]

    await people.release()

    while await notices.waiting():  # noqa: ASYNC110  # rows tell nobody
        await asyncio.sleep(0.005)
    assert await sent(people, chat, ann) == ["sent"]


async def test_a_notice_that_is_one_with_its_equal_leaves_the_outbox(
    delivery: Delivery, notices: Notices, updates: Updates, people: PlaygroundClient, chat: Chat
) -> None:
    texts = ("held", "same", "same", "other")
    keys = await updates.take(1, [Packed("sendMessage", text) for text in texts])
    await people.fault("sendMessage", "hold", times=1)
    for text, key in zip(texts, keys, strict=True):
        delivery.postbox.post(send(chat, text), key=key)
    await people.wait_held()

    while len(waiting := await notices.waiting()) > 3:
        pass
    assert [packed.body for packed in waiting.values()] == ["held", "same", "other"]
    await people.release()


async def test_a_notice_that_a_stop_cut_off_stays_in_the_outbox(
    delivery: Delivery, notices: Notices, updates: Updates, people: PlaygroundClient, chat: Chat
) -> None:
    await people.fault("sendMessage", "hold", times=1)
    held, waits = await updates.take(1, [Packed("sendMessage", "held"), Packed("sendMessage", "waits")])
    delivery.postbox.post(send(chat, "held"), key=held)
    await people.wait_held()
    delivery.postbox.post(send(chat, "waits"), key=waits)

    closing = asyncio.ensure_future(delivery.close())
    await asyncio.sleep(0)
    await people.release()
    await closing

    assert list(await notices.waiting()) == [waits]


async def test_a_callback_is_answered_while_its_chat_is_busy(
    delivery: Delivery, people: PlaygroundClient, chat: Chat
) -> None:
    await people.fault("sendMessage", "hold", times=1)
    delivery.postbox.post(send(chat, "first"))
    await people.wait_held()

    delivery.postbox.post(AnswerCallbackQuery(callback_query_id="1"))
    answered = await people.wait_call("answerCallbackQuery")

    assert answered["finished"]
    await people.release()


async def test_a_withdrawn_wish_is_not_carried_out_and_one_under_way_lands(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.fault("sendMessage", "hold", times=1)
    landed = asyncio.Event()

    async def note(_: object) -> None:
        landed.set()

    under_way = Wish(chat.id, always(send(chat, "under way"), note))
    tasks = [asyncio.ensure_future(delivery.call(under_way, Priority.FINAL))]
    await people.wait_held()
    tasks.append(asyncio.ensure_future(call(delivery, chat, send(chat, "waiting"))))
    await asyncio.sleep(0)

    for task in tasks:
        task.cancel()
    await people.release()
    await landed.wait()
    await call(delivery, chat, send(chat, "later"))

    assert await sent(people, chat, ann) == ["under way", "later"]


async def test_what_nobody_waits_for_spares_the_budget(
    delivery: Delivery, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    for number in range(3):
        await call(delivery, chat, send(chat, str(number)))

    delete = Wish(chat.id, always(DeleteMessage(chat_id=chat.id, message_id=2)))
    idle = asyncio.ensure_future(delivery.call(delete, Priority.IDLE))
    await call(delivery, chat, send(chat, "urgent"))

    assert await sent(people, chat, ann) == ["0", "1", "2", "urgent"]
    idle.cancel()
