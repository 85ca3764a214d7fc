"""What is found by its words: the same on every database."""

import pytest

from bot.storage.engine import word_index
from bot.storage.engine.database import Sessions
from bot.storage.exchanges import finds
from bot.storage.exchanges.words import terms

SAID = {
    1: "The quick brown fox jumps over the lazy dog.",
    2: "A fox is quick; the dog is brown.",
    3: "См. ёлка в лесу, 3.14 и 2026-11-22: https://example.org/a_b?c=d",
    4: "東京に行きました。",
    5: f"{'x' * 80} and {'x' * 79}y",
    6: "it's a 100% state-of-the-art café",
    7: "word " * 20_000 + "needle in a haystack",
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("quick", [2, 1]),
        ("QUICK fox", [2, 1]),
        ("quick,brown", [1]),
        ("brown,quick", []),
        ("ёлка", [3]),
        ("елка", [3]),
        ("3.14", [3]),
        ("14.3", []),
        ("2026-11", [3]),
        ("example.org", [3]),
        ("a_b", [3]),
        ("京", [4]),
        ("x" * 80, [5]),
        ("x" * 78, []),
        (f"{'x' * 79}y", [5]),
        ("it's", [6]),
        ("100%", [6]),
        ("state-of-the-art cafe", [6]),
        ("haystack needle", [7]),
        ("in,a,haystack", [7]),
        ("word,needle", [7]),
        ("' & | ! :* <->", []),
        ("fox' | 'dog", [2, 1]),
    ],
)
async def test_whole_words_are_found(db: Sessions, query: str, found: list[int]) -> None:
    await fill(db)

    async with db() as session:
        wanted = terms(query)
        assert wanted == [] or await word_index.search(session, 7, wanted, most=9, beginnings=False) == found


@pytest.mark.parametrize(
    ("query", "found"), [("qui", [2, 1]), ("qu", []), ("quick,bro", [1]), ("hay", [7]), ("x" * 78, [5])]
)
async def test_beginnings_are_found(db: Sessions, query: str, found: list[int]) -> None:
    await fill(db)

    async with db() as session:
        assert await word_index.search(session, 7, terms(query), most=9, beginnings=True) == found


async def test_they_come_page_by_page_and_follow_the_chat(db: Sessions) -> None:
    await fill(db)

    async with db.begin() as session:
        assert await word_index.search(session, 7, [["fox"]], most=1, beginnings=False) == [2]
        assert await word_index.search(session, 7, [["fox"]], most=1, past=1, beginnings=False) == [1]
        assert await word_index.search(session, 8, [["fox"]], most=9, beginnings=False) == [8]
        await finds.forget(session, [1])
        await finds.keep(session, 2, 7, "about cats")
        assert await word_index.search(session, 7, [["fox"]], most=9, beginnings=False) == []
        assert await word_index.search(session, 7, [["cats"]], most=9, beginnings=False) == [2]


async def fill(db: Sessions) -> None:
    async with db.begin() as session:
        for answer_id, text in SAID.items():
            await finds.keep(session, answer_id, 7, text)
        await finds.keep(session, 8, 8, "A fox of somebody else.")
