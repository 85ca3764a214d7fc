"""The checker: what became of every question, as people saw it on the server's screen. It knows nothing of the bot.

A question is answered by one *appearance*: a message that replies to it, and those that go on with its words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.crash.essay import (
    PASTED,
    PICTURE,
    Kind,
    Word,
    is_whole,
    mentioned,
    read,
    without_heard,
    without_summed,
    without_thoughts,
    without_unknown,
)
from tests.crash.essayist import Sent
from tests.crash.scene import Asked, Conversation
from tests.crash.told import Pair, is_right, pairs, summed

CURSOR = "▌"
WARNING = "⚠️"
NOTE = "ℹ️"
STOPPED = "⏹"  # marks what came of an answer that was stopped
SLACK = 10  # characters that one generation may be shorter than another by the digits of its number
ROOM = 4_000  # tokens that the model surely takes
LEAVE = '{\n "what": '  # in a message that asks, or asked, whether a call may be made
MANY = 6  # requests for one answer, after which the bot may give up
BAD = ("lost", "doubled", "incomplete", "out of order")
ALSO_BAD = ("stray", "taken back", "shrunk", "history", "torn question", "buttons", "given up", "summed twice")
OF_CALLS = ("called twice", "unknown untold")
_LINE = re.compile(r"\n*🔧 [^\n]*…(?= ?▌|$)")  # of a tool that runs

Json = dict[str, Any]


class Look(StrEnum):
    """How an appearance looks."""

    WHOLE = "whole"
    GROWING = "growing"  # a cursor, a Stop button or a placeholder
    ERROR = "error"  # one sentence
    BROKEN = "broken"  # the beginning of an answer, and that it is incomplete
    BEGINNING = "beginning"  # of an answer that was stopped, which is marked
    SENTENCE = "sentence"  # no answer: "Stopped."
    GARBLED = "garbled"


@dataclass(slots=True)
class Piece:
    """A message of the bot."""

    message_id: int
    text: str
    reply_to: int | None
    is_growing: bool
    words: list[Word]
    tells_unknown: bool = False  # that nobody knows what became of a call
    has_choice: bool = False  # a button for another answer, or for another version


@dataclass(slots=True)
class Findings:
    """What was counted, and a line about each thing that is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        """Whether a promise was broken."""
        return any(self.counts[name] for name in (*BAD, *ALSO_BAD, *OF_CALLS))

    def wrong(self, what: str, where: str) -> None:
        """Count something that must not be."""
        self.counts[what] += 1
        self.lines.append(f"{what}: {where}")

    def add(self, other: "Findings") -> None:
        """Take over another's findings."""
        self.counts.update(other.counts)
        self.lines += other.lines


def check(
    talk: Conversation,
    messages: Sequence[Json],
    transcript: Iterable[Json],
    requests: Sequence[Sent],
    unknown: Collection[tuple[int, int]] = (),
) -> Findings:
    """Return what became of a conversation's questions.

    `messages` are those of the bot there at the end, `transcript` is the chat's, `requests` are what the provider got;
    of the `unknown` calls (question, generation) people are to be told.
    """
    findings = Findings()
    leaves = [message for message in messages if LEAVE in message["text"]]
    findings.counts["leaves"] += len(leaves)
    said = [message for message in messages if message not in leaves]
    pieces = _notes_joined([_piece(message, keeps_thoughts=talk.keeps_thoughts) for message in said])
    _take_back_news(talk, pieces)
    answers: dict[int, list[Piece]] = {}
    used: set[int] = set()
    for question in sorted(talk.asked, key=lambda question: question.number):
        about = [piece for piece in pieces if _is_about(piece, question)]
        findings.counts["edits"] += len(question.former)
        findings.counts["voices"] += question.is_spoken
        findings.counts["documents"] += question.documents
        findings.counts["pictures or pastes"] += bool(question.carries) and not question.is_other
        findings.counts["branches"] += question.is_branch
        findings.counts["thoughts"] += question.kind is Kind.THINKING
        used.update(piece.message_id for piece in about)
        is_given_up = sum(request.question == question.number for request in requests) >= MANY
        ends = _ends_of(question, is_given_up=is_given_up)
        answer = _judge(question, ends, list(_appearances(about, question)), findings, _place(talk, question))
        if answer:
            answers[question.number] = answer
            made = {(word.question, word.generation) for piece in answer for word in piece.words}
            if made & {*unknown}:
                findings.counts["unknown calls"] += 1
                if not any(piece.tells_unknown for piece in answer):
                    findings.wrong("unknown untold", _place(talk, question))
    _check_order(talk, answers, findings)
    for piece in pieces:
        if piece.is_growing and piece.message_id not in used:
            findings.wrong("stray", f"{talk.chat.title or talk.chat.key} #{piece.message_id} {piece.text[:40]!r}")
    former = {number for question in talk.asked for number in question.former}
    for piece in pieces:
        if any(word.question in former for word in piece.words):
            findings.wrong("stray", f"{talk.chat.title or talk.chat.key} #{piece.message_id}: what it was asked before")
    if len(choices := [piece.message_id for piece in pieces if piece.has_choice]) > 1:
        findings.wrong("buttons", f"{talk.chat.title or talk.chat.key} {choices}")
    _check_course(talk, transcript, findings)
    _check_history(talk, answers, requests, findings)
    return findings


