"""The checker finds what is wrong on a screen, each kind of it, and nothing on a right one."""

from collections.abc import Sequence
from typing import Any

import pytest

from telegram_playground.client import Bot, Chat
from tests.crash.checker import Findings, check
from tests.crash.essay import Kind, question, unmarked, words
from tests.crash.essayist import Sent
from tests.crash.scene import Asked, Conversation
from tests.crash.told import summary

BOT = Bot(42, "delta_bot", "42:x", {})
CHAT = Chat("42:7", 7, "private", "", {})
STOP = [[{"text": "Stop", "callback_data": "stop:1:0", "data": "stop:1:0"}]]

Json = dict[str, Any]


def answer(number: int, generation: int = 1, count: int = 12) -> str:
    return unmarked(" ".join(words(number, generation, count)))


def message(message_id: int, text: str, *, reply_to: int | None = None, stop: bool = False) -> Json:
    message: Json = {"message_id": message_id, "from": {"id": 42}, "text": text}
    if reply_to is not None:
        message["reply_to_message"] = {"message_id": reply_to}
    return message | ({"reply_markup": {"inline_keyboard": STOP}} if stop else {})


def seen(kind: str, message_id: int, text: str = "", *, stop: bool = False) -> Json:
    return {"kind": kind, "message_id": message_id, "by": 42, "text": text, "keyboard": STOP if stop else []}


def found(
    *messages: Json, transcript: Sequence[Json] = (), requests: Sequence[Sent] = (), **more: Any
) -> dict[str, int]:
    """Check a chat in which questions 1 and 2 stand as messages 1 and 2; return what was counted."""
    asked = [Asked(number, more.get("kind", Kind.SHORT), number) for number in (1, 2)]
    asked[1].parent = None if more.get("branches", False) else asked[0]
    for one in asked:
        one.former = [10 + one.number] if more.get("edited", False) else []
        one.carries = more.get("carries", ())
        one.may_be_stopped = more.get("stopped", False)
        one.may_be_dropped = more.get("dropped", False)
    talk = Conversation(CHAT, [], BOT, None, asked, keeps_thoughts=more.get("keeps_thoughts", False))
    findings: Findings = check(talk, messages, transcript, requests)
    return {name: count for name, count in findings.counts.items() if count and name not in BESIDE}


BESIDE = ("questions", "edits", "pictures or pastes", "voices", "summaries", "cut")
SECOND = message(4, answer(2), reply_to=2)


def test_two_whole_answers_in_order_are_right() -> None:
    assert found(message(3, answer(1), reply_to=1), SECOND) == {"whole": 2}


def test_an_answer_may_go_on_in_further_messages() -> None:
    whole = answer(1).split()

    assert found(message(3, " ".join(whole[:5]), reply_to=1), message(4, " ".join(whole[5:])), SECOND) == {"whole": 2}


@pytest.mark.parametrize(
    ("first", "wrong"),
    [
        ([], "lost"),
        ([message(3, answer(1), reply_to=1), message(5, answer(1, 2), reply_to=1)], "doubled"),
        ([message(3, answer(1), reply_to=1), message(5, "⚠️ No.", reply_to=1)], "doubled"),
        ([message(3, answer(1) + " ▌", reply_to=1)], "incomplete"),
        ([message(3, answer(1), reply_to=1, stop=True)], "incomplete"),
        ([message(3, "…", reply_to=1, stop=True)], "incomplete"),
        ([message(3, "q1g1w0 q1g1w1", reply_to=1)], "incomplete"),
        ([message(3, answer(1).replace("q1g1w4 ", ""), reply_to=1)], "incomplete"),
        ([message(3, "q1g1w0 q1g2w1 q1g2end", reply_to=1)], "incomplete"),
        ([message(3, answer(1) + " and more", reply_to=1)], "incomplete"),
        ([message(3, answer(1) + "\n\n⏹ Stopped", reply_to=1)], "incomplete"),
        ([message(3, answer(1) + "\n\n⚠️ Broken off.", reply_to=1)], "incomplete"),
        ([message(3, "⚠️ I give up.", reply_to=1)], "incomplete"),
        ([message(9, answer(1), reply_to=1)], "out of order"),
        ([message(3, answer(1), reply_to=1), message(5, "q1g2w0 ▌", reply_to=1, stop=True)], "stray"),
        ([message(3, answer(1), reply_to=1), message(5, "…", stop=True)], "stray"),
    ],
)
def test_what_is_wrong_at_the_end_is_counted(first: list[Json], wrong: str) -> None:
    counts = found(*first, SECOND)

    assert counts.pop("whole", 0) == (2 if wrong in ("doubled", "stray") else 1) or wrong == "out of order"
    assert {name for name in counts if name != "whole"} == {wrong}


