"""The way to the Bot API server."""

import json
from urllib.parse import parse_qsl

import pytest
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNetworkError
from aiogram.methods import EditMessageReplyMarkup, EditMessageText, GetMe, SendMessage
from aiogram.types import Message, MessageEntity, User

from bot.app.telegram import make_bot
from bot.delivery.server.session import Session
from bot.settings import Settings

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1", "socks5://me:secret@127.0.0.1:1"])
async def test_a_dead_proxy_is_an_outage_like_any_other_and_its_password_is_not_told(proxy: str) -> None:
    bot = make_bot(Settings.load(bot_token=TOKEN, telegram_proxy=proxy))

    with pytest.raises(TelegramNetworkError) as caught:
        await bot(GetMe())

    await bot.session.close()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "said", "kept"),
    [
        (400, 'Bad Request: can\'t parse entities: unsupported start tag "my secret"', "can't parse"),
        (400, "Bad Request: my secret", "status 400"),
        (403, "Forbidden: bot was blocked by the user, my secret", "blocked by the user"),
        (409, "Conflict: my secret", "status 409"),
        (429, "Too Many Requests: my secret", "too many requests"),
        (500, "Internal Server Error: my secret", "internal"),
    ],
)
async def test_an_error_repeats_only_those_words_of_a_server_that_mean_something(
    status: int, said: str, kept: str
) -> None:
    bot = make_bot(Settings.load(bot_token=TOKEN))
    parameters = {"retry_after": 5} if status == 429 else None
    body = json.dumps({"ok": False, "error_code": status, "description": said, "parameters": parameters})

    with pytest.raises(TelegramAPIError) as caught:
        bot.session.check_response(bot, GetMe(), status, body)

    assert kept in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_of_a_message_that_we_wrote_its_words_are_not_read_again() -> None:
    bot = make_bot(Settings.load(bot_token=TOKEN))
    entities = [{"type": "bold", "offset": 0, "length": 2}]
    result = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "Hi", "entities": entities}
    body = json.dumps({"ok": True, "result": result})

    edited = bot.session.check_response(bot, EditMessageText(text="Hi"), 200, body).result
    sent = bot.session.check_response(bot, SendMessage(chat_id=7, text="Hi"), 200, body).result
    read = bot.session.check_response(bot, EditMessageReplyMarkup(), 200, body).result

    await bot.session.close()
    assert edited is True
    assert isinstance(sent, Message)
    assert isinstance(read, Message)
    assert (sent.message_id, sent.chat.id, sent.text) == (5, 7, None)
    assert (read.message_id, read.text) == (5, "Hi")


async def test_entities_are_written_as_aiogram_writes_them() -> None:
    bot = make_bot(Settings.load(bot_token=TOKEN))
    person = User(id=7, is_bot=False, first_name="Zoë")
    entities = [
        MessageEntity(type="text_mention", offset=0, length=1, user=person),
        MessageEntity(type="pre", offset=1, length=1, language="c"),
    ]
    method = SendMessage(chat_id=7, text="Hi", entities=entities)

    assert isinstance(bot.session, Session)
    body, _ = bot.session._form(bot, method)

    await bot.session.close()
    assert isinstance(body, bytes)
    written = dict(parse_qsl(body.decode()))
    theirs = bot.session.prepare_value(method.model_dump(warnings=False)["entities"], bot=bot, files={})
    assert json.loads(written["entities"]) == json.loads(theirs)


async def test_an_answer_nested_deeper_than_can_be_read_is_a_strange_one() -> None:
    bot = make_bot(Settings.load(bot_token=TOKEN))
    deep = 100_000
    body = f'{{"ok":true,"result":{"[" * deep}{"]" * deep}}}'

    with pytest.raises(ClientDecodeError):
        bot.session.check_response(bot, GetMe(), 200, body)

    await bot.session.close()


def test_the_bots_of_a_process_share_what_they_trust_and_read_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, read = Session(), []
    monkeypatch.setattr("ssl.create_default_context", lambda **_: read.append(1))

    second = Session()

    assert not read
    assert first._connector_init["ssl"] is second._connector_init["ssl"]
