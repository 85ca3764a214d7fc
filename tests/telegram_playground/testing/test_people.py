"""The parts of the plug-in, without pytest around them."""

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from telegram_playground.client import Chat, PlaygroundError, User
from telegram_playground.testing import Expectation, People, ServerThread
from telegram_playground.testing.picture import taken

TOKEN = "42:" + "A" * 35


def test_a_reset_between_two_tests_takes_less_than_five_milliseconds() -> None:
    took = []
    with ServerThread() as server, People(server.url) as people:
        for number in range(15):
            ann = people.add_user(f"Ann {number}")
            chat = people.private(ann, people.bot(TOKEN))
            for _ in range(20):
                people.write(chat, ann, "hello")
            began = time.process_time()
            people.reset()
            took.append(time.process_time() - began)

        assert people.command("state")["chats"] == []

    assert median(took) < 0.005  # of the processor, both sides: others may use the machine


@pytest.mark.parametrize("url", ["foo", "http://x:99999"])
def test_what_is_no_address_is_told(url: str) -> None:
    with People(url) as people, pytest.raises(PlaygroundError, match="that is no address"):
        people.check()


def test_a_picture_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert not taken("http://127.0.0.1:1", tmp_path / "file" / "picture.png")


@pytest.fixture
def people() -> Iterator[People]:
    with ServerThread(callback_expiry_s=300) as server, People(server.url, patience_s=60) as people:
        yield people


@pytest.fixture
def ann(people: People) -> User:
    return people.add_user("Ann")


@pytest.fixture
def chat(people: People, ann: User) -> Chat:
    chat = people.private(ann, people.bot(TOKEN))
    people.write(chat, ann, "/start")
    return chat


def called(people: People, method: str, **parameters: Any) -> Any:
    """Do what a bot would do."""
    body = json.dumps(parameters).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{people.url}/bot{TOKEN}/{method}", body, headers)) as answer:
        return json.load(answer)["result"]


def keys(*labels: str) -> Any:
    return {"inline_keyboard": [[{"text": label, "callback_data": label.lower()} for label in labels]]}


class TestExpectation:
    """What is expected is waited for."""

    def test_a_button_that_comes_with_a_later_message_or_edit(self, people: People, chat: Chat, ann: User) -> None:
        first = called(people, "sendMessage", chat_id=chat.id, text="Wait")
        edit = {"chat_id": chat.id, "message_id": first["message_id"], "text": "Well"}
        later = [
            threading.Timer(0.1, called, [people, "sendMessage"], {"chat_id": chat.id, "text": "Two"}),
            threading.Timer(0.2, called, [people, "editMessageText"], edit | {"reply_markup": keys("Yes")}),
        ]
        for each in later:
            each.start()

        message = Expectation(people, chat, timeout_s=60).to_have_button("Yes")

        assert (message.message_id, message.text) == (first["message_id"], "Well")
        for each in later:
            each.join()

    def test_a_button_that_does_not_come_is_told_with_those_there_are(self, people: People, chat: Chat) -> None:
        called(people, "sendMessage", chat_id=chat.id, text="Tea?", reply_markup=keys("Yes", "No"))

        with pytest.raises(AssertionError, match=r"'Tea\?' \[Yes\] \[No\]"):
            Expectation(people, chat, timeout_s=0.1).to_have_button("Maybe")

    def test_what_is_shown_and_what_one_message_says(self, people: People, chat: Chat) -> None:
        poll = {"question": "Which?", "options": [{"text": "a"}, {"text": "b"}]}
        one = called(people, "sendMessage", chat_id=chat.id, text="Done")
        sent = called(people, "sendPoll", chat_id=chat.id, **poll)

        expect = Expectation(people, chat, timeout_s=0.1)
        assert expect.to_show("poll").message_id == sent["message_id"]
        assert expect.to_have_text(re.compile("done", re.IGNORECASE)).message_id == one["message_id"]
        with pytest.raises(AssertionError):
            expect.to_have_text("Done", message=expect.to_show("poll"))

    def test_a_text_as_long_as_a_message_can_be(self, people: People, chat: Chat) -> None:
        text = "*a. " * 1023 + "end"
        called(people, "sendMessage", chat_id=chat.id, text=text)

        assert Expectation(people, chat, timeout_s=0.1).to_have_text(text).text == text

    def test_words_that_go(self, people: People, chat: Chat) -> None:
        message_id = called(people, "sendMessage", chat_id=chat.id, text="Working")["message_id"]
        gone = threading.Timer(0.1, called, [people, "deleteMessage"], {"chat_id": chat.id, "message_id": message_id})
        gone.start()

        Expectation(people, chat, timeout_s=60).not_to_have_text("Working")

        gone.join()
        with pytest.raises(AssertionError, match="the chat has '/start'"):
            Expectation(people, chat, timeout_s=0.1).not_to_have_text("/start")


def test_a_press_waits_for_its_button(people: People, chat: Chat, ann: User) -> None:
    message_id = called(people, "sendMessage", chat_id=chat.id, text="Soon")["message_id"]
    edit = {"chat_id": chat.id, "message_id": message_id, "text": "Now", "reply_markup": keys("Go")}
    later = threading.Timer(0.1, called, [people, "editMessageText"], edit)
    later.start()
    pressed = threading.Thread(target=people.press, args=[chat, ann, message_id, "Go"])
    pressed.start()

    (start,) = called(people, "getUpdates")
    (update,) = called(people, "getUpdates", offset=start["update_id"] + 1, timeout=30)
    assert called(people, "answerCallbackQuery", callback_query_id=update["callback_query"]["id"])
    pressed.join()
    later.join()
