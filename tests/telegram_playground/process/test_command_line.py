"""What an operator gets wrong is told in one line, with exit code 2."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from telegram_playground.__main__ import main

BOT = {"id": 42, "username": "bot42_bot", "first_name": "B", "token": "42:" + "A" * 35}
SWITCHES = ("can_read_all_group_messages", "has_topics_enabled", "supports_guest_queries", "supports_inline_queries")
TAPE = {"playground_cassette": 1, "people": [], "chats": [], "deeds": [], "calls": [], "transcripts": {}}


@pytest.fixture
def tape(tmp_path: Path) -> str:
    bot = BOT | dict.fromkeys(SWITCHES, False)
    (tmp_path / "talk.json").write_text(json.dumps(TAPE | {"bots": [bot]}))
    return str(tmp_path / "talk.json")


def told(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line."""
    try:
        code: object = main(words)
    except SystemExit as end:
        code = end.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--port 99999", "'99999': expected a number from 0 to 65535"),
        ("--port -1", "--port"),
        ("--port ٣", "--port"),
        ("--port 0 --host nosuch.invalid", "cannot listen on nosuch.invalid:0: "),
        ("--seed /", "the scenario cannot be read: "),
        ("--port 0 --state /", "/ cannot be opened: Is a directory"),
        ("--port 0 --state /nosuch/file", "/nosuch/file cannot be opened: No such file or directory"),
        ("--prot 1", "unrecognized arguments: --prot"),
        ("fload", "unrecognized arguments: fload"),
        ("flood -- nosuch", "the bot does not run: nosuch cannot be started: No such file or directory"),
        ("flood -- /", "/ cannot be started: Permission denied"),
        ("flood -- false", "the bot does not run: false has ended, with exit code 1"),
        ("flood --port 70000", "--port"),
        ("flood --chats 0", "'0': expected a number from 1 to 10000"),
        ("flood --chats 20001", "--chats"),
        ("flood --seconds nan", "'nan': expected seconds from 0.1 to 86400"),
        ("flood --within -1", "--within"),
        ("flood --patience inf", "--patience"),
        ("flood --characters 7", "--characters"),
        ("flood --limits none", "--limits"),
        ("flood --token x", "expected a token"),
        ("lint foo", "'foo': expected an address"),
        ("lint http://127.0.0.1:70000", "expected an address"),
        ("lint --allow nope", "--allow"),
        ("lint http://127.0.0.1:1", "no playground answers at http://127.0.0.1:1"),
        ("cassette ftp://x", "expected an address"),
        ("cassette -o /nosuch/file", "expected a file that can be written"),
        ("cassette http://127.0.0.1:1", "no cassette of http://127.0.0.1:1"),
        ("replay TAPE", "arguments are required: --bot"),
        ("replay / --bot true", "/ cannot be played: "),
        ("replay TAPE --bot false", "talk.json cannot be played: false has ended, with exit code 1"),
        ("replay TAPE --bot nosuch", "nosuch cannot be started"),
        ("replay TAPE --bot '", "expected a command"),
        ("replay TAPE --bot http://127.0.0.1:1", "cannot be played: Cannot connect"),
        ("replay TAPE --bot true --ignore (", "'(': expected a regular expression"),
        ("replay TAPE --bot true --silence -1", "--silence"),
        ("replay TAPE --bot true --longest x", "--longest"),
        ("replay TAPE --bot true --save /nosuch/file", "expected a file that can be written"),
        ("replay TAPE --bot true --token 1", "expected a token"),
    ],
)
def test_a_mistake_is_told_in_one_line(words: str, said: str, tape: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in told([tape if word == "TAPE" else word for word in words.split()], capsys)
