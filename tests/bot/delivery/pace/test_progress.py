"""What is known of a reply that grows."""

import pytest

from bot.delivery.pace.progress import Progress


def test_a_call_hides_what_comes_while_it_is_under_way() -> None:
    progress = Progress()
    progress.heard(10)
    progress.take()
    progress.heard(12)
    progress.heard(13)

    lag_since = progress.behind_since
    progress.shown()

    assert lag_since == 10
    assert progress.behind_since == 12


def test_what_came_while_nobody_looked_is_taken_for_as_old_as_it_may_be() -> None:
    progress = Progress()
    for tenth in range(5):
        progress.heard(10 + tenth / 10)
    progress.take()
    progress.shown()

    progress.rests = True
    progress.heard(11.4)
    progress.heard(11.5)

    assert progress.behind_since == pytest.approx(10.5)
    assert progress.rhythm.longest_s == pytest.approx(0.1)  # what was not looked at is no gap


def test_nothing_is_behind_when_the_last_call_has_shown_all() -> None:
    progress = Progress()
    progress.heard(10)
    progress.take()

    progress.shown()

    assert progress.behind_since == 0
    assert (progress.begun_at, progress.called_at) == (10, 10)


def test_a_frame_that_is_not_of_the_last_part_leaves_the_rest_behind() -> None:
    progress = Progress()
    progress.heard(10)

    progress.leave(progress.take())
    progress.heard(12)
    progress.shown()

    assert progress.behind_since == 10
