"""/allow and /deny: the bot's admins decide who comes in."""

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.catalog.catalog import Catalog
from bot.intake.handlers.people.allow import SHUT
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Rule, State
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import ME, Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, member, pressed, private, said, shown
from tests.clock import FakeClock


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="allowlist", admins=[ANN["id"]], allowed_users=[OLGA["id"]])


async def test_who_is_let_in_is_answered_from_then_on(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))

    await door.knock(said(f"/allow {BOB['id']}"))
    await door.knock(said("Hello again", person=BOB))

    assert await door.asked() == ["Hello again"]


async def test_who_was_refused_before_is_told_that_he_is_in(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))

    to_ann, to_bob = await door.knock(said(f"/allow {BOB['id']}"))

    assert isinstance(to_ann, SendMessage)
    assert (to_ann.chat_id, to_ann.text) == (ANN["id"], "Bob (12) has access now.")
    assert to_bob == SendMessage(chat_id=BOB["id"], text=EN.let_in)


async def test_he_is_told_in_his_own_language(door: Door) -> None:
    ivan = {**BOB, "language_code": "ru"}
    await door.knock(said("Привет", person=ivan))

    to_ann, to_ivan = await door.knock(said(f"/allow {BOB['id']}"))

    assert isinstance(to_ann, SendMessage)
    assert to_ann.text == "Bob (12) has access now."
    assert to_ivan == SendMessage(chat_id=BOB["id"], text=RU.let_in)
    assert door.outbox.unasked == [to_ivan]


async def test_who_never_wrote_is_not_written_to(door: Door) -> None:
    assert await door.told(said(f"/allow {BOB['id']}")) == ["12 has access now."]


async def test_a_group_is_let_in_by_its_id(door: Door) -> None:
    await door.knock(said(f"/allow {GROUP['id']}"))

    await door.knock(said("@DeltaBot hi", person=BOB, chat=GROUP))

    assert await door.asked() == ["Bob: hi"]


async def test_who_is_let_out_again_is_refused_in_silence(door: Door) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))

    assert await door.told(said(f"/deny {BOB['id']}")) == ["12 has no access."]
    assert await door.knock(said("Hello", person=BOB)) == []
    assert await door.asked() == []


async def test_who_loses_access_is_told_once_in_his_own_language(door: Door) -> None:
    ivan = {**BOB, "language_code": "ru"}
    await door.knock(said(f"/allow {BOB['id']}"))
    await door.knock(said("Привет", person=ivan))

    _, to_ivan = await door.knock(said(f"/deny {BOB['id']}"))
    assert to_ivan == SendMessage(chat_id=BOB["id"], text=RU.shut_out)
    assert await door.told(said(f"/deny {BOB['id']}")) == ["Bob (12) has no access."]
    assert await door.knock(said("Почему?", person=ivan)) == []

    _, back = await door.knock(said(f"/allow {BOB['id']}"))
    assert back == SendMessage(chat_id=BOB["id"], text=RU.let_in)


async def test_who_loses_access_is_told_also_where_a_kill_came_between(door: Door) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))
    await door.knock(said("Hello", person=BOB))
    deny = said(f"/deny {BOB['id']}")
    await door.accesses.set(deny["update_id"], BOB["id"], Rule.DENY, by=ANN["id"])  # the process dies

    assert await door.told(deny) == ["Bob (12) has no access.", EN.shut_out]
    assert await door.knock(deny) == []


async def test_a_stranger_who_was_never_answered_hears_no_more_than_the_refusal(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))

    assert await door.told(said(f"/deny {BOB['id']}")) == ["Bob (12) has no access."]


async def test_a_group_that_loses_access_is_told_who_is_answered_there(door: Door) -> None:
    await door.knock(said(f"/allow {GROUP['id']}"))
    await door.knock(said("@DeltaBot hi", person=BOB, chat=GROUP))

    _, to_group = await door.knock(said(f"/deny {GROUP['id']}"))

    assert to_group == SendMessage(chat_id=GROUP["id"], text=EN.group_shut)


async def test_a_group_that_is_let_in_is_told_as_a_group(door: Door) -> None:
    await door.knock(said("@DeltaBot hi", person=BOB, chat=GROUP))

    _, to_group = await door.knock(said(f"/allow {GROUP['id']}"))

    assert isinstance(to_group, SendMessage)
    assert (to_group.chat_id, to_group.text) == (GROUP["id"], EN.let_in_group.format(username="DeltaBot"))


async def test_a_group_where_mentions_do_not_arrive_is_told_the_mend(
    db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog
) -> None:
    deaf = ME.model_copy(update={"can_read_all_group_messages": False})
    door = Door(db, clock, settings, catalog, me=deaf)
    await door.knock(member("left", "member", person=BOB, chat=GROUP))
    await door.knock(said("Hello", person=BOB))

    _, to_group = await door.told(said(f"/allow {GROUP['id']}"))
    _, to_bob = await door.told(said(f"/allow {BOB['id']}"))

    assert to_group.endswith(f"\n\n{EN.privacy}")
    assert to_bob == EN.let_in


async def test_an_admin_cannot_be_kept_out(door: Door) -> None:
    assert await door.told(said(f"/deny {ANN['id']}")) == [EN.is_admin.format(who="11")]

    await door.knock(said("Hello"))
    assert await door.asked() == ["Hello"]


async def test_the_owner_who_paired_is_not_kept_out_by_himself(
    db: Sessions, clock: FakeClock, catalog: Catalog
) -> None:
    door = Door(db, clock, Settings.load(_env_file=None, access="pairing"), catalog)
    await door.accesses.identify(1, "code")
    await door.accesses.pair(0, "code", BOB["id"])

    assert await door.told(said(f"/deny {BOB['id']}", person=BOB)) == [EN.is_owner.format(who="12")]

    await door.knock(said("Hello", person=BOB))
    assert await door.asked() == ["Hello"]


