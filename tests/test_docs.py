"""What the documents say is there: links, commands, settings, messages and examples. The tutorial has its own test."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.intake.handlers.menu import Place, descriptions, typed
from bot.process.deferral import SWITCH
from bot.settings import OTHER_NAMES, Settings
from bot.storage.tables import Base
from bot.texts.en import EN
from providers.guide.topics import LANGUAGES, Language
from providers.registry import BESIDE, kinds
from telegram_playground import model
from telegram_playground.api.faults import KINDS
from telegram_playground.api.methods import HANDLERS
from telegram_playground.control.commands import COMMANDS
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.model.order import PARTS
from telegram_playground.model.protocol import refusals
from telegram_playground.options import Options

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])
EXAMPLE = ROOT / ".env.example"
MANUAL = (ROOT / "docs" / "playground.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
NOT_OURS = {
    "SUPPORT_TOKEN",  # of an example
    *("DEFAULT_TYPE", "UNSET_TYPE"),  # of python-telegram-bot and of aiogram
    "NO_FILES",  # of the tutorial's code
    "OLLAMA_HOST",
    *("API_URL", "FILE_URL", "NODE_PATH"),  # other clients', and the tests'
    *("PARROT_API_KEY", "PARROT_BASE_URL", "MINE_API_KEY", "WORK_KEY_2"),  # the tutorial's; tables'
}


def ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(page))

    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", [*PAGES, EXAMPLE], ids=ids)
def test_every_command_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = re.findall(r"(?:^    |`)[^`\n]*?\bmake ((?:[a-z]+ ?)+)", text, re.MULTILINE)

    assert {target for words in shown for target in words.split()} <= targets
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert find_spec(module), module


def variables() -> set[str]:
    """Return the environment variables that the bot reads."""
    own = {name.upper() for name in Settings.model_fields}
    others = {name for names in OTHER_NAMES.values() for name in names}
    of_providers = {
        f"{kind.settings.model_config['env_prefix']}{field}".upper()
        for kind in kinds().values()
        for field in kind.settings.model_fields
    }
    of_services = {name for kind in kinds().values() for name in kind.settings.other_names.values()}
    beside = {f"{each.id}_{field}".upper() for each in BESIDE for field in each.settings.model_fields}
    return own | others | of_providers | of_services | beside | {SWITCH}


@pytest.mark.parametrize("page", [*PAGES, EXAMPLE], ids=ids)
def test_every_variable_is_read(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {*VARIABLE.findall(text), *re.findall(r"^#?([A-Z]+)=", text, re.MULTILINE)}

    assert named - NOT_OURS <= variables()


@pytest.fixture(scope="module")
def code() -> list[ast.AST]:
    """All that the code of the bot and the providers consists of."""
    files = [file for package in ("bot", "providers") for file in (ROOT / package).rglob("*.py")]
    return [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]


def said(code: list[ast.AST]) -> Iterator[str]:
    """Yield the texts in code; where a value is put in there is a new line."""
    for node in code:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_message_that_an_operator_looks_up_is_said(code: list[ast.AST]) -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("## What to do about each message")[2]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    messages = [
        part.strip() for row in rows for message in re.findall(r"`([^`]+)`", row) for part in message.split("…")
    ]
    texts = "\n".join(said(code))

    unsaid = [part for part in messages if part not in texts and part.removeprefix("BOT_TOKEN") not in texts]
    assert (len(rows) > 15, unsaid) == (True, [])


def logged(code: list[ast.AST]) -> Iterator[str]:
    """Yield how the warnings and errors that code logs begin, up to the first value."""
    for node in code:
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("log.warning", "log.error", "log.exception"):
            yield str(ast.literal_eval(node.args[0])).partition("%s")[0]


def test_an_operator_can_look_up_every_warning_and_error(code: list[ast.AST]) -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("| log | do |")[2]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    messages = [message for row in rows for message in re.findall(r"`([^`]+)`", row)]
    lines = [line for line in logged(code) if line]

    assert (len(lines) > 30, [line for line in lines if not line.startswith(tuple(messages))]) == (True, [])


def test_every_table_is_told() -> None:
    rows = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Tables")[2].partition("## ")[0]
    told = {name for row in rows.splitlines() if row.startswith("| ") for name in row.split("|")[1].split(", ")}

    assert set(Base.metadata.tables) <= {name.strip() for name in told}


def test_the_playgrounds_manual_is_complete() -> None:
    simulated = MANUAL.partition("## What is simulated")[2].partition("Any other method")[0]

    assert set(HANDLERS) <= {word.lower() for word in re.findall(r"\w+", simulated)}
    assert {*COMMANDS, *(field.name for field in (*fields(Options), *fields(Limits)))} <= set(
        re.findall(r"`(\w+)`", MANUAL)
    )
    assert set(KINDS) <= set(re.findall(r"`(\w+)`", MANUAL.partition("Kinds of fault")[2]))


def test_every_test_that_shows_what_the_playground_covers_exists() -> None:
    page = (ROOT / "docs" / "playground-coverage.md").read_text(encoding="utf-8")
    names = {
        file.stem: re.findall(r"^ *(?:async )?def test_(\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        for file in (ROOT / "tests" / "telegram_playground").rglob("test_*.py")
    }
    rows = [line.split("|")[3] for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    shown = [
        (module, name)
        for row in rows
        for module, tests in re.findall(r"(test_\w+): ([^;]+)", row)
        for name in re.findall(r"…?\w+…?", re.sub(r"\(.*?\)", "", tests))
    ]

    assert len(shown) > 43
    for module, name in shown:
        pattern = name.replace("…", ".*")
        assert any(re.fullmatch(pattern, test) for test in names[module]), f"{module}: {name}"


def test_the_manual_of_the_model_is_complete() -> None:
    manual = MANUAL.partition("## A scripted model")[2].partition("## The control API")[0]
    words = set(re.findall(r"\w+", manual))

    assert {*model.__all__} - {"Answer", "Fault", "Item", "Script"} <= words
    assert {word for part in PARTS for word in part.split()} <= words
    assert {str(status) for status in refusals.BY_STATUS} <= words


@pytest.mark.proof
def test_the_examples_of_bots_tests_run(tmp_path: Path) -> None:
    for section in ("A test of your own bot", "A scripted model"):
        example = MANUAL.partition(f"## {section}\n")[2].partition("```python\n")[2].partition("```")[0]
        (tmp_path / f"test_{section.split()[-1]}.py").write_text(example, encoding="utf-8")
        body = example.partition("async def test_")[2].splitlines()
        assert len([line for line in body if line]) <= 15

    settings = str(ROOT / "pyproject.toml")
    quicker = ["-p", "no:cacheprovider", "-p", "bot.process.deferral"]  # else all of aiogram's types are built
    command = [sys.executable, "-m", "pytest", "-q", *quicker, "-c", settings, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert "2 passed" in done.stdout, done.stdout + done.stderr
    lint = [sys.executable, "-m", "ruff"]
    for check in (["check", "--ignore", "S"], ["format", "--check"]):
        subprocess.run([*lint, *check, "--no-cache", "--config", settings, str(tmp_path)], check=True, timeout=120)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_what_the_guide_names_is_there(language: Language) -> None:
    text = "\n".join(LANGUAGES[language].values())
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    ours = {
        f"/{name}" for name, _ in [*descriptions(EN, Place.ADMIN), *typed(EN, Place.ADMIN), *typed(EN, Place.GROUP)]
    }
    of_telegram = {"/newbot", "/setprivacy", "/deletebot"}

    assert set(re.findall(r"(?:`|^ *)make (\w+)", text, re.MULTILINE)) <= targets
    assert {*re.findall(r"python -m bot (\w+)", text)} <= {"run", "play", "check", "backup", "restore", "init"}
    assert set(re.findall(r"(?<![\w./:<=])/[a-z]+\b(?!/)", text)) <= ours | of_telegram
    assert set(VARIABLE.findall(text)) - NOT_OURS - {"TWICE_BASE_URL"} <= variables()
    for module in re.findall(r"`(providers\.(?!toml)\w+(?:\.\w+)*)`", text):
        assert find_spec(module), module
    for file in re.findall(r"`((?:docs/\w+|[A-Z]+)\.md)`", text):
        assert (ROOT / file).is_file(), file
