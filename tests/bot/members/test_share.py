"""Which bots a member takes, by what it learns at each beat."""

from bot.members.share import SHARE_S, Share
from bot.storage.ownership.members import Beat, Other

BOTS = range(1, 13)
OTHERS = [Other("two", "", BOTS[4:8]), Other("three", "", BOTS[8:])]


def beat(*others: Other, free: int = 0) -> Beat:
    return Beat(True, lapsed=False, free=free, mine={}, late=frozenset(), others=others)


def test_who_is_back_first_when_the_database_is_leaves_others_their_share_of_what_a_dead_one_had() -> None:
    share, ours = Share("one", BOTS), BOTS[:4]
    assert not share.surplus(ours, beat(*OTHERS), 10.0)
    back_at = 60.0

    alone = share.wanted(ours, beat(free=4), back_at, lives_since=back_at)
    both = share.wanted(ours, beat(OTHERS[1], free=4), back_at + SHARE_S, lives_since=back_at)

    assert alone == (frozenset(), 0)
    assert both == (frozenset(BOTS[4:]), 2)
