"""The distribution telegram-playground: built, installed into an empty environment, and used there."""

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "telegram_playground"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it from a copy, so that nothing is written beside the source."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    for file in PACKAGE.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            target = source / file.relative_to(PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(out), str(source)]
    built = subprocess.run(pip, check=False, capture_output=True, text=True)
    if "setuptools" in built.stderr and built.returncode:
        pytest.skip("pip cannot fetch setuptools here")
    assert built.returncode == 0, built.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that has the wheel, and aiohttp and pytest of this one."""
    place = tmp_path_factory.mktemp("empty")
    venv.create(place, with_pip=False)
    (site,) = place.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    here = Path(pytest.__file__).parents[1]
    for name in ("aiohttp", "aiosignal", "attr", "attrs", "frozenlist", "idna", "multidict", "propcache", "yarl",
                 "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "aiohappyeyeballs",
                 "typing_extensions.py", "py.py"):  # fmt: skip
        if (here / name).exists():
            (site / name).symlink_to(here / name)
    return place / "bin" / "python"


@pytest.mark.proof
def test_the_wheel_has_the_package_and_nothing_of_the_bot(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    ours = {
        str(file.relative_to(ROOT)) for file in PACKAGE.rglob("*") if file.suffix in (".py", ".js", ".css", ".json")
    }

    assert ours - set(names) == set()
    assert {name.split("/")[0] for name in names} == {"telegram_playground", "telegram_playground-0.1.0.dist-info"}
    assert "telegram_playground/py.typed" in names
    entries = zipfile.ZipFile(wheel).read("telegram_playground-0.1.0.dist-info/entry_points.txt").decode()
    assert "telegram-playground = telegram_playground.__main__:run" in entries


@pytest.mark.proof
def test_a_foreign_bots_test_runs_in_an_empty_environment(python: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "test_bot.py").write_text(example)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.proof
def test_a_test_that_fails_shows_what_happened(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_bot.py").write_text(
        "def test_silence(telegram, expect):\n"
        "    ann = telegram.add_user('Ann')\n"
        "    chat = telegram.private(ann, telegram.bot('42:' + 'A' * 35))\n"
        "    telegram.write(chat, ann, 'Anybody there?')\n"
        "    expect(chat).not_to_have_text('there')\n"
    )
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--playground-pictures", tmp_path / "seen"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    pictures = [*(tmp_path / "seen").glob("*.png")]
    assert [picture.name for picture in pictures] == (["test_bot-py-test_silence.png"] if CHROMIUM.exists() else [])
    assert all(str(picture) in done.stdout for picture in pictures)
    assert "the chat has 'Anybody there?'" in done.stdout, done.stdout + done.stderr
    assert "send #1 by" in done.stdout


@pytest.mark.proof
def test_a_test_fails_for_what_its_bot_did_where_lint_is_asked_for(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_bot.py").write_text(
        "import urllib.error, urllib.request, pytest\n"
        "TOKEN = '42:' + 'A' * 35\n"
        "def test_markup(telegram, playground_url):\n"
        "    ann = telegram.add_user('Ann')\n"
        "    chat = telegram.private(ann, telegram.bot(TOKEN))\n"
        "    telegram.write(chat, ann, '/start')\n"
        "    call = f'{playground_url}/bot{TOKEN}/sendMessage?chat_id={chat.id}&parse_mode=HTML&text=<b>x'\n"
        "    with pytest.raises(urllib.error.HTTPError):\n"
        "        urllib.request.urlopen(call)\n"
    )
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--playground-lint", "--playground-pictures=none"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "markup × 1  sendMessage in" in done.stdout


@pytest.mark.proof
def test_it_starts_within_two_seconds_and_without_aiogram(python: Path) -> None:
    before = os.times()
    code = "import sys, telegram_playground.__main__; print('aiogram' in sys.modules, 'pydantic' in sys.modules)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
    after = os.times()
    used_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert used_s < 2  # of a processor, which is all that it waits for


def test_its_version_and_packages_are_those_of_the_tree() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))
    packages = {".".join(file.parent.relative_to(ROOT).parts) for file in PACKAGE.rglob("__init__.py")}

    assert set(project["tool"]["setuptools"]["packages"]) == packages
