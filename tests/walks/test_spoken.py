"""🔊 under an answer: it comes as a voice message, made once, also where the bot is killed meanwhile."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.texts.en import EN
from telegram_playground.client import Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model, Refusal
from tests.crash.point import CommitPoint
from tests.database import Database
from tests.walks.conftest import Hasty, press_when_done
from tests.walks.nursery import Child
from tests.walks.test_images import png, until

pytestmark = pytest.mark.walk

SOUND = b"OggS" + bytes(200)


@pytest.fixture
def model(model: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A service that has a voice."""
    monkeypatch.setenv("SPEECH_BASE_URL", model.url)
    model.media.sound = SOUND
    return model


@pytest.fixture
def environment(environment: Mapping[str, str], model: Model) -> Mapping[str, str]:
    return {**environment, "SPEECH_BASE_URL": model.url}


async def answered(people: PlaygroundClient, model: Model, chat: Chat, ann: User) -> Message:
    model.says("How?", "It is **so** `simple`.")
    await people.write(chat, ann, "How?")
    return await people.wait(chat, text="simple", complete=True)


async def voices(people: PlaygroundClient, chat: Chat) -> int:
    return sum("voice" in each.raw for each in await people.messages(chat))


async def test_an_answer_is_read_aloud_and_synthesised_once(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, hasty: Hasty
) -> None:
    async with hasty():
        answer = await answered(people, model, chat, ann)

        toast = await people.press(chat, ann, answer.message_id, "🔊")
        first = await people.wait(chat, after=answer.message_id)
        await press_when_done(people, chat, ann, answer.message_id, "🔊")
        second = await people.wait(chat, after=first.message_id)

    assert toast
    assert toast["text"] == EN.order_begun
    assert ("voice" in first.raw, "voice" in second.raw, first.reply_to) == (True, True, answer.message_id)
    (body,) = model.media.spoken
    assert (body["input"], body["response_format"]) == ("It is so simple.", "opus")


async def test_who_takes_no_voice_messages_gets_it_as_audio(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, hasty: Hasty
) -> None:
    await people.fault("sendVoice", "error", code=400, description="Bad Request: VOICE_MESSAGES_FORBIDDEN", times=1)
    async with hasty():
        answer = await answered(people, model, chat, ann)

        await people.press(chat, ann, answer.message_id, "🔊")

        heard = await people.wait(chat, after=answer.message_id)
        assert "audio" in heard.raw


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Refusal(200, "<html>hello</html>", media_type="text/html"), "⚠️"),
        (Refusal(429, {"error": {"message": "slow"}}, {"Retry-After": "20"}), "20"),
    ],
    ids=["html", "429"],
)
async def test_a_failure_is_told_and_can_be_tried_again(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, hasty: Hasty, refusal: Refusal, told: str
) -> None:
    model.media.refusals = [refusal]
    async with hasty():
        answer = await answered(people, model, chat, ann)
        await people.press(chat, ann, answer.message_id, "🔊")
        failure = await people.wait(chat, text="^⚠️", after=answer.message_id)
        assert told in failure.text

        await people.press(chat, ann, answer.message_id, "🔊")
        assert "voice" in (await people.wait(chat, after=failure.message_id)).raw


@pytest.mark.proof
async def test_it_comes_once_though_the_bot_dies_on_its_way(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, child: Child
) -> None:
    await child.start()
    answer = await answered(people, model, chat, ann)
    await child.kill()
    await people.press(chat, ann, answer.message_id, "🔊", timeout_s=0.1)
    for label in ("update orders", "insert files"):
        await child.start(CommitPoint(label, 1, after=True))
        assert await child.ended() is not None, label
    await people.fault("sendVoice", "hold", execute=False, chat=chat.id)
    await child.start()
    await people.wait_held()
    await child.kill()
    await people.clear_faults()
    await child.start()

    await people.wait(chat, after=answer.message_id)
    assert await voices(people, chat) == 1
    assert len(model.media.spoken) == 1


async def test_pictures_transcripts_and_voices_cost_what_the_operator_says(
    people: PlaygroundClient,
    model: Model,
    chat: Chat,
    ann: User,
    hasty: Hasty,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
) -> None:
    monkeypatch.delenv("SPEECH_BASE_URL")
    monkeypatch.setenv("SPEECH_MODEL", "tts")
    prices = "media_prices = { picture = 0.04, minute = 0.006, characters = 15 }"
    table = f'[openai]\nbase_url = "{model.url}"\n{prices}\nprices = {{ input = 0, output = 0 }}\n'
    await asyncio.to_thread(Path("providers.toml").write_text, table)
    model.transcript, model.media.picture = "Where is Paris?", png(10)
    model.says("Paris?", "In France.")
    head, seconds = b"OggS" + bytes(24) + b"OpusHead", 20
    voice = head + b"OggS\0\4" + (48_000 * seconds).to_bytes(8, "little") + bytes(200)
    async with hasty():
        await people.send_file(chat, ann, "voice.oga", voice, kind="voice", mime="audio/ogg")
        answer = await people.wait(chat, text="France.$", complete=True)
        await people.press(chat, ann, answer.message_id, "🔊")
        await people.wait(chat, after=answer.message_id)
        await people.write(chat, ann, "/image a fox")
        await until(lambda: has_picture(people, chat))
        await people.write(chat, ann, "/usage")
        told = await people.wait(chat, text=r"\$")

    found: dict[str, int] = dict(await database.ask("SELECT provider, sum(cost) FROM usage GROUP BY provider"))
    transcript, spoken, picture = 0.006 / 3, 15 * len("In France.") / 1e6, 0.04
    assert {name: float(cost) / 1e12 for name, cost in found.items()} == {
        "openai": pytest.approx(transcript + spoken),
        "images": pytest.approx(picture),
    }
    assert "0.04" in told.text


async def has_picture(people: PlaygroundClient, chat: Chat) -> bool:
    """Tell whether there is a picture that is whole."""
    photos = [each for each in await people.messages(chat) if "photo" in each.raw and each.buttons]
    return any(not (button.data or "").startswith("stop") for each in photos for button in each.buttons)