def _take_back_news(talk: Conversation, pieces: Sequence[Piece]) -> None:
    """Have a /new that was refused count as not said: Telegram may not tell who the admins of a group are."""
    warned = {piece.reply_to for piece in pieces if piece.text.startswith(WARNING)}
    for refused in [message_id for message_id in talk.news if message_id in warned]:
        place = talk.news.index(refused)
        talk.news.remove(refused)
        before: Asked | None = None
        for question in talk.asked:
            if question.after_new > place:
                question.after_new -= 1
                if question.parent is None and before and before.after_new == question.after_new == place:
                    question.parent = before
            before = question


def _judge(
    question: Asked, right: set[Look], appearances: list[list[Piece]], findings: Findings, place: str
) -> list[Piece] | None:
    """Count what became of one question; return the appearance that stands for its answer."""
    looks = [(_look(appearance), appearance) for appearance in appearances]
    ends = [(look, pieces) for look, pieces in looks if look in right]
    findings.counts["questions"] += 1
    if not ends:
        if looks:
            findings.wrong("incomplete", f"{place}: {', '.join(look for look, _ in looks)}")
        elif question.may_be_dropped:
            findings.counts["dropped"] += 1
        else:
            findings.wrong("lost", place)
        return None
    best = next((end for end in ends if end[0] is Look.WHOLE), ends[0])
    usual = {Look.ERROR: question.kind is Kind.FAILING, Look.BROKEN: question.kind is Kind.BREAKING}
    if usual.get(best[0], True):
        findings.counts[best[0]] += 1
    else:
        findings.wrong("given up", place)  # no question here kills the bot: somebody else did
    for look, pieces in looks:
        if pieces is not best[1]:
            what = "stray" if look in (Look.GROWING, Look.BEGINNING, Look.GARBLED) else "doubled"
            findings.wrong(what, f"{place}: {look} #{pieces[0].message_id} beside {best[0]} #{best[1][0].message_id}")
    return best[1]


def _ends_of(question: Asked, *, is_given_up: bool) -> set[Look]:
    ends = {Look.WHOLE}
    if question.kind is Kind.FAILING or is_given_up:
        ends.add(Look.ERROR)
    if question.kind is Kind.BREAKING or is_given_up:
        ends.add(Look.BROKEN)
    if question.may_be_stopped:
        ends |= {Look.BEGINNING, Look.SENTENCE, Look.BROKEN}
    return ends


def _look(pieces: Sequence[Piece]) -> Look:
    text = " ".join(piece.text for piece in pieces)
    if any(piece.is_growing for piece in pieces):
        return Look.GROWING
    text, stopped, _ = text.partition(STOPPED)
    before, warning, _ = text.partition(WARNING)
    words = read(before)
    if words is None:
        return Look.GARBLED if mentioned(text) else Look.SENTENCE
    if warning:
        return (Look.BROKEN if _is_kept(pieces) else Look.GARBLED) if words else Look.ERROR
    if is_whole(words):
        return Look.BEGINNING if stopped else Look.WHOLE
    return Look.BEGINNING if stopped and _is_kept(pieces) else Look.GARBLED


def _is_kept(pieces: Sequence[Piece]) -> bool:
    """Tell whether messages go on one from the other, each of one generation: a kill may part two generations."""
    places = [word.place for piece in pieces for word in piece.words]
    places = places[:-1] if places[-1] is None else places
    return places == list(range(len(places))) and all(
        len({word.generation for word in piece.words}) <= 1 for piece in pieces
    )


