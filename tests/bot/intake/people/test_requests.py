"""The admins learn who wants to come in, all of them, by few messages."""

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.catalog.catalog import Catalog
from bot.clock import Clock
from bot.intake.people.requests import ONE_BY_ONE
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.people.asks import LATELY_S
from bot.storage.tables import Rule
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door, data
from tests.bot.raw import ANN, GROUP, OLGA, Raw, member, pressed, private, said, shown
from tests.clock import FakeClock

CODE = "let-me-in"


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="pairing", admins=[ANN["id"]])


def stranger(number: int) -> Raw:
    return {"id": 1_000 + number, "is_bot": False, "first_name": f"Stranger {number}", "language_code": "en"}


async def crowd(door: Door, count: int, first: int = 0) -> None:
    """Let strangers write, all at once."""
    await door.intake.receive(*(said("Hi", person=stranger(first + number)) for number in range(count)))


async def land(door: Door, message_id: int) -> None:
    """Let Telegram carry out what waits in the outbox."""
    for key, packed in (await door.notices.waiting()).items():
        if packed.method == "sendMessage":
            await door.notices.sent(ANN["id"], message_id, key)
        else:
            await door.notices.drop(key)


def to_admin(door: Door) -> list[SendMessage | EditMessageText]:
    methods = [method for method in door.outbox.methods if isinstance(method, SendMessage | EditMessageText)]
    return [method for method in methods if method.chat_id == ANN["id"]]


async def test_three_are_shown_one_by_one_and_the_rest_by_a_number_that_is_kept_up(door: Door) -> None:
    await crowd(door, 150)
    await door.requests.tell()
    *single, number = to_admin(door)

    assert [getattr(method, "text", "").partition(" would")[0] for method in single] == [
        f"Stranger {number}" for number in range(ONE_BY_ONE)
    ]
    assert number.text == EN.request_more.format(count=147)
    assert len(door.outbox.methods) == 150 + ONE_BY_ONE + 1

    await crowd(door, 5, first=150)
    assert not await door.requests.tell()  # its message is under way
    await land(door, 77)
    assert await door.requests.tell()

    edited = to_admin(door)[-1]
    assert isinstance(edited, EditMessageText)
    assert (edited.message_id, edited.text) == (77, EN.request_more.format(count=152))


async def test_nobody_is_told_twice_and_nothing_is_said_without_news(door: Door) -> None:
    await crowd(door, 10)
    await door.requests.tell()
    before = len(door.outbox.methods)

    await crowd(door, 10)
    await door.requests.tell()

    assert len(door.outbox.methods) == before


async def test_what_is_said_to_and_about_strangers_leaves_the_budget_to_all_others(door: Door) -> None:
    await crowd(door, 5)
    await door.requests.tell()

    assert door.outbox.last == door.outbox.methods


async def test_another_day_has_three_messages_and_a_number_of_its_own(door: Door, clock: FakeClock) -> None:
    await crowd(door, 5)
    await door.requests.tell()
    await land(door, 77)
    await clock.advance(LATELY_S + 1)

    await crowd(door, 5, first=5)
    await door.requests.tell()

    assert [type(method) for method in to_admin(door)[ONE_BY_ONE + 1 :]] == [SendMessage] * (ONE_BY_ONE + 1)


async def test_all_who_wait_are_listed_in_pages_and_decided_about_there(door: Door) -> None:
    await crowd(door, 20)

    (listed,) = [method for method in await door.knock(said("/allow")) if method not in door.outbox.last]
    assert getattr(listed, "text", "").startswith("20 requests for access:\nStranger 0: 1000\n")
    found = list(data(listed))
    for page in (1, 2):
        found += data((await door.knock(pressed(f"waiting:{page}")))[1])
    assert {f"allow:{1_000 + number}:{number // 8}" for number in range(20)} <= {*found}

    toast, edited, luck = await door.knock(pressed("allow:1003:0"))

    assert getattr(toast, "text", None) == EN.allowed.format(who="Stranger 3 (1003)")
    assert getattr(edited, "text", "").startswith("19 requests for access:")
    assert getattr(luck, "chat_id", None) == 1003
    assert await door.accesses.rules(1003) == {1003: Rule.ALLOW}


