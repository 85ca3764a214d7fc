"""The pages of docs/playground, one a library: their bot and their test run as they stand there (`make examples`)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "playground"
LIBRARIES = {
    "aiogram": "aiogram",
    "python-telegram-bot": "telegram",
    "pytelegrambotapi": "telebot",
    "grammy": "grammy",
    "telegraf": "telegraf",
    "other": "",
}
FENCED = re.compile(r"```(?:python|js)\n(?:#|//) (\S+)[^\n]*\n(.*?)```", re.DOTALL)


def example(name: str) -> dict[str, str]:
    """Return the files of a page."""
    return {file.rstrip(";:"): code for file, code in FENCED.findall((PAGES / f"{name}.md").read_text("utf-8"))}


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_page_has_a_bot_and_its_short_test(name: str) -> None:
    files = example(name)
    body = files["test_bot.py"].partition("def test_")[2].splitlines()

    assert {"test_bot.py", "bot.cjs" if "bot.cjs" in files else "bot.py"} == set(files)
    assert len(body) <= 15


@pytest.mark.skipif("EXAMPLES" not in os.environ, reason="make examples runs them")
@pytest.mark.parametrize("name", LIBRARIES)
def test_the_bot_of_a_page_passes_its_test(name: str, tmp_path: Path) -> None:
    files = example(name)
    if "bot.cjs" in files:
        assert shutil.which("node"), "node is not installed"
        (tmp_path / "node_modules").symlink_to(ROOT / "tests" / "telegram_playground" / "node_modules")

    said = run(tmp_path, files, "--playground-lint")

    assert "1 passed" in said, said


@pytest.mark.skipif("EXAMPLES" not in os.environ, reason="make examples runs them")
def test_the_tests_of_flood_control_tell_a_bot_that_waits_from_one_that_does_not(tmp_path: Path) -> None:
    hasty, floods = example("other"), example("floods")
    head, _, rest = hasty["bot.py"].partition("def call(")
    patient = f"{head}{floods['call.py']}\n\n{rest.partition('offset = 0')[1]}{rest.partition('offset = 0')[2]}"
    fixture = hasty["test_bot.py"].partition("def test_")[0]
    tests = fixture + floods["test_refusal.py"] + "\n\n" + floods["test_limits.py"]

    waits = run(tmp_path, {"bot.py": patient, "test_bot.py": tests})
    fails = run(tmp_path, {"bot.py": hasty["bot.py"], "test_bot.py": tests})

    assert "2 passed" in waits, waits
    assert "1 failed, 1 passed" in fails, fails


def run(folder: Path, files: dict[str, str], *options: str) -> str:
    """Run the test of some files and return what pytest says."""
    for file, code in files.items():
        (folder / file).write_text(code, "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "telegram_playground.testing.plugin",
    ]
    done = subprocess.run(
        [*command, "--playground-pictures=none", *options, "test_bot.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr
