"""Word index: the words that /find looks for, by the answer's id (`rowid`) in the table `finds`.

SQLite: an index of FTS5, or a plain table where it was built without it, which is then read through. PostgreSQL: the
words themselves (`said`), whose order decides, and an index of them that finds where they may stand (`words`). Its own
parser would take addresses, numbers and hyphens for words of other kinds than SQLite does: ours are the same on both.
"""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import String

from bot.storage.dialect import is_server

SHORTEST_BEGINNING = 3  # letters of a word that may go on: shorter ones begin too many
LONGEST_WORD = 60  # characters of a word that the index of PostgreSQL takes; `said` decides on the rest
MOST_BYTES = 500_000  # of all words of one text there (postgresql.org/docs/current/textsearch-limitations.html: 1 MB)
_WORD = re.compile(r"[0-9a-z\x80-\U0010ffff]+")  # as FTS5's tokenizer "ascii" has it

FINDS, FINDS_COLUMNS = "finds", frozenset({"chat", "words"})
KEEP_FINDS = text("INSERT OR REPLACE INTO finds (rowid, chat, words) VALUES (:answer_id, :chat_id, :words)")
FORGET_FINDS = text("DELETE FROM finds WHERE rowid = :answer_id")
MOVE_FINDS = text(
    "UPDATE finds SET chat = :target WHERE rowid IN (SELECT id FROM answers WHERE chat_id = :source AND state = 'done')"
)
_COPY = text("INSERT INTO finds (rowid, chat, words) SELECT :target, :chat, words FROM finds WHERE rowid = :source")
_COPY_ON_SERVER = text(
    "INSERT INTO finds (rowid, chat, said, words) "
    "SELECT CAST(:target AS BIGINT), CAST(:chat AS VARCHAR), said, words FROM finds WHERE rowid = :source"
)
IS_INDEXED = text("SELECT sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE name = 'finds'")
_FTS5 = "CREATE VIRTUAL TABLE finds USING fts5(chat, words, tokenize = 'ascii', columnsize = 0)"
_PLAIN = "CREATE TABLE finds (chat VARCHAR NOT NULL, words VARCHAR NOT NULL)"
_IN_INDEX = "SELECT rowid AS answer_id FROM finds WHERE finds MATCH :match ORDER BY rowid DESC LIMIT :most OFFSET :past"
_IN_TABLE = "SELECT rowid AS answer_id FROM finds WHERE chat = :chat"

_COUNT = text("SELECT count(*) FROM finds")
_PAGE = text("SELECT rowid, chat, words FROM finds WHERE rowid > :after ORDER BY rowid LIMIT :most")
_PAGE_ON_SERVER = text("SELECT rowid, chat, said FROM finds WHERE rowid > :after ORDER BY rowid LIMIT :most")
FINDS_ON_SERVER = (
    "CREATE TABLE finds (rowid BIGINT PRIMARY KEY, chat VARCHAR NOT NULL, said TEXT NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE INDEX ix_finds_words ON finds USING gin (words)",
)
_KEEP_ON_SERVER = text(
    "INSERT INTO finds (rowid, chat, said, words) VALUES (:answer_id, :chat_id, :said, array_to_tsvector(:words))"
    " ON CONFLICT (rowid) DO UPDATE SET chat = excluded.chat, said = excluded.said, words = excluded.words"
).bindparams(bindparam("words", type_=ARRAY(String)))
_ON_SERVER = "SELECT rowid AS answer_id FROM finds WHERE words @@ CAST(:match AS tsquery) AND chat = :chat"


def make_finds(connection: Connection, *, plain: bool = False) -> None:
    """Make SQLite's table of words: an index where there is FTS5 (sqlite.org/fts5.html), unless `plain`."""
    if not plain:
        try:
            connection.exec_driver_sql(_FTS5)
            return
        except OperationalError as error:
            if "no such module" not in str(error):
                raise
    connection.exec_driver_sql(_PLAIN)
    connection.exec_driver_sql("CREATE INDEX ix_finds_chat ON finds (chat)")


async def keep(session: AsyncSession, answer_id: int, chat_id: int, words: str) -> None:
    """Note the words around an answer, within the caller's transaction; an earlier note of it goes."""
    if not is_server(session.get_bind()):
        await session.execute(KEEP_FINDS, {"answer_id": answer_id, "chat_id": str(chat_id), "words": words})
        return
    said = _WORD.findall(words)
    row = {"answer_id": answer_id, "chat_id": str(chat_id), "said": f" {' '.join(said)} ", "words": _lexemes(said)}
    await session.execute(_KEEP_ON_SERVER, row)


