"""Who goes first among those that wait for a slot."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.slots.agenda import Agenda, Rank


@dataclass(eq=False)
class Waiting:
    name: str
    priority: int
    since: float = 0.0

    def rank(self) -> Rank:
        return self.priority, self.since


def test_the_least_rank_of_those_that_are_due_comes_first() -> None:
    agenda: Agenda[Waiting] = Agenda(split_at=3)
    late, urgent, first = Waiting("late", 0), Waiting("urgent", 1, 5), Waiting("first", 1, 4)
    for entry, at in ((late, 20.0), (urgent, 1.0), (first, 2.0)):
        agenda.put(entry, at)

    agenda.advance(10)

    assert [agenda.pop(behind=False) for _ in range(3)] == [first, urgent, None]
    assert agenda.next_at() == 20


def test_those_behind_the_split_are_passed_over() -> None:
    agenda: Agenda[Waiting] = Agenda(split_at=3)
    progress = Waiting("progress", 3)
    agenda.put(progress, 0)

    agenda.advance(0)

    assert agenda.pop(behind=False) is None
    assert agenda.has_ready(behind=True)
    assert agenda.pop(behind=True) is progress


def test_what_is_put_down_again_counts_only_as_it_is_now() -> None:
    agenda: Agenda[Waiting] = Agenda(split_at=3)
    reply = Waiting("reply", 3)
    agenda.put(reply, 0)
    agenda.advance(0)
    reply.priority = 1

    agenda.put(reply, 0)
    agenda.advance(0)

    assert agenda.pop(behind=False) is reply
    assert agenda.pop(behind=True) is None


def test_what_is_struck_out_is_not_waited_for() -> None:
    agenda: Agenda[Waiting] = Agenda(split_at=3)
    gone = Waiting("gone", 0)
    agenda.put(gone, 5)

    agenda.strike(gone)

    assert agenda.next_at() is None
    agenda.advance(10)
    assert agenda.pop(behind=False) is None


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 100), st.floats(0, 100)), max_size=30), st.floats(0, 100))
def test_it_finds_what_a_look_at_all_of_them_would_find(rows: list[tuple[int, float, float]], now: float) -> None:
    agenda: Agenda[Waiting] = Agenda(split_at=3)
    for priority, since, at in rows:
        agenda.put(Waiting("", priority, since), at)
    agenda.advance(now)

    found = []
    for behind in (False, True):
        while entry := agenda.pop(behind=behind):
            found.append(entry.rank())

    assert found == sorted((priority, since) for priority, since, at in rows if at <= now)
