"""The inbox: what Telegram was told is stored is there after a kill, and nothing else is."""

import asyncio
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.intake.updates.inbox import ROOM, Inbox
from bot.settings import ConfigurationError

Open = Callable[[], Inbox]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.db.inbox"


@pytest.fixture
def opened(file: Path) -> Iterator[Open]:
    """Open the inbox, as each process does."""
    with ExitStack() as stack:

        def open_() -> Inbox:
            inbox = Inbox(file)
            stack.callback(inbox.close)
            return inbox

        yield open_


@contextmanager
def handles(count: int) -> Iterator[None]:
    """Leave the process so many files that it can open."""
    spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(count)]
    most, usual = max(spare) + 1, resource.getrlimit(resource.RLIMIT_NOFILE)
    for each in spare:
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


async def test_what_was_kept_is_there_for_the_next_process_in_its_order(opened: Open, file: Path) -> None:
    inbox = opened()
    await asyncio.gather(inbox.keep([{"update_id": 1}, {"update_id": 2, "text": "ü\n\ud83d"}]), inbox.keep([[3]]))

    assert opened().recall() == [{"update_id": 1}, {"update_id": 2, "text": "ü\n\ud83d"}, [3]]
    assert (await asyncio.to_thread(file.stat)).st_mode & 0o777 == 0o600


async def test_what_is_among_the_rows_is_gone_from_the_disk(opened: Open, file: Path) -> None:
    inbox = opened()
    await inbox.keep([{"text": "a secret"}, {"text": "another"}])
    inbox.taken(1)
    assert len(opened().recall()) == 2  # known by then, and passed over

    inbox.taken(1)

    inbox.close()
    assert await asyncio.to_thread(file.read_bytes) == b""


async def test_where_it_is_never_empty_what_is_open_moves_to_its_beginning(file: Path) -> None:
    updates = [{"update_id": number, "text": "x" * 50} for number in range(9)]
    inbox = Inbox(file, most_bytes=300)
    await inbox.keep(updates[:8])

    inbox.taken(6)
    await inbox.keep(updates[8:])

    inbox.close()
    assert (await asyncio.to_thread(file.read_bytes)).count(b"\n") == 3
    again = Inbox(file)
    assert again.recall() == updates[6:]
    again.taken(3)
    again.close()
    assert await asyncio.to_thread(file.read_bytes) == b""


async def test_without_a_file_handle_left_nothing_is_confirmed_or_kept(opened: Open) -> None:
    inbox = opened()
    with handles(1), pytest.raises(OSError, match="Too many open files"):  # for the file; none for its folder
        await inbox.keep([{"update_id": 1}])

    await inbox.keep([{"update_id": 2}])

    assert opened().recall() == [{"update_id": 2}]


async def test_what_a_kill_left_of_a_move_is_taken_away(opened: Open, file: Path) -> None:
    await asyncio.to_thread(file.write_bytes, b'{"update_id": 1}\n')
    half = file.with_name(f"{file.name}.new")
    await asyncio.to_thread(half.write_bytes, b'{"upd')

    assert opened().recall() == [{"update_id": 1}]
    assert not await asyncio.to_thread(half.exists)


async def test_a_line_that_a_kill_cut_off_spoils_none_that_follows(opened: Open, file: Path) -> None:
    await asyncio.to_thread(file.write_bytes, b'{"update_id": 1}\n\x00\x00\n{"update_id": 2}\n{"update_id": 3, "mess')

    inbox = opened()
    left = inbox.recall()
    await inbox.keep([{"update_id": 4}])

    assert left == [{"update_id": 1}, {"update_id": 2}]
    assert opened().recall() == [{"update_id": 1}, {"update_id": 2}, {"update_id": 4}]
    inbox.taken(3)
    inbox.close()
    assert await asyncio.to_thread(file.read_bytes) == b""


async def test_what_cannot_be_written_is_refused_and_leaves_nothing(opened: Open, file: Path) -> None:
    await asyncio.to_thread(file.mkdir)
    inbox = opened()

    with pytest.raises(IsADirectoryError):
        await inbox.keep([{"update_id": 1}])

    await asyncio.to_thread(file.rmdir)
    await inbox.keep([{"update_id": 2}])
    assert opened().recall() == [{"update_id": 2}]


async def test_one_that_cannot_be_opened_is_told_to_the_operator(opened: Open, file: Path) -> None:
    await asyncio.to_thread(file.mkdir)

    with pytest.raises(ConfigurationError) as caught:
        opened().recall()

    assert str(file) in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)


async def test_without_a_webhook_there_is_no_file(opened: Open, file: Path) -> None:
    assert opened().recall() == []
    assert not await asyncio.to_thread(file.exists)


async def test_the_file_keeps_its_length_while_it_is_in_use(opened: Open, file: Path) -> None:
    inbox = opened()
    await inbox.keep([{"text": "x" * (2 * ROOM)}, {"update_id": 2}])
    inbox.taken(2)
    await inbox.keep([{"update_id": 3}])

    assert (await asyncio.to_thread(file.stat)).st_size == ROOM
    assert opened().recall() == [{"update_id": 3}]


async def test_the_rest_of_an_older_line_makes_no_update_of_a_new_one_that_was_cut(opened: Open, file: Path) -> None:
    inbox = opened()
    await inbox.keep([{"update_id": 1, "text": "old" * 100}])
    old = await asyncio.to_thread(file.read_bytes)
    inbox.taken(1)
    await inbox.keep([{"update_id": 2, "text": "new" * 100}])
    new = await asyncio.to_thread(file.read_bytes)
    await asyncio.to_thread(file.write_bytes, new[:100] + old[100:])  # of two pages one came to the disk

    again = opened()
    assert again.recall() == []
    await again.keep([{"update_id": 3}])

    assert opened().recall() == [{"update_id": 3}]
    assert (await asyncio.to_thread(file.read_bytes)).count(b"\n") == 1


async def test_after_a_kill_while_lines_were_overwritten_what_is_left_of_them_is_in_nobodys_way(
    opened: Open, file: Path
) -> None:
    inbox = opened()
    await inbox.keep([{"update_id": 1}, {"update_id": 2}])
    content = await asyncio.to_thread(file.read_bytes)
    await asyncio.to_thread(file.write_bytes, bytes(20) + content[20:])

    again = opened()
    assert again.recall() == [{"update_id": 2}]  # known, and passed over
    await again.keep([{"update_id": 3}])

    assert opened().recall() == [{"update_id": 2}, {"update_id": 3}]