async def copy(session: AsyncSession, source: int, target: int, chat_id: int) -> None:
    """Note the words around an answer around its copy in a chat too, within the caller's transaction."""
    statement = _COPY_ON_SERVER if is_server(session.get_bind()) else _COPY
    await session.execute(statement, {"source": source, "target": target, "chat": str(chat_id)})


async def forget(session: AsyncSession, answer_ids: Sequence[int]) -> None:
    """Forget the words around some answers, within the caller's transaction."""
    if rows := [{"answer_id": answer_id} for answer_id in answer_ids]:
        await session.execute(FORGET_FINDS, rows)


async def move(session: AsyncSession, source: int, target: int) -> None:
    """Have the words of a chat be another one's, before its answers are moved."""
    await session.execute(MOVE_FINDS, {"source": source, "target": str(target)})


async def count(session: AsyncSession) -> int:
    """Return of how many answers the words are noted."""
    return int((await session.execute(_COUNT)).scalar_one())


async def read(session: AsyncSession, *, after: int, most: int) -> list[tuple[int, int, str]]:
    """Return what is noted, a page after an answer: answer, chat and words."""
    page = _PAGE_ON_SERVER if is_server(session.get_bind()) else _PAGE
    rows = await session.execute(page, {"after": after, "most": most})
    return [(answer_id, int(chat), said.strip()) for answer_id, chat, said in rows]


async def search(
    session: AsyncSession,
    chat_id: int,
    terms: Sequence[Sequence[str]],
    *,
    most: int,
    past: int = 0,
    beginnings: bool,
) -> list[int]:
    """Return the answers of a chat, newest first, where all terms are said, as `finds` has it."""
    if is_server(session.get_bind()):
        statement = finds_on_server(chat_id, terms, most=most, past=past, beginnings=beginnings)
    else:
        is_indexed = bool(await session.scalar(IS_INDEXED))
        statement = finds(chat_id, terms, most=most, past=past, beginnings=beginnings, is_indexed=is_indexed)
    return list((await session.execute(statement)).scalars())


def finds(
    chat_id: int, terms: Sequence[Sequence[str]], *, most: int, past: int = 0, beginnings: bool, is_indexed: bool
) -> TextClause:
    """Select the answers of a chat, newest first, where all terms are said; each is some words in a row.

    With `beginnings` the last word of a term may go on. Without an index any part of a text is found that way.
    """
    if is_indexed:
        return text(_IN_INDEX).bindparams(match=matching(chat_id, terms, beginnings=beginnings), most=most, past=past)
    likes = [f"words LIKE :like{number} ESCAPE '!'" for number, _ in enumerate(terms)]
    values = {f"like{number}": f"%{'%'.join(map(_escaped, term))}%" for number, term in enumerate(terms)}
    said = " AND ".join([_IN_TABLE, *likes])
    return text(f"{said} ORDER BY rowid DESC LIMIT :most OFFSET :past").bindparams(
        chat=str(chat_id), most=most, past=past, **values
    )


def matching(chat_id: int, terms: Sequence[Sequence[str]], *, beginnings: bool) -> str:
    """Write what FTS5 is to look for; words are letters and digits, so that nothing in them is its syntax."""
    ends = "*" if beginnings else ""
    said = " AND ".join(f'"{" ".join(term)}"{ends if len(term[-1]) >= SHORTEST_BEGINNING else ""}' for term in terms)
    return f'chat : "{chat_id}" AND words : ({said})'


def finds_on_server(
    chat_id: int, terms: Sequence[Sequence[str]], *, most: int, past: int = 0, beginnings: bool
) -> TextClause:
    """Select the same of PostgreSQL: the index finds where all the words stand, `said` whether they do so in a row."""
    goes_on = [beginnings and len(term[-1]) >= SHORTEST_BEGINNING for term in terms]
    lexemes = [
        f"'{word[:LONGEST_WORD]}'{':*' if last and on else ''}"
        for term, on in zip(terms, goes_on, strict=True)
        for word, last in ((word, number == len(term) - 1) for number, word in enumerate(term))
    ]
    rows = {
        f"row{number}": f" {' '.join(term)}{'' if on else ' '}"
        for number, (term, on) in enumerate(zip(terms, goes_on, strict=True))
    }
    said = " AND ".join([_ON_SERVER, *(f"strpos(said, :{name}) > 0" for name in rows)])
    return text(f"{said} ORDER BY rowid DESC LIMIT :most OFFSET :past").bindparams(
        match=" & ".join(lexemes), chat=str(chat_id), most=most, past=past, **rows
    )


def _lexemes(said: Sequence[str]) -> list[str]:
    """Return the words of a text for the index, each once, as many as it takes."""
    words, size = dict.fromkeys(word[:LONGEST_WORD] for word in said), 0
    fitting = []
    for word in words:
        size += len(word.encode())
        if size > MOST_BYTES:
            break
        fitting.append(word)
    return fitting


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
