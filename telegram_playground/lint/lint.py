"""Finds fault with what bots do, while they do it.

Every call passes `called` when it is answered, everything that a bot left undone passes `neglected`. What is alike is
one finding that is counted. Trouble that was asked for is nobody's fault; how a bot takes it is.
"""

import json
from dataclasses import asdict, dataclass, replace

from telegram_playground.limits.flood_limits import Floods, Limits
from telegram_playground.lint.growing import Growing
from telegram_playground.lint.rules import FAILING, RULES, refusal
from telegram_playground.process.clock import Clock
from telegram_playground.protocol.wire import Json
from telegram_playground.world.calls import Call, Calls
from telegram_playground.world.feed import Feed
from telegram_playground.world.latest import Latest
from telegram_playground.world.queries import Queries

_MAX_FINDINGS, _MAX_PENALTIES = 1000, 5000
_MAX_ENTITIES = 100  # tdlib MessageEntity.cpp, MAX_USER_ENTITY_COUNT
_LATE_S = 1.0  # a frame that has to wait longer is over the limits, not just early
_PATIENCE_S = 5.0  # a press that waits longer counts as not answered where a report ends a run
_SENDING = ("send", "edit", "copy", "forward")
_TYPING = ("sendChatAction", "sendMessageDraft", "sendRichMessageDraft")


@dataclass(slots=True)
class Finding:
    """What one bot did wrong in one chat with one method; `call` is the id of the last such call."""

    id: int
    rule: str
    level: str
    bot: int
    method: str
    chat: str | None
    count: int = 0
    call: int | None = None
    detail: str = ""
    time: float = 0.0

    def json(self) -> Json:
        """Return the finding as the control API shows it."""
        rule = RULES[self.rule]
        return {**asdict(self), "words": rule.words, "mend": rule.mend}


class Lint:
    """The findings so far."""

    def __init__(self, clock: Clock, feed: Feed, calls: Calls, queries: Queries, limits: Limits) -> None:
        self._clock = clock
        self._feed = feed
        self._queries = queries
        self._growing = Growing()
        self._floods = Floods(_endless(limits))
        self._penalties: Latest[tuple[int, str, bool], float] = Latest(_MAX_PENALTIES)
        self._findings: dict[tuple[str, int, str, str | None], Finding] = {}
        self._last_id = 0
        calls.listeners.append(self.called)
        feed.neglect.append(self.neglected)

    def set_limits(self, limits: Limits) -> None:
        """Hold bots to other limits; they hold here also where the server has them off."""
        self._floods.limits = _endless(limits)

    def forget(self) -> None:
        """Begin anew."""
        self._findings.clear()
        self._penalties.clear()
        self._growing.forget()
        self._floods.forget()

    def findings(self) -> list[Finding]:
        """Return what was found so far, what fails a run first."""
        levels: list[str] = [*dict.fromkeys(rule.level for rule in RULES.values())]
        return sorted(self._findings.values(), key=lambda finding: (levels.index(finding.level), finding.id))

    def report(self) -> Json:
        """Return the findings, presses that wait for an answer too, and whether there is nothing to mend."""
        waiting = [
            Finding(0, "unanswered", "error", query.bot.id, "answerCallbackQuery", query.chat.key, 1, None, "", 0.0)
            for query in self._queries.waiting("callback", longer_than_s=_PATIENCE_S)
        ]
        found = [*waiting, *self.findings()]
        return {
            "clean": not any(finding.level in FAILING for finding in found),
            "findings": [finding.json() for finding in found],
        }

    def called(self, call: Call) -> None:
        """Look at a call that was answered."""
        self._judge_pace(call)
        if call.body.get("ok"):
            self._judge_text(call)
        elif call.fault is None and "error_code" in call.body:
            description = str(call.body.get("description", ""))
            rule = refusal(call.body["error_code"], description)
            if rule:
                self._add(rule, call.bot, call.method, call.chat, call.id, description)
        retry_after_s = (call.body.get("parameters") or {}).get("retry_after")
        if retry_after_s and call.chat and call.finished is not None:
            self._penalties[call.bot, call.chat, call.method in _TYPING] = call.finished + retry_after_s

    def neglected(self, rule: str, bot: int, method: str, chat: str) -> None:
        """Take what a bot left undone."""
        self._add(rule, bot, method, chat, None, "")

    def _judge_pace(self, call: Call) -> None:
        if call.chat and call.method.startswith(_SENDING):
            left = self._penalties.get((call.bot, call.chat, call.method in _TYPING), 0.0) - call.started
            if left > 0:
                self._add("penalty", call.bot, call.method, call.chat, call.id, f"{left:.1f} s too early")
        if call.charged and call.body.get("error_code") != 429:
            chat, family, at = call.charged
            wait = self._floods.admit(call.bot, chat, family, at)
            if wait > _LATE_S:
                self._add("rate", call.bot, call.method, call.chat, call.id, f"{wait:.1f} s too early")

    def _judge_text(self, call: Call) -> None:
        text = call.parameters.get("text") or call.parameters.get("caption")
        rules = self._growing.faults(call)
        if isinstance(text, str) and "\t" in text:
            rules.append("tabs")
        if "parse_mode" not in call.parameters and _count(call.parameters.get("entities")) > _MAX_ENTITIES:
            rules.append("dropped_entities")
        for rule in rules:
            self._add(rule, call.bot, call.method, call.chat, call.id, "")

    def _add(self, rule: str, bot: int, method: str, chat: str | None, call: int | None, detail: str) -> None:
        key = (rule, bot, method, chat)
        finding = self._findings.get(key)
        if finding is None:
            if len(self._findings) >= _MAX_FINDINGS:
                return
            self._last_id += 1
            finding = self._findings[key] = Finding(self._last_id, rule, RULES[rule].level, bot, method, chat)
        finding.count += 1
        finding.call, finding.detail, finding.time = call, detail, self._clock.now()
        if self._feed.watched:
            self._feed.publish({"type": "finding", "time": finding.time, "finding": finding.json()})


def _endless(limits: Limits) -> Limits:
    """Return limits that refuse nothing and say how long each call should have waited."""
    return replace(limits, enabled=True, absorb_s=1e9, absorb_typing_s=1e9)


def _count(entities: object) -> int:
    if isinstance(entities, str):
        try:
            entities = json.loads(entities)
        except ValueError:
            return 0
    return len(entities) if isinstance(entities, list) else 0