async def test_the_number_leads_to_the_list(door: Door) -> None:
    await crowd(door, 5)
    await door.requests.tell()
    (carried,) = data(to_admin(door)[-1])

    _, listed = await door.knock(pressed(carried or "", under=shown(chat={"id": ANN["id"], "type": "private"})))

    assert isinstance(listed, SendMessage)
    assert listed.text.startswith("5 requests for access:")


@pytest.fixture
async def shown_to_ann(door: Door) -> dict[int, int]:
    """Three requests and a number in Ann's chat: their messages by who asks, that of the number as 0."""
    await crowd(door, 5)
    await door.requests.tell()
    found = {1000: 70, 1001: 71, 1002: 72, 0: 73}
    to_ann = [key for key, packed in (await door.notices.waiting()).items() if f'"chat_id":{ANN["id"]},' in packed.body]
    for message_id, key in zip(found.values(), to_ann, strict=True):
        await door.notices.sent(ANN["id"], message_id, key)
    return found


def edits(door: Door) -> dict[int | None, str | None]:
    return {method.message_id: method.text for method in to_admin(door) if isinstance(method, EditMessageText)}


async def test_a_request_that_is_decided_elsewhere_says_so_and_the_number_goes_down(
    door: Door, shown_to_ann: dict[int, int]
) -> None:
    await door.knock(said("/allow 1001"))
    await door.knock(said("/deny 1002"))
    await door.knock(said("/allow 1004"))

    assert door.saying.asked.is_set()
    assert edits(door)[shown_to_ann[1001]] == EN.allowed.format(who="Stranger 1 (1001)")
    assert edits(door)[shown_to_ann[1002]] == EN.denied.format(who="Stranger 2 (1002)")
    assert edits(door)[shown_to_ann[0]] == EN.request_no_more
    assert shown_to_ann[1000] not in edits(door)


async def test_a_request_that_is_still_being_sent_says_so_when_it_is_there(door: Door) -> None:
    await crowd(door, 1)
    await door.requests.tell()

    await door.knock(said("/deny 1000"))
    assert edits(door) == {}
    assert not await door.requests.tell()
    await land(door, 70)
    assert await door.requests.tell()

    assert edits(door) == {70: EN.denied.format(who="Stranger 0 (1000)")}


async def test_the_one_that_was_pressed_is_edited_once(door: Door, shown_to_ann: dict[int, int]) -> None:
    under = {**shown(chat={"id": ANN["id"], "type": "private"}), "message_id": shown_to_ann[1000]}
    methods = await door.knock(pressed("allow:1000", under=under))

    edited = [method for method in methods if isinstance(method, EditMessageText)]
    assert [method.message_id for method in edited if method.message_id == shown_to_ann[1000]] == [shown_to_ann[1000]]


async def test_where_nobody_waits_that_is_said(door: Door) -> None:
    (told,) = await door.told(said("/allow"))

    assert told.startswith("Nobody is waiting")
    assert await door.toast(pressed("waiting:0")) == EN.waiting_nobody.format(command="/allow", id=ANN["id"])


@pytest.mark.parametrize("press", ["waiting:0", "waiting:new", "allow:5:0", "deny:5:0", "shut:-1001"])
async def test_only_admins_see_and_decide(door: Door, press: str) -> None:
    await door.accesses.set(1_000_000, OLGA["id"], Rule.ALLOW, by=ANN["id"])

    assert await door.toast(pressed(press, person=OLGA)) == RU.admins_only


async def test_a_group_is_named_with_who_asked_for_it(door: Door) -> None:
    await door.knock(said("@DeltaBot hi", chat=GROUP, person=OLGA))

    (request,) = to_admin(door)
    assert request.text == EN.request_group.format(name="Ольга", title="Friends", id=GROUP["id"])


async def lose(door: Door) -> None:
    """Let Telegram refuse what waits in the outbox for Ann, as where she never wrote."""
    for key, packed in (await door.notices.waiting()).items():
        if f'"chat_id":{ANN["id"]},' in packed.body:
            await door.notices.drop(key)


