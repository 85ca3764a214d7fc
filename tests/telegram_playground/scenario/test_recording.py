"""What was done by hand is saved as a test that passes against the same bot."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from telegram_playground.client import Bot, Chat, PlaygroundError, User
from telegram_playground.testing import Expectation, People, ServerThread
from tests.telegram_playground.scenario.showman import TOKEN, Showman

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PATIENCE_S = 60.0
WAIT = {"timeout": PATIENCE_S}
Act = Callable[["Stage"], None]


class Stage:
    """A person, a second one, their private chat and group, and what the page does for them."""

    def __init__(self, people: People) -> None:
        for _ in range(3):
            people.add_user("Nobody")  # ids are others than in the test
        self.people = people
        switches = ("can_read_all_group_messages", "supports_inline_queries", "supports_guest_queries")
        self.bot: Bot = people.bot(TOKEN, username="showman_bot", **dict.fromkeys(switches, True))
        self.ann: User = people.add_user("Ann", username="ann_b", language="de")
        self.bob: User = people.add_user("bot")
        self.chat: Chat = people.private(self.ann, self.bot)

    def heard(self, text: str, chat: Chat | None = None, **more: Any) -> Any:
        return self.people.wait(chat or self.chat, text=text, **WAIT, **more)

    def does(self, command: str, files: Any = (), chat: Chat | None = None, **arguments: Any) -> Any:
        ends = {"chat": chat or self.chat, "user": self.ann, **arguments}
        return self.people.send(command, files, **ends) if files else self.people.command(command, **ends)

    def group(self, **more: Any) -> Chat:
        group = self.people.add_group("Club", members=[self.ann, self.bob], bots=[self.bot], **more)
        self.heard("I am in", group)
        self.heard("new_chat_members", group)
        return group


def writes(stage: Stage) -> None:
    bold = [{"type": "bold", "offset": 6, "length": 4}]
    first = stage.people.write(stage.chat, stage.ann, "Hello bold", entities=bold)
    answer = stage.heard("Hello", after=first.message_id)
    stage.people.write(stage.chat, stage.ann, "Why?", reply_to=answer.message_id, quote="bold")
    stage.heard("Why")
    stage.does("edit", message_id=first, text="Hello again")
    stage.heard("Now: Hello")
    pasted = stage.people.write(stage.chat, stage.ann, "word " * 1000)
    second = stage.heard("word", after=stage.heard("word", after=pasted.message_id).message_id)
    stage.does("delete", message_id=pasted.message_id - 1)
    stage.people.write(stage.chat, stage.ann, f"I am {stage.ann.id}", reply_to=second.message_id)
    stage.heard(f"I am {stage.ann.id}")


def presses(stage: Stage) -> None:
    stage.people.write(stage.chat, stage.ann, "/menu")
    menu = stage.heard("Choose", button="Silent")
    first = stage.heard("Choose", button="Same")
    stage.people.press(stage.chat, stage.ann, first.message_id, "Same")
    stage.people.press(stage.chat, stage.ann, menu.message_id, "More")
    stage.heard("There is more", message=menu.message_id)
    stage.does("press", message_id=menu, label="Silent")
    stage.people.write(stage.chat, stage.ann, "bye")
    stage.heard("bye")


def votes_and_pays(stage: Stage) -> None:
    stage.people.write(stage.chat, stage.ann, "/poll")
    poll = stage.people.wait(stage.chat, shows="poll", **WAIT)
    stage.does("vote", message_id=poll, options=[1])
    stage.heard("You chose .1")
    stage.does("vote", message_id=poll, options=[])
    stage.heard("You chose ..$")
    stage.people.write(stage.chat, stage.ann, "/sell")
    stage.does("pay", message_id=stage.people.wait(stage.chat, shows="invoice", **WAIT))
    stage.heard("Thank you")


def sends_files(stage: Stage) -> None:
    stage.people.send_file(stage.chat, stage.ann, "a.txt", b"x" * 400, mime="text/plain", caption="Read {this}")
    stage.heard("document 400 Read")
    for name in ("1.png", "2.png"):
        stage.people.send_file(stage.chat, stage.ann, name, PNG, mime="image/png", album="123")
    album = stage.heard("An album")
    stage.does("send_album", [("3.png", "image/png", PNG), ("4.png", "image/png", PNG)], caption="Two more")
    stage.heard("An album", after=album.message_id)
    stage.people.send_file(stage.chat, stage.ann, "v.ogg", b"OggS", mime="audio/ogg", kind="voice")
    stage.heard("voice")
    stage.does("share")
    stage.heard("contact")
    stage.does("share", location={"latitude": 0, "longitude": 13.4})
    stage.heard("location")


def asks_inline(stage: Stage) -> None:
    stage.people.choose(stage.chat, stage.ann, stage.bot, "ca")
    chosen = stage.people.choose(stage.chat, stage.ann, stage.bot, "cats", 1)
    stage.heard("Chosen: cats", message=chosen.message_id)
    stage.people.press(stage.chat, stage.ann, chosen.message_id, "Again")
    stage.heard(f"Again by {stage.ann.id}", message=chosen.message_id)


def watches_it_grow(stage: Stage) -> None:
    stage.people.write(stage.chat, stage.ann, "/grow")
    growing = stage.heard("Once upon")
    stage.people.write(stage.chat, stage.ann, "I cannot wait")
    stage.heard("I cannot wait")
    stage.heard("number was [0-9]+[.]$", message=growing.message_id)
    stage.people.write(stage.chat, stage.ann, "/draft")
    stage.does("stop_draft", wait=PATIENCE_S)
    stage.heard("Stopped")
    stage.people.command("advance", seconds=60)
    stage.people.command("block", chat=stage.chat)
    stage.people.command("unblock", chat=stage.chat)
    stage.people.command("edit_user", user=stage.ann, first_name="Anna", language="")
    stage.people.write(stage.chat, stage.ann, "/grow")
    stage.heard("Anna.*number was [0-9]+[.]$")


def meets_in_a_group(stage: Stage) -> Chat:
    group, people = stage.group(kind="group"), stage.people
    people.write(group, stage.bob, f"@ann_b in {group.id}")
    words = stage.heard("@ann_b in", group)
    stage.does("promote", chat=group, user=stage.bot)
    people.command("react", chat=group, user=stage.bob, message_id=words, emoji="👍")
    stage.heard("You felt", group)
    carl = people.add_user("Carl")
    people.command("add_member", chat=group, user=carl)
    stage.heard("new_chat_members", group, after=words.message_id)
    stage.heard("^member", group)
    (joined,) = (
        each for each in people.messages(group) if each.raw.get("new_chat_members", [{}])[0].get("id") == carl.id
    )
    people.write(group, carl, "welcome?", reply_to=joined.message_id)
    stage.heard("welcome", group)
    people.command("remove_member", chat=group, user=carl)
    stage.heard("left|kicked", group)
    new = people.migrate(group)
    people.write(new, stage.ann, "/secret now", unseen=True)
    stage.heard("Between us", new)
    people.command("bot", id=stage.bot, can_read_all_group_messages=False)
    return new


def meets_in_a_forum(stage: Stage) -> Chat:
    forum, people = stage.group(forum=True), stage.people
    people.command("add_topic", chat=forum, name="News")
    topic = people.topic(forum, "News")
    people.write(forum, stage.ann, "in News", topic=topic)
    stage.heard("in News", forum)
    stage.does("promote", chat=forum, user=stage.bot)
    people.write(forum, stage.ann, "/topic")
    stage.heard("opened", forum)
    people.write(forum, stage.bob, "in yours", topic=people.topic(forum, "From me"))
    stage.heard("in yours", forum)
    people.command("close_topic", chat=forum, message_thread_id=topic)
    return forum


def forwards_and_asks_a_guest(stage: Stage) -> Chat:
    people = stage.people
    people.write(stage.chat, stage.ann, "told in private")
    stage.heard("told in private")
    lonely = people.add_group("Without", members=[stage.ann, stage.bob])
    told = people.write(lonely, stage.bob, "told in a group")
    look: dict[str, Any] = {"comment": "Look", "from": lonely}
    people.send("forward", chat=stage.chat, user=stage.ann, message_ids=[told], **look)
    stage.heard("Forwarded")
    people.send("guest", chat=lonely, user=stage.bob, bot=stage.bot, text="@showman_bot who are you?")
    people.wait(lonely, text="I am a guest", by=stage.bob, **WAIT)
    return lonely


def pays_by_a_link_and_is_refused(stage: Stage) -> None:
    stage.people.write(stage.chat, stage.ann, "/invoice")
    stage.heard("Pay")
    with pytest.raises(PlaygroundError, match="Sold out"):
        stage.people.command("pay", user=stage.ann, link=stage.people.link(stage.bot))
    stage.people.command("inline", chat=stage.chat, user=stage.ann, bot=stage.bot, query="nothing", wait=PATIENCE_S)
    stage.does("web_app_data", button="Open", data="{}")
    stage.heard("web_app_data")
    stage.people.command("fault", method="sendMessage", kind="error", chat=stage.chat.id, description="Bad Request: no")
    stage.people.write(stage.chat, stage.ann, "nobody answers")
    stage.people.command("wait_call", method="sendMessage", timeout=PATIENCE_S)
    while stage.people.command("state")["faults"]:
        pass
    stage.people.write(stage.chat, stage.ann, "again")
    stage.heard("again")


def comes_by_links(stage: Stage) -> Chat:
    group, people = stage.group(), stage.people
    stage.does("promote", chat=group, user=stage.bot)
    people.write(group, stage.ann, "/link")
    stage.heard("Come", group)
    carl, dora = people.add_user("Carl"), people.add_user("Dora")
    people.command("join", user=carl, link=people.link(group))
    stage.heard("^member", group)
    people.write(group, carl, "I came by a link")
    asking = stage.heard("by a link", group)
    people.write(group, stage.ann, "/ask")
    stage.heard("Come", group, after=asking.message_id)
    people.command("join", user=dora, link=people.link(group, 1))
    people.wait(group, shows="new_chat_members", by=dora, **WAIT)
    people.write(group, dora, "I have asked")
    stage.heard("I have asked", group)
    return group


def leaves_a_topic_that_is_deleted(stage: Stage) -> Chat:
    forum, people = stage.group(forum=True), stage.people
    stage.does("promote", chat=forum, user=stage.bot)
    people.command("add_topic", chat=forum, name="News")
    people.write(forum, stage.ann, "in News", topic=people.topic(forum, "News"))
    stage.heard("in News", forum)
    people.write(forum, stage.ann, "/drop", topic=people.topic(forum, "News"))
    stage.heard("Gone", forum)
    while people.command("calls", method="deleteForumTopic") == []:
        pass
    return forum


FURTHER = (writes, watches_it_grow, meets_in_a_group, meets_in_a_forum)


@pytest.fixture
def people() -> Iterator[People]:
    expiry = {"callback_expiry_s": 300, "guest_expiry_s": 300}
    with ServerThread(**expiry) as server, People(server.url, patience_s=PATIENCE_S) as people:
        bot = Showman(server.url)
        bot.start()
        bot.ready.wait(60)
        people.reset()
        yield people
    bot.join(60)


@pytest.mark.parametrize(
    "acts",
    [
        *(presses, votes_and_pays, sends_files, asks_inline, forwards_and_asks_a_guest),
        *(pays_by_a_link_and_is_refused, comes_by_links, leaves_a_topic_that_is_deleted),
        *(pytest.param(acts, marks=pytest.mark.proof) for acts in FURTHER),
    ],
)
def test_what_was_done_by_hand_is_a_test_that_passes(people: People, acts: Any) -> None:
    stage = Stage(people)
    chats = {stage.chat.key, (acts(stage) or stage.chat).key}
    done = [deed["command"] for deed in people.command("cassette")["deeds"] if not deed.get("refused")]
    saved = [people.command("save_as_test", chat=chat)["text"] for chat in chats]

    for text in saved:
        people.reset()
        names: dict[str, Any] = {}
        exec(compile(text, "saved.py", "exec"), names)
        (test,) = (each for name, each in names.items() if name.startswith("test_"))
        test(people, lambda chat: Expectation(people, chat, timeout_s=PATIENCE_S))

    cassette = people.command("cassette")
    assert not [deed for deed in cassette["deeds"] if deed.get("refused") and deed["command"] != "pay"]
    assert len(done) >= len(cassette["deeds"])
