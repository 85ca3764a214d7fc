"""A process dies at the commit that was named, whatever other transactions are under way beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from tests.crash import launcher
from tests.crash.launcher import Guillotine
from tests.crash.point import CommitPoint


class Dead(Exception):
    """The process was killed."""


def die() -> None:
    raise Dead


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with a table, of which each user has a connection of its own, as on a server."""
    engine = create_engine(f"sqlite:///{tmp_path}/rows.db", poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE cats (name TEXT)"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("after", [False, True])
def test_a_transaction_that_begins_meanwhile_does_not_spare_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    monkeypatch.setattr(launcher, "_die", die)
    Guillotine(lambda: CommitPoint("insert cats", 1, after)).watch(engine)

    with engine.connect() as one, engine.connect() as other:
        one.execute(text("INSERT INTO cats VALUES ('Tom')"))
        other.execute(text("SELECT * FROM cats"))
        other.commit()
        with pytest.raises(Dead):
            one.commit()

    with engine.connect() as third:
        assert third.execute(text("SELECT count(*) FROM cats")).scalar_one() == after