class TestLost:
    """Whose requests could not be sent to an admin: to who never wrote, or has blocked the bot."""

    @pytest.fixture
    async def missed(self, door: Door) -> Door:
        """Five requests of which nothing has reached Ann."""
        await crowd(door, 5)
        await door.requests.tell()
        await lose(door)
        door.saying.asked.clear()
        return door

    @pytest.mark.parametrize(
        "first", [said("/start"), said("Hello"), pressed("provider:beta"), said("/allow")], ids=lambda _: ""
    )
    async def test_an_admin_is_told_at_their_first_message_and_once(self, missed: Door, first: Raw) -> None:
        before = len(to_admin(missed))
        await missed.intake.receive(first)
        assert missed.saying.asked.is_set()
        await missed.requests.tell()

        told = [method.text for method in to_admin(missed)[before:] if method in missed.outbox.last]
        assert [text.partition(" would")[0] for text in told if text] == [
            *(f"Stranger {number}" for number in range(ONE_BY_ONE)),
            EN.request_more.format(count=2),
        ]
        await land(missed, 70)
        before = len(missed.outbox.last)
        missed.saying.asked.clear()
        await missed.knock(said("Thanks"))
        assert not missed.saying.asked.is_set()  # nothing is read for it
        assert len(missed.outbox.last) == before

    async def test_what_is_refused_when_they_have_just_written_is_sent_again(self, door: Door) -> None:
        await crowd(door, 1)
        await door.requests.tell()
        await door.intake.receive(said("/start"))
        before = len(to_admin(door))
        assert not await door.requests.tell()  # it is under way
        await lose(door)

        assert await door.requests.tell()

        assert [method.text for method in to_admin(door)[before:]] == [EN.request.format(name="Stranger 0", id=1000)]

    async def test_nothing_is_tried_again_before(self, missed: Door) -> None:
        before = len(to_admin(missed))
        await crowd(missed, 1, first=5)
        await missed.requests.tell()

        assert [type(method) for method in to_admin(missed)[before:]] == [SendMessage]

    async def test_a_kill_before_they_are_told_costs_nothing(
        self, missed: Door, db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog
    ) -> None:
        await missed.intake.receive(said("/start"))

        again = Door(db, clock, settings, catalog)
        await again.requests.tell()

        assert len(to_admin(again)) == ONE_BY_ONE + 1
        await again.requests.tell()
        assert len(to_admin(again)) == ONE_BY_ONE + 1

    async def test_an_admin_who_had_blocked_the_bot_is_told_when_they_are_back(self, door: Door) -> None:
        await door.knock(said("/start"))
        await door.knock(member("member", "kicked", chat=private(ANN)))
        await crowd(door, 1)
        await door.requests.tell()
        await lose(door)
        before = len(to_admin(door))
        assert await door.requests.tell()
        assert len(to_admin(door)) == before
        door.saying.asked.clear()

        await door.intake.receive(member("kicked", "member", chat=private(ANN)))
        assert door.saying.asked.is_set()
        await door.requests.tell()

        assert [method.text for method in to_admin(door)[before:]] == [EN.request.format(name="Stranger 0", id=1000)]

    async def test_an_admin_who_is_reached_is_told_nothing_twice(
        self, door: Door, settings: Settings, db: Sessions, clock: FakeClock, catalog: Catalog
    ) -> None:
        two = Door(db, clock, settings.model_copy(update={"admins": (ANN["id"], OLGA["id"])}), catalog)
        await two.knock(said("/start"))
        await crowd(two, 2)
        await two.requests.tell()
        for key, packed in (await two.notices.waiting()).items():
            is_anns = f'"chat_id":{ANN["id"]},' in packed.body
            await (two.notices.sent(ANN["id"], key, key) if is_anns else two.notices.drop(key))
        before = len(to_admin(two))

        to_olga = [method for method in await two.knock(said("/start", person=OLGA)) if method in two.outbox.last]

        assert [getattr(method, "chat_id", None) for method in to_olga] == [OLGA["id"]] * 2
        assert len(to_admin(two)) == before


class TestPairing:
    """Who wrote before there was an owner."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="pairing")

    async def test_whoever_wrote_before_the_owner_paired_is_shown_at_pairing(self, door: Door, clock: Clock) -> None:
        await door.accesses.identify(1, CODE)
        await crowd(door, 5)
        await door.requests.tell()
        assert to_admin(door) == []

        await door.knock(said(f"/start {CODE}"))

        welcome, *requests = [method for method in to_admin(door) if isinstance(method, SendMessage)]
        assert welcome.text.startswith(EN.paired)
        assert len(requests) == ONE_BY_ONE + 1
        assert requests[-1].text == EN.request_more.format(count=2)
