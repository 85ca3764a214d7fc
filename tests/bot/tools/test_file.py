"""tools.toml: what it says, and how its mistakes are told: by file, line, table and field."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from bot.settings import ConfigurationError
from bot.tools.file import load_tools
from bot.tools.names import mapped
from bot.tools.offer import Approval
from bot.tools.wanted import ServerSettings, ToolLimits, ToolSettings, WebSettings

ALL = """
[builtin]
time = false

[web]
search = true
read = "ask"

[limits]
rounds = 3
seconds = 30

[mcp.notes]
command = ["python", "notes.py"]
env = { TOKEN = "a secret that is long" }
cwd = "/srv"
approval = "always"
approvals = { delete = "off", "add note" = "ask" }
price = 0.002
prices = { list = 0 }
read_only = ["list"]

[mcp.mail]
url = "https://mail.example/mcp"
headers = { Authorization = "Bearer another-secret" }
read_only = true
foreign = true
seconds = 60
"""


def load(tmp_path: Path, text: str) -> ToolSettings:
    file = tmp_path / "tools.toml"
    file.write_text(text, encoding="utf-8")
    return load_tools(file)


def test_a_file_says_all(tmp_path: Path) -> None:
    found = load(tmp_path, ALL)

    notes, mail = found.servers
    assert found.builtin == ["calculator"]
    assert found.web == WebSettings(Approval.ALWAYS, Approval.ASK)
    assert found.limits == ToolLimits(rounds=3, seconds=30)
    assert notes == ServerSettings(
        "notes",
        command=["python", "notes.py"],
        env={"TOKEN": "a secret that is long"},
        cwd="/srv",
        approval=Approval.ALWAYS,
        approvals={"delete": Approval.OFF, "add note": Approval.ASK},
        read_only=["list"],
        price=Decimal("0.002"),
        prices={"list": Decimal(0)},
    )
    assert [notes.price_of(name) for name in ("list", "add note")] == [Decimal(0), Decimal("0.002")]
    assert [notes.of(name) for name in ("list", "delete", "add note")] == ["always", "off", "ask"]
    assert (notes.changes("list"), notes.changes("add note"), mail.changes("send")) == (False, True, False)
    assert (mail.url, mail.approval, mail.is_foreign, mail.seconds) == ("https://mail.example/mcp", "ask", True, 60)
    assert load(tmp_path, "[mcp.notes]\ncommand = ['x']\n").servers[0].is_foreign  # nobody said what it reads
    assert not load(tmp_path, "[mcp.notes]\ncommand = ['x']\nforeign = false\n").servers[0].is_foreign
    assert {"a secret that is long", "Bearer another-secret", "another-secret"} <= set(found.secrets)


def test_keys_in_an_address_are_secrets(tmp_path: Path) -> None:
    address = "https://u:password1@mcp.example/s/Zx81-long-and-secret/mcp?profile=x&apiKey=abc%2Fdefgh"

    found = load(tmp_path, f'[mcp.mail]\nurl = "{address}"')

    secrets = {"password1", "Zx81-long-and-secret", "abc%2Fdefgh", "abc/defgh"}
    assert set(found.secrets) == secrets


def test_without_a_file_there_is_what_is_built_in() -> None:
    assert load_tools(None) == ToolSettings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[notes]\ncommand = ['x']", r":1 \[notes\] notes.*\[mcp.notes\]"),
        ("x = 1", r"tools.toml:1 x: expected one of the tables"),
        ("[mcp]\nnotes = 1", r":2 \[mcp\] notes.*a table \[mcp.notes\]"),
        ("[mcp.notes]", r":1 \[mcp.notes\].*either command"),
        ("[mcp.notes]\ncommand = ['x']\nurl = 'http://x'", r":1 \[mcp.notes\].*either command"),
        ("\n[mcp.notes]\ncommand = 'x y'", r":3 \[mcp.notes\] command.*a list of words"),
        ("[mcp.notes]\ncommand = []", r":2 \[mcp.notes\] command.*a list of words"),
        ("[mcp.notes]\ncommand = ['x']\nheaders = {}", r":3 \[mcp.notes\] headers.*beside url"),
        ("[mcp.notes]\nurl = 'http://x'\nenv = {}", r":3 \[mcp.notes\] env.*beside command"),
        ("[mcp.notes]\nurl = 'notes.example'", r":2 \[mcp.notes\] url.*http://"),
        ("[mcp.notes]\nurl = 'http://x:99999/'", r":2 \[mcp.notes\] url.*http://"),
        ("[mcp.notes]\ncommand = ['x']\napproval = 'sometimes'", r":3 \[mcp.notes\] approval.*always, ask, off"),
        ("[mcp.notes]\ncommand = ['x']\napprovals = { a = 1 }", r":3 \[mcp.notes\] approvals.a.*always, ask, off"),
        ("[mcp.notes]\ncommand = ['x']\n[mcp.notes.approvals]\na = 1", r":4 \[mcp.notes\] approvals.a.*always"),
        ("[mcp.notes]\ncommand = ['x']\nread_only = 'a'", r":3 \[mcp.notes\] read_only.*true, or the names"),
        ("[mcp.notes]\ncommand = ['x']\nforeign = 1", r":3 \[mcp.notes\] foreign.*true or false"),
        ("[mcp.notes]\ncommand = ['x']\nseconds = 0", r":3 \[mcp.notes\] seconds.*above 0"),
        ("[mcp.notes]\ncommand = ['x']\nprice = -1", r":3 \[mcp.notes\] price.*dollars of one call"),
        ("[mcp.notes]\ncommand = ['x']\nprices = { a = true }", r":3 \[mcp.notes\] prices.a.*dollars of one call"),
        ("[mcp.notes]\ncommand = ['x']\nenv = { A = 1 }", r":3 \[mcp.notes\] env.A.*a text"),
        ("[mcp.notes]\nurl = 'http://x'\nheaders = { A = 'ä' }", r":3 \[mcp.notes\] headers.A.*ASCII"),
        ("[mcp.notes]\ncomand = ['x']", r":2 \[mcp.notes\] comand.*one of the fields command"),
        ('[mcp."a b"]\ncommand = ["x"]', r"\[mcp.a b\].*at most 32"),
        ("[builtin]\nclock = true", r":2 \[builtin\] clock.*time, calculator"),
        ("[builtin]\ntime = 'yes'", r":2 \[builtin\] time.*true or false"),
        ("[web]\nsearch = 'yes'", r":2 \[web\] search.*always, ask, off"),
        ("[limits]\nrounds = 1.5", r":2 \[limits\] rounds.*whole number"),
        ("[limits]\ncalls = true", r":2 \[limits\] calls.*whole number"),
        ("[limits]\nseconds = nan", r":2 \[limits\] seconds.*number above 0"),
        ("builtin = 1", r"builtin.*a table \[builtin\]"),
        ("[mcp.notes", "TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)

    assert re.search(said, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_secret_is_never_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, "[mcp.notes]\nurl = 'https://ann:hidden@'")

    assert "hidden" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"TOOLS_FILE.*No such file"):
        load_tools(tmp_path / "none.toml")


@pytest.mark.parametrize("tool", ["add", "add note", "a.b/c", "ä" * 40, "x" * 200, "", "\ud83e", "a__b"])
def test_each_tool_has_a_name_that_all_services_take_and_no_other_has(tool: str) -> None:
    name = mapped("notes", tool)

    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
    assert name == mapped("notes", tool)
    assert name not in {mapped("notes", f"{tool}."), mapped("other", tool), mapped("notes", f"{tool} ")}


def test_a_plain_name_stays_as_it_is() -> None:
    assert mapped("notes", "add") == "notes__add"