@pytest.mark.parametrize(
    ("first", "more"),
    [
        ([message(3, "⚠️ The key is wrong.", reply_to=1)], {"kind": Kind.FAILING}),
        ([message(3, "⚠️ I give up.", reply_to=1)], {"requests": [Sent(1, time, []) for time in range(10)]}),
        ([message(3, "q1g1w0 q1g1w1\n\n⚠️ Broken off.", reply_to=1)], {"kind": Kind.BREAKING}),
        ([message(3, "q1g1w0 q1g1w1\n\n⏹ Stopped", reply_to=1)], {"stopped": True}),
        ([message(3, "q1g1w0 q1g1w1", reply_to=1), message(5, "⚠️ Broken off.")], {"kind": Kind.BREAKING}),
        ([message(3, "q1g1w0 q1g1w1", reply_to=1), message(5, "⏹ Stopped")], {"stopped": True}),
        ([message(3, answer(1) + "\n\n⏹ Stopped", reply_to=1)], {"stopped": True}),
        ([message(3, "Stopped.", reply_to=1)], {"stopped": True}),
        ([], {"dropped": True}),
    ],
)
def test_other_ends_are_right_where_they_are_to_be_expected(first: list[Json], more: dict[str, Any]) -> None:
    counts = found(*first, SECOND, **more)

    assert counts.pop("whole") == 1
    assert not {"lost", "doubled", "incomplete", "stray"} & counts.keys()


@pytest.mark.parametrize(
    ("transcript", "wrong"),
    [
        ([seen("send", 3, answer(1)), seen("edit", 3, "q1g1w0 ▌")], {"taken back", "shrunk"}),
        ([seen("send", 3, answer(1)), seen("delete", 3)], {"taken back"}),
        ([seen("send", 3, answer(1)), seen("send", 5, answer(1, 2)), seen("delete", 5)], {"doubled"}),
        (
            [seen("send", 3, "q1g1w0 q1g1w1 q1g1w2 ▌"), seen("edit", 3, "q1g2w0 ▌"), seen("edit", 3, answer(1))],
            {"shrunk"},
        ),
        ([seen("send", 3, "q1g1w0 ▌", stop=True), seen("edit", 3, answer(1))], set()),
        ([seen("send", 3, answer(1)), seen("edit", 3, answer(1), stop=True)], set()),
    ],
)
def test_what_was_wrong_for_a_while_is_counted(transcript: list[Json], wrong: set[str]) -> None:
    counts = found(message(3, answer(1), reply_to=1), SECOND, transcript=transcript)

    assert counts.keys() == wrong | {"whole"}


@pytest.mark.parametrize("is_edited", [False, True])
def test_a_shorter_text_than_a_sentence_of_an_error_is_right_where_the_question_was_edited(is_edited: bool) -> None:
    sentence = "⚠️ The provider did not accept the key. Choose another one."
    course = [seen("send", 3, sentence), seen("edit", 3, "q1g1w0 ▌"), seen("edit", 3, answer(1))]

    counts = found(message(3, answer(1), reply_to=1), SECOND, transcript=course, edited=is_edited)

    assert ("shrunk" in counts) is not is_edited


@pytest.mark.parametrize(
    ("earlier", "is_right"),
    [
        ([("user", question(1, Kind.SHORT)), ("assistant", answer(1))], True),
        ([], False),
        ([("user", question(1, Kind.SHORT)), ("assistant", "q1g1w0")], False),
        ([("user", question(2, Kind.SHORT)), ("assistant", answer(2))], False),
    ],
)
def test_a_history_that_is_not_what_stands_is_counted(earlier: list[tuple[str, str]], is_right: bool) -> None:
    sent = [("system", "Be brief."), *earlier, ("user", question(2, Kind.SHORT))]

    counts = found(message(3, answer(1), reply_to=1), SECOND, requests=[Sent(2, 1, sent)])

    assert ("history" not in counts) == is_right


@pytest.mark.parametrize("answered", ["⚠️ Please try again in a minute.", "A new conversation begins."])
def test_a_conversation_goes_on_where_it_was_refused_to_begin_anew(answered: str) -> None:
    asked = [Asked(number, Kind.SHORT, number, after_new=number - 1) for number in (1, 2)]
    talk = Conversation(CHAT, [], BOT, None, asked, news=[7])
    earlier = [("user", question(1, Kind.SHORT)), ("assistant", answer(1))]
    sent = [("system", "Be brief."), *earlier, ("user", question(2, Kind.SHORT))]
    shown = [message(3, answer(1), reply_to=1), message(4, answer(2), reply_to=2), message(8, answered, reply_to=7)]

    findings = check(talk, shown, (), [Sent(2, 1, sent)])

    assert findings.counts["history"] == (not answered.startswith("⚠️"))