def _appearances(pieces: Sequence[Piece], question: Asked) -> Iterator[list[Piece]]:
    appearance: list[Piece] = []
    for piece in pieces:
        begins = piece.reply_to == question.message_id or (bool(piece.words) and piece.words[0].place == 0)
        if begins and appearance:
            yield appearance
            appearance = []
        appearance.append(piece)
    if appearance:
        yield appearance


def _notes_joined(pieces: list[Piece]) -> list[Piece]:
    """Join a warning, or the mark of a stop, that had no room in its message to that."""
    joined: list[Piece] = []
    for piece in pieces:
        is_note = piece.text.startswith((WARNING, STOPPED, NOTE))
        if is_note and piece.reply_to is None and joined and joined[-1].words:
            joined[-1].text += f"\n\n{piece.text}"
            joined[-1].is_growing = joined[-1].is_growing or piece.is_growing
        else:
            joined.append(piece)
    return joined


def _check_order(talk: Conversation, answers: Mapping[int, Sequence[Piece]], findings: Findings) -> None:
    latest = 0
    for question in talk.asked:
        if pieces := answers.get(question.number):
            if pieces[0].message_id < latest:
                findings.wrong("out of order", _place(talk, question))
            latest = max(latest, pieces[-1].message_id)


def _check_course(talk: Conversation, transcript: Iterable[Json], findings: Findings) -> None:
    """Look at every moment: no answer twice, none less than it was."""
    shown: dict[int, Piece] = {}
    by_number = {question.number: question for question in talk.asked}
    whole: set[int] = set()
    reported: set[tuple[str, int]] = set()

    def report(what: str, question: Asked, more: str = "") -> None:
        if (what, question.number) not in reported:
            reported.add((what, question.number))
            findings.wrong(what, f"{_place(talk, question)} {more}")

    for entry in transcript:
        if entry["kind"] not in ("send", "edit", "delete") or (
            entry["kind"] != "delete" and entry["by"] != talk.bot.id
        ):
            continue
        before = shown.pop(entry["message_id"], None)
        after = None if entry["kind"] == "delete" else _seen(entry)
        if after:
            shown[after.message_id] = after
        numbers = {word.question for piece in (before, after) if piece for word in piece.words}
        for question in (by_number[number] for number in numbers if number in by_number):
            wholes = _wholes(shown.values(), question.number)
            if wholes > 1:
                report("doubled", question, "on the screen for a while")
            if wholes:
                whole.add(question.number)
            elif question.number in whole and not question.is_retried and not _is_looked_at(before, after):
                report("taken back", question, f"by {entry['kind']} #{entry['message_id']}")
            is_less = before and after and _length(after) < _length(before) - SLACK
            if before and after and is_less and _is_of(before, question) and not _may_shrink(question):
                report("shrunk", question, f"#{after.message_id} from {_length(before)} to {_length(after)}")


def _is_looked_at(before: Piece | None, after: Piece | None) -> bool:
    """Tell whether an edit changed the buttons alone: what a killed process left is read by that."""
    return before is not None and after is not None and before.text == after.text


def _is_of(piece: Piece, question: Asked) -> bool:
    """Tell whether a message shows an answer to this wording of a question: an edit begins another one.

    A sentence, as of an error, does not say which wording it is about.
    """
    if not piece.words:
        return not question.former
    return all(word.question == question.number for word in piece.words)


def _length(piece: Piece) -> int:
    return len(piece.text.removesuffix(CURSOR).rstrip())


def _may_shrink(question: Asked) -> bool:
    return question.is_retried or question.kind is Kind.VARYING


def _wholes(pieces: Iterable[Piece], number: int) -> int:
    """Count the whole answers among messages."""
    runs: list[list[Word]] = []
    for piece in sorted(pieces, key=lambda piece: piece.message_id):
        if not piece.words or piece.words[0].question != number:
            continue
        if piece.words[0].place == 0 or not runs:
            runs.append([])
        runs[-1] += [] if piece.is_growing else piece.words
    return sum(is_whole(run) for run in runs)


