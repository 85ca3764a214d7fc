"""The scenes, in rounds: what is in one round is played at the same time, by bots of their own."""

from collections.abc import Sequence

from bench.scene import Scene
from bench.stage import REFERENCE

Round = Sequence[Scene]
PLOTTED = "2,800 characters, 60/s"
MAIN = "private, 60/s"
ONE_SIZE = (2800, 2800)


def programme(*, quick: bool) -> list[Round]:
    """Return the rounds of the whole run, about 15 minutes, or of a quick one, about 2."""
    return _quick() if quick else _whole()


def _in_a_row(*, group: bool) -> Round:
    kind = "group" if group else "private"
    title = f"four in a row, {kind}"
    return [
        Scene(title, 4, group=group, characters=ONE_SIZE, bots=1, same_chat=True, pause_s=2.5),
        Scene(
            f"{title}: reference", 4, REFERENCE, group=group, characters=ONE_SIZE, bots=1, same_chat=True, pause_s=2.5
        ),
    ]


def _whole() -> list[Round]:
    return [
        [
            Scene(PLOTTED, 6, characters=ONE_SIZE, bots=3),
            Scene(f"{PLOTTED}: reference", 6, REFERENCE, characters=ONE_SIZE, bots=3),
        ],
        [Scene(MAIN, 40, longest_s=75), Scene(f"{MAIN}: reference", 24, REFERENCE, bots=4)],
        [Scene("private, 20/s", 30, per_s=20), Scene("private, 200/s", 30, per_s=200, bots=4)],
        [
            Scene("private, 60/s, half-empty bucket", 30, spend=3),
            Scene("20 to 20,000 characters, 200/s", 30, per_s=200, characters=(20, 20_000), bots=3),
            Scene("20 to 20,000 characters: reference", 15, REFERENCE, 200, characters=(20, 20_000), bots=2),
        ],
        [
            Scene("three messages, 60/s", 6, characters=(9000, 9000), bots=3),
            Scene("three messages, group, 60/s", 6, group=True, characters=(9000, 9000), bots=3),
        ],
        [Scene("group, 60/s", 30, group=True), Scene("group, 60/s: reference", 24, REFERENCE, group=True)],
        [
            Scene("group, 60/s, half-empty bucket", 30, group=True, spend=10),
            Scene("drafts, 20/s", 30, per_s=20, draft=True),
        ],
        [
            Scene("group, 20/s, sliding window", 24, per_s=20, group=True, window=True, same_chat=True, lesson_s=25),
            Scene("a refusal for 33 s", 3, per_s=20, characters=(3000, 3600), bots=3, refuse_s=33, window=True),
        ],
        [
            Scene("10 chats at once, 60/s", chats=10, seconds=40, longest_s=20),
            Scene("10 chats at once: reference", program=REFERENCE, chats=10, seconds=40, longest_s=20),
        ],
        [*_in_a_row(group=False), *_in_a_row(group=True)],
        [Scene("100 chats at once, 20/s", per_s=20, chats=100, seconds=45, longest_s=20)],
        [Scene("100 chats at once: reference", program=REFERENCE, per_s=20, chats=100, seconds=45, longest_s=20)],
        [Scene("500 chats at once, 4/s", per_s=4, chats=500, seconds=40, longest_s=20, warm_up_s=40)],
        [
            Scene(
                "500 chats that read for 30 s, 4/s",
                per_s=4,
                chats=500,
                seconds=40,
                longest_s=20,
                warm_up_s=50,
                pause_s=30,
            )
        ],
    ]


def _quick() -> list[Round]:
    return [
        [
            Scene(PLOTTED, 3, characters=ONE_SIZE, bots=3),
            Scene(f"{PLOTTED}: reference", 3, REFERENCE, characters=ONE_SIZE, bots=3),
        ],
        [
            Scene(MAIN, 12, longest_s=20),
            Scene(f"{MAIN}: reference", 8, program=REFERENCE, bots=4, longest_s=20),
        ],
        [
            Scene("private, 60/s, half-empty bucket", 8, spend=3, bots=4, longest_s=15),
            Scene("group, 60/s", 8, group=True, bots=4, longest_s=15),
            Scene("drafts, 20/s", 8, per_s=20, draft=True, bots=4, longest_s=15),
        ],
        [*_in_a_row(group=False), *_in_a_row(group=True)],
        [Scene("50 chats at once, 20/s", per_s=20, chats=50, seconds=15, longest_s=15, warm_up_s=8)],
    ]