async def test_the_owner_who_paired_is_kept_out_by_an_admin_of_the_configuration(door: Door) -> None:
    await door.accesses.identify(1, "code")
    await door.accesses.pair(0, "code", BOB["id"])

    assert await door.told(said(f"/deny {BOB['id']}")) == ["12 has no access."]

    assert await door.knock(said("Hello", person=BOB)) == []
    assert await door.asked() == []


async def test_who_was_let_in_and_out_stands_in_the_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    await door.knock(said("Hello", person=BOB))
    await door.knock(said(f"/allow {BOB['id']}"))
    await door.knock(said(f"/deny {BOB['id']}"))

    assert [record.getMessage() for record in caplog.records if record.name.startswith("bot")] == [
        "access refused chat=12 user=12",
        "access decided id=12 rule=allow was=told by=11",
        "access decided id=12 rule=deny was=allow by=11",
    ]


async def test_who_is_no_admin_may_not(door: Door) -> None:
    assert await door.told(said(f"/allow {BOB['id']}", person=OLGA)) == [RU.admins_only]
    assert await door.toast(pressed(f"allow:{BOB['id']}", person=OLGA)) == RU.admins_only
    assert await door.accesses.rules(BOB["id"]) == {}


@pytest.mark.parametrize("args", ["", "Bob", "1 2", "@bob", "9" * 20, "--1"])
async def test_without_an_id_it_says_how(door: Door, args: str) -> None:
    (text,) = await door.told(said(f"/allow {args}", chat=GROUP))

    assert text.startswith(f"Write an id after the command, for example /allow {GROUP['id']}.")


async def test_a_replayed_allow_does_not_undo_a_deny(door: Door) -> None:
    allow = said(f"/allow {BOB['id']}")
    await door.knock(allow)
    await door.knock(said(f"/deny {BOB['id']}"))

    assert await door.knock(allow) == []

    assert await door.accesses.rules(BOB["id"]) == {BOB["id"]: Rule.DENY}


@pytest.mark.parametrize(
    ("data", "rule", "text"),
    [("allow:12", Rule.ALLOW, "12 has access now."), ("deny:12", Rule.DENY, "12 has no access.")],
)
async def test_a_request_is_decided_by_its_buttons(door: Door, data: str, rule: Rule, text: str) -> None:
    request = shown(chat={"id": ANN["id"], "type": "private"})

    _, edit, *_ = await door.knock(pressed(data, under=request))

    assert isinstance(edit, EditMessageText)
    assert (edit.text, edit.reply_markup) == (text, None)
    assert await door.accesses.rules(12) == {12: rule}


async def test_the_rules_outlive_the_process(
    db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog, door: Door
) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))

    after_restart = Door(db, clock, settings, catalog)
    await after_restart.knock(said("Hello", person=BOB))

    assert await after_restart.asked() == ["Hello"]


async def begin(door: Door, words: str, **where: Raw) -> Job:
    await door.knock(said(words, **where))
    job = await door.store.begin()
    assert job
    return job


@pytest.mark.parametrize("button", [None, "deny:{id}", "deny:{id}:0"])
async def test_who_is_kept_out_gets_no_answer_to_what_was_asked_before(door: Door, button: str | None) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))
    await door.knock(said(f"/allow {GROUP['id']}"))
    running = await begin(door, "one", person=BOB)
    in_group = await begin(door, "@DeltaBot two", person=BOB, chat=GROUP)
    await door.knock(said("three", person=BOB))
    await door.knock(said("@DeltaBot four", person=BOB, chat=GROUP))
    await door.knock(said("@DeltaBot five", person=OLGA, chat=GROUP))

    data = button.format(id=BOB["id"]) if button else None
    await door.knock(pressed(data, under=shown(chat=private(ANN))) if data else said(f"/deny {BOB['id']}"))

    assert await door.store.backlog.stopping() == [running.id, in_group.id]
    assert [job.state for job in await door.queue()] == [
        State.GENERATING,
        State.GENERATING,
        State.DONE,
        State.DONE,
        State.QUEUED,
    ]


@pytest.mark.parametrize("by_button", [False, True])
async def test_in_a_group_that_is_kept_out_only_who_is_let_in_is_answered(door: Door, by_button: bool) -> None:
    await door.knock(said(f"/allow {GROUP['id']}"))
    running = await begin(door, "@DeltaBot one", person=BOB, chat=GROUP)
    for person in (BOB, OLGA, ANN):
        await door.knock(said("@DeltaBot more", person=person, chat=GROUP))

    await door.knock(pressed(f"{SHUT}:", under=shown(chat=GROUP)) if by_button else said(f"/deny {GROUP['id']}"))

    assert await door.store.backlog.stopping() == [running.id]
    assert [job.user_id for job in await door.queue() if job.state == State.QUEUED] == [OLGA["id"], ANN["id"]]


async def test_an_answer_that_a_crash_interrupted_is_stopped_too(door: Door) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))
    job = await begin(door, "one", person=BOB)
    await door.store.backlog.recover()

    await door.knock(said(f"/deny {BOB['id']}"))

    again = await door.store.begin()
    assert again
    assert (again.id, again.stop) == (job.id, True)


async def test_what_others_asked_goes_on(door: Door) -> None:
    await begin(door, "one", person=OLGA)
    await door.knock(said("two", person=OLGA))

    await door.knock(said(f"/deny {BOB['id']}"))

    assert await door.store.backlog.stopping() == []
    assert [job.state for job in await door.queue()] == [State.GENERATING, State.QUEUED]
