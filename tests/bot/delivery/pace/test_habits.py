"""What a chat's past teaches about how long its next reply will last, and how soon the one after it will come."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pace.habits import CHATS, HabitBook
from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.pauses import PAUSES_S, Pauses


def test_without_a_past_replies_last_eight_seconds_give_or_take() -> None:
    assert HabitBook().of(1).lengths.median_s == 8.0


def test_a_chat_whose_replies_last_alike_is_known_after_some_of_them() -> None:
    book = HabitBook()

    for _ in range(60):
        book.lasted(1, 30.0)

    assert book.of(1).lengths.median_s == pytest.approx(30.0, rel=0.2)
    assert book.of(1).lengths.sigma < 0.6


def test_random_lengths_teach_their_distribution() -> None:
    rng, lengths = random.Random(3), Lengths()

    for _ in range(400):
        lengths = lengths.after(20 * math.exp(rng.gauss(0, 0.7)))

    assert lengths.median_s == pytest.approx(20.0, rel=0.3)
    assert lengths.sigma == pytest.approx(0.7, rel=0.3)


def test_one_reply_hardly_changes_the_belief() -> None:
    assert Lengths().after(100.0).median_s == pytest.approx(8.0, rel=0.3)


def test_a_new_chat_is_taken_for_one_like_the_others() -> None:
    book = HabitBook()

    for chat_id in range(1, 100):
        book.lasted(chat_id, 2.0)

    assert book.of(1000).lengths.median_s == pytest.approx(2.0, rel=0.3)


def test_what_changed_is_learned_anew() -> None:
    lengths = Lengths()
    for _ in range(500):
        lengths = lengths.after(2.0)

    for _ in range(100):
        lengths = lengths.after(20.0)

    assert lengths.median_s == pytest.approx(20.0, rel=0.3)


@given(st.lists(st.floats(0.0, 1e6)))
def test_no_past_leads_out_of_bounds(durations: list[float]) -> None:
    lengths = Lengths()

    for duration_s in durations:
        lengths = lengths.after(duration_s)

    assert 0.2 < lengths.median_s < 1e6
    assert 0.4 <= lengths.sigma <= 1.5


def test_the_chats_that_answered_longest_ago_are_forgotten() -> None:
    book = HabitBook()
    for _ in range(50):
        book.lasted(-1, 60.0)
    long_ago = book.of(-1)

    for chat_id in range(1, CHATS + 1):
        book.lasted(chat_id, 2.0)

    assert book.of(-1) != long_ago
    assert book.of(CHATS) != book.of(CHATS + 1)


def test_a_chat_that_asks_on_at_once_is_known_after_some_questions() -> None:
    book = HabitBook()

    for _ in range(10):
        book.paused(1, 2.5)

    assert book.of(1).gaps.shares[2] > 0.7
    assert book.of(2).gaps.shares[2] > Pauses().shares[2]


@given(st.lists(st.floats(-1.0, 1e6)))
def test_the_shares_of_gaps_are_shares(gaps_s: list[float]) -> None:
    gaps = Pauses()

    for gap_s in gaps_s:
        gaps = gaps.after(gap_s)

    assert sum(gaps.shares) == pytest.approx(1.0)
    assert min(gaps.shares) >= 0
    assert len(gaps.shares) == len(PAUSES_S)
