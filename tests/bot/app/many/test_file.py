"""bots.toml: what a table sets, and how each mistake is told."""

from pathlib import Path

import pytest

from bot.app.many.file import Wanted, load_bots
from bot.settings import AccessMode, ConfigurationError, Settings

ONE = "123456:AAEhBP0av28abcdefghijklmnopqrstuvwx"
TWO = "123457:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str, **given: object) -> list[Wanted]:
    Path("bots.toml").write_text(text, encoding="utf-8")
    return load_bots(Settings.load(bot_tokens=Path("bots.toml"), **given))


def mistakes(text: str, **given: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(text, **given)
    return str(caught.value).splitlines()


def test_what_a_table_leaves_out_is_as_the_environment_has_it() -> None:
    one, two = load(
        f'[one]\ntoken = "{ONE}"\nadmins = [5]\nlimit_messages = 3\n[two]\ntoken = "{TWO}"\naccess = "OPEN"\n',
        admins="7",
        limit_tokens=9,
    )

    assert (one.name, one.id, one.settings.admins, one.settings.limit_messages) == ("one", 123456, (5,), 3)
    assert (two.settings.admins, two.settings.limit_messages, two.settings.access) == ((7,), None, AccessMode.OPEN)
    assert (one.settings.limit_tokens, one.settings.access) == (9, AccessMode.PAIRING)


def test_a_token_may_stand_in_the_environment_in_env_or_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", ONE)
    Path(".env").write_text(f"TWO={TWO}\n", encoding="utf-8")
    Path("secret").write_text("123458:AAEhBP0av28abcdefghijklmnopqrstuvwx\n", encoding="utf-8")

    found = load('[a]\ntoken_env = "ONE"\n[b]\ntoken_env = "TWO"\n[c]\ntoken_file = "secret"\n')

    assert [bot.id for bot in found] == [123456, 123457, 123458]


def test_the_bot_of_bot_token_is_one_of_them_and_keeps_its_database() -> None:
    alone, one = load(f'[one]\ntoken = "{ONE}"\n', bot_token=TWO)

    assert (alone.name, alone.id, alone.database) == ("bot", 123457, "sqlite+aiosqlite:///data/bot.db")
    assert one.database is None


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    found = mistakes(
        f'[one]\ntoken = "{ONE}"\nacess = "open"\naccess = "everybody"\n\n[two]\ntoken = "{ONE}"\nlimit_messages = 0\n'
        'admins = ["x"]\nlimit_tokens = true\nwebhook_secret = "a b"\n[three]\n[four]\ntoken_env = "MISSING"\n'
        '[five]\ntoken = "12"\ndatabase = "mysql://secret@host"\n["a b"]\ntoken_file = "nowhere"\n'
    )

    assert [line.partition(": expected")[0] for line in found] == [
        "bots.toml:3 [one] acess",
        "bots.toml:4 [one] access is 'everybody'",
        "bots.toml:9 [two] admins is 'x'",
        "bots.toml:8 [two] limit_messages is '0'",
        "bots.toml:10 [two] limit_tokens is 'true'",
        "bots.toml:11 [two] webhook_secret is 'a b…'",
        "bots.toml:12 [three]",
        "bots.toml:14 [four] token_env is 'MISSING'",
        "bots.toml:16 [five] token is '12…'",
        "bots.toml:17 [five] database is 'mys…'",
        "bots.toml:18 [a b] is 'a b'",
        "bots.toml:19 [a b] token_file is 'nowhere'",
        "bots.toml:7 [two] token",
    ]
    assert "did you mean access?" in found[0]
    assert found[-1].endswith("the token of another bot than [one]")


@pytest.mark.parametrize(
    "text",
    [
        f'["{ONE}"]\ntoken_env = "{ONE}"',
        f'[a]\n"{ONE}" = 1',
        f'[a]\ntoken_file = "{ONE}"',
        f'[a]\ntoken = "{ONE}"\n["{ONE}"',
        f'[a]\ntoken = "{ONE}"\naccess = "{ONE}"',
        f'[a]\ntoken = "{ONE} x"',
    ],
)
def test_no_mistake_shows_a_token(text: str) -> None:
    assert ONE.partition(":")[2][:6] not in "\n".join(mistakes(text))


@pytest.mark.parametrize("text", ["", '[[bot]]\ntoken = "1"', "bot = 1", "[a", "[a]\ntoken = 3"])
def test_what_is_no_table_of_a_bot_is_told_in_a_line(text: str) -> None:
    (line,) = mistakes(text)

    assert line.startswith("bots.toml")


def test_two_bots_share_no_database_and_no_token() -> None:
    found = mistakes(
        f'[a]\ntoken = "{ONE}"\ndatabase = "x.db"\n[b]\ntoken = "{TWO}"\ndatabase = "x.db"\n', bot_token=ONE
    )

    assert found == [
        "bots.toml:2 [a] token: expected the token of another bot than BOT_TOKEN",
        "bots.toml:6 [b] database: expected another one than that of [a]",
    ]


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"BOT_TOKENS is 'bots.toml': expected a TOML file that can be read"):
        load_bots(Settings.load(bot_tokens=Path("bots.toml")))