@pytest.mark.parametrize(
    ("summed", "told", "is_right"),
    [
        (" 1", [], True),
        ("", [1], True),
        (" 1", [1], False),  # told twice
        (" 2", [], False),
        ("", [], False),  # with no need
    ],
)
def test_a_summary_stands_for_the_beginning_of_what_was_said(summed: str, told: list[int], is_right: bool) -> None:
    earlier = [each for n in told for each in (("user", question(n, Kind.SHORT)), ("assistant", answer(n)))]
    sent = [("system", f"In short:\nSummed up:{summed}\n"), *earlier, ("user", question(2, Kind.SHORT))]
    second = message(4, f"{answer(2)}\n\nℹ️ The conversation is long: /new begins afresh.", reply_to=2)

    counts = found(message(3, answer(1), reply_to=1), second, requests=[Sent(2, 1, sent)])

    assert counts == {"whole": 2} | ({} if is_right else {"history": 1})


def test_what_is_left_of_an_answer_to_the_former_words_is_found() -> None:
    left = message(5, answer(11), reply_to=1)

    assert found(message(3, answer(1), reply_to=1), SECOND, left, edited=True)["stray"] == 1


def test_an_answer_to_other_words_may_be_shorter() -> None:
    course = [seen("send", 3, answer(11, count=40)), seen("edit", 3, answer(1))]

    assert found(message(3, answer(1), reply_to=1), SECOND, transcript=course, edited=True) == {"whole": 2}


def test_buttons_under_an_older_answer_are_found() -> None:
    again = {"reply_markup": {"inline_keyboard": [[{"text": "🔄", "callback_data": "retry:1"}]]}}

    assert found(message(3, answer(1), reply_to=1) | again, SECOND | again) == {"whole": 2, "buttons": 1}


def test_a_question_that_did_not_come_whole_is_found() -> None:
    torn = [Sent(1, 1, [("user", question(1, Kind.SHORT))])]

    counts = found(message(3, answer(1), reply_to=1), SECOND, requests=torn, carries=("its end",))
    assert counts == {"whole": 2, "torn question": 1}


def test_a_question_that_goes_on_from_elsewhere_is_told_that_and_nothing_else() -> None:
    first = Sent(1, 1, [("user", question(1, Kind.SHORT))])
    told = [("user", question(1, Kind.SHORT)), ("assistant", answer(1)), ("user", question(2, Kind.SHORT))]
    shown = (message(3, answer(1), reply_to=1), SECOND)

    assert found(*shown, requests=[first, Sent(2, 1, told)]) == {"whole": 2}
    assert found(*shown, requests=[first, Sent(2, 1, told)], branches=True) == {"whole": 2, "history": 1}
    assert found(*shown, requests=[first, Sent(2, 1, told[-1:])], branches=True) == {"whole": 2}


def test_thoughts_stand_above_an_answer_only_where_they_are_kept() -> None:
    first = message(3, f"💭 hm hm\n{answer(1)}", reply_to=1)

    assert found(first, SECOND, keeps_thoughts=True) == {"whole": 2}
    assert found(first, SECOND)["incomplete"] == 1


def test_thoughts_may_be_longer_than_the_beginning_that_takes_their_place() -> None:
    course = [seen("send", 3, "💭 hm hm hm hm hm hm hm ▌", stop=True), seen("edit", 3, "q1g1w0 ▌", stop=True)]

    assert found(message(3, answer(1), reply_to=1), SECOND, transcript=course) == {"whole": 2}


def test_what_was_heard_stands_above_an_answer_and_counts_for_nothing() -> None:
    heard = question(1, Kind.SHORT)
    whole = message(3, f"{heard}\n\n{answer(1)}", reply_to=1)
    course = [seen("send", 3, f"{heard}\n\n▌", stop=True), seen("edit", 3, f"{heard}\n\n{answer(1)}")]

    assert found(whole, SECOND, transcript=course) == {"whole": 2}
    assert found(message(3, heard, reply_to=1), SECOND)["incomplete"] == 1


def test_a_question_is_summed_up_whatever_stands_before_its_words() -> None:
    said = "User: [a picture]\n\nQuestion 5, short, please\n\nAssistant: q5g1w0\n\nUser: Question 6, long, please"

    assert summary(said) == "Summed up: 5 6"