def _check_history(
    talk: Conversation, answers: Mapping[int, Sequence[Piece]], requests: Sequence[Sent], findings: Findings
) -> None:
    """Compare what the provider was told of the conversation with what stands there."""
    sent = {(request.question, request.generation): request.messages for request in requests}
    said: dict[int, list[Pair]] = defaultdict(list)
    known: dict[int, Pair] = {}  # what was said, by the identity of its question
    for question in talk.asked:
        pieces = answers.get(question.number)
        words = [word for piece in pieces or () for word in piece.words]
        messages = sent.get((question.number, words[-1].generation)) if words else None
        if messages is not None:
            for missing in (each for each in question.carries if each not in messages[-1][1]):
                findings.wrong("torn question", f"{_place(talk, question)}: without {missing!r}")
        if messages is not None and not question.is_retried:
            told, before = pairs(messages), summed(messages)
            path = [known[id(each)] for each in _path(question) if id(each) in known]
            stands = said[question.after_new] if talk.is_shown_replies_only else path
            findings.counts["summaries"] += bool(before)
            findings.counts["cut"] += len(before) + len(told) < len(stands)
            # Where each question replies to an answer it goes on from there, and not all goes on from the last one.
            if not is_right(told, before, stands, is_loose=talk.is_shown_replies_only):
                numbers = [number for number, _ in told], [number for number, _ in stands]
                sent_of = f"sent {numbers[0]}, summed up {before}, stands {numbers[1]}"
                findings.wrong("history", f"{_place(talk, question)}: {sent_of}")
            elif (
                len(before) + len(told) < len(stands) and not talk.is_shown_replies_only and _is_little(question, known)
            ):
                findings.wrong("history", f"{_place(talk, question)}: cut with no need")
        if words and pieces and _look(pieces) in (Look.WHOLE, Look.BEGINNING):
            known[id(question)] = question.number, [word.place for word in words]
            said[question.after_new].append(known[id(question)])


def _is_little(question: Asked, known: Mapping[int, Pair]) -> bool:
    """Tell whether the model takes a question with all that stands before it, reckoned generously."""
    said = [(each, len(known[id(each)][1])) for each in _path(question) if id(each) in known]
    return sum(_tokens(each, words) for each, words in [*said, (question, 0)]) <= ROOM


def _tokens(question: Asked, words: int) -> int:
    pictures = sum(each.count(PICTURE) for each in question.carries)
    letters = sum(map(len, question.carries)) + len(PASTED)
    return 1_700 * pictures + (letters if question.carries and not pictures else 0) + 4 * words + 100


def _path(question: Asked) -> list[Asked]:
    """Return the questions that one goes on from, oldest first."""
    path: list[Asked] = []
    before = question.parent
    while before is not None:
        path.insert(0, before)
        before = before.parent
    return path


def _is_about(piece: Piece, question: Asked) -> bool:
    words = piece.words
    return words[0].question == question.number if words else piece.reply_to == question.message_id


def _piece(message: Json, *, keeps_thoughts: bool) -> Piece:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    data = [button.get("callback_data", "") for row in rows for button in row]
    reply_to = message.get("reply_to_message", {}).get("message_id")
    has_choice = any(each.startswith(("retry", "show")) for each in data)
    text = without_heard(message["text"])
    text = without_heard(without_thoughts(text)) if keeps_thoughts else text
    grows = _grows(message["text"], data)
    text = _LINE.sub("", text)
    text = without_summed(text)
    said = without_unknown(text)
    tells_unknown = said != text
    return Piece(message["message_id"], said, reply_to, grows, _words(message), tells_unknown, has_choice)


def _seen(entry: Json) -> Piece:
    data = [button.get("data", "") for row in entry["keyboard"] for button in row]
    text = _LINE.sub("", without_heard(without_thoughts(without_heard(entry["text"]))))
    said = without_unknown(without_summed(text))
    return Piece(entry["message_id"], said, None, _grows(entry["text"], data), _words(entry))


def _words(message: Json) -> list[Word]:
    return mentioned(message["text"])


def _grows(text: str, data: Iterable[str]) -> bool:
    return text.rstrip().endswith(CURSOR) or text == "…" or any(button.startswith("stop") for button in data)


def _place(talk: Conversation, question: Asked) -> str:
    chat = talk.chat.title or talk.chat.key
    topic = f" {talk.topic.name}" if talk.topic else ""
    return f"{chat}{topic} #{question.message_id} (question {question.number}, {question.kind})"
