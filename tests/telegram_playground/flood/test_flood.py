"""Many chats at once: how late a bot's answers are, beside the least that is possible."""

import re
import sys
from pathlib import Path

import pytest

from telegram_playground.__main__ import main
from telegram_playground.flood.figures import Reply, least_lag_s, shown
from telegram_playground.flood.load import Load, Outcome
from telegram_playground.limits.flood_limits import Limits

BOT = Path(__file__).with_name("patient_bot.py")
DELTAS = [(float(second), 10 * second) for second in range(1, 5)]  # ten characters a second


def test_the_lag_is_the_mean_time_until_a_delta_is_on_the_screen() -> None:
    at_once = Reply(0.0, DELTAS, DELTAS)
    halves = Reply(0.0, DELTAS, [(2.0, 20), (5.0, 40)])
    lost = Reply(0.0, DELTAS, [(2.0, 20), (6.0, 20)])

    assert (at_once.lag_s, at_once.first_s, at_once.final_s, at_once.is_complete) == (0, 0, 0, True)
    assert (halves.lag_s, halves.first_s, halves.final_s) == ((1 + 0 + 2 + 1) / 4, 1.0, 1.0)
    assert (lost.final_s, lost.is_complete) == (None, False)
    assert lost.lag_s == (1 + 0 + 3 + 2) / 4


def test_only_what_stands_of_the_answer_counts() -> None:
    answer = "word000 word001"

    assert shown("Thinking…", answer) == 0
    assert shown("word000 wo▌", answer) == 10
    assert shown("🤖 word000 word001", answer) == 15


def test_the_bound_spreads_all_calls_that_the_limits_allow() -> None:
    assert least_lag_s(Limits(), chats=1, seconds=10, way_s=0.0) == 10 / (2 * 15)
    assert least_lag_s(Limits(), chats=110, seconds=10, way_s=0.1) == 10 / (2 * 3) + 0.1  # 330 calls for 110
    assert least_lag_s(Limits.off(), chats=1, seconds=10, way_s=0.1) == 0.1


def test_answers_that_did_not_come_are_counted_as_late() -> None:
    lost = Reply(0.0, DELTAS, [(2.0, 20)])
    outcome = Outcome(Load(chats=2), Limits(), 0.04, [lost], refused=3, waited_s=1.5, calls=9)

    assert not outcome.is_well
    assert "2 of 2 over 2 s late" in outcome.in_words()
    assert "3 of 9 calls; made to wait 1.5 s" in outcome.in_words()
    assert len(outcome.in_words().splitlines()) <= 10


def test_a_patient_bot_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    load = ["--chats", "3", "--seconds", "3", "--characters", "120", "--within", "0.1", "--patience", "20"]

    assert main(["flood", *load, "--", sys.executable, str(BOT)]) == 0

    said = capfd.readouterr().out
    assert re.search(r"bound +0\.\d\d s: the bot has \d", said)
    assert "refused (429)          0" in said
    assert "3 of 3" in said
