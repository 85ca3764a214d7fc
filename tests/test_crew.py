"""The crew that runs the suite: no test is lost, whatever happens to the process that runs it."""

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from tests.crew import FEW, MOST, Work

ROOT = Path(__file__).parents[1]


def run(folder: Path, *options: str, **modules: str) -> tuple[int, str]:
    """Run modules of tests with two workers; return the exit code and what was said."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text)
    command = (sys.executable, "-m", "pytest", "-p", "tests.crew", "-p", "no:cacheprovider", "--crew", "2", *options)
    environment = {"PYTHONPATH": str(ROOT), "PYTEST_DEBUG_TEMPROOT": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


MANY = """
import pytest, warnings

@pytest.mark.parametrize("number", range(9))
def test_number(number, tmp_path):
    assert not list(tmp_path.iterdir())

def test_warning():
    warnings.warn("look")
"""
MORTAL = """
import os, pytest

@pytest.fixture(scope="module")
def pid():
    print("made in", os.getpid())
    return os.getpid()

def test_first(pid):
    assert pid == os.getpid()

def test_dies(pid):
    os.kill(pid, 9)

def test_fails(pid):
    assert {"what": 1} == {"what": 2}

@pytest.mark.skip(reason="another day")
def test_skipped():
    pass
"""


def test_each_test_is_run_once_and_a_worker_that_dies_costs_one(tmp_path: Path) -> None:
    code, said = run(tmp_path, many=MANY, mortal=MORTAL)

    assert code == pytest.ExitCode.TESTS_FAILED
    assert re.search(r"2 failed, 11 passed, 1 skipped, 1 warning in", said), said
    assert "FAILED test_mortal.py::test_dies - the worker ended in this test, with -9" in said
    assert "FAILED test_mortal.py::test_fails - AssertionError" in said
    assert "{'what': 1} != {'what': 2}" in said
    assert "Captured stdout setup" in said
    assert "UserWarning: look" in said
    assert not list(tmp_path.glob("crew-*"))


def test_it_ends_early_where_that_is_wished_and_takes_down_what_is_up(tmp_path: Path) -> None:
    fixture = "@pytest.fixture(scope='session', autouse=True)\ndef up():\n    yield\n    open('down', 'w')\n"
    failing = f"import pytest\n{fixture}def test_fails():\n    assert 0\ndef test_never():\n    open('never', 'w')\n"

    code, said = run(tmp_path, "-x", failing=failing, other="def test_other():\n    pass\n")

    assert code == pytest.ExitCode.TESTS_FAILED
    assert "1 failed" in said
    assert (tmp_path / "down").exists()
    assert not (tmp_path / "never").exists()


def test_a_test_that_hangs_where_it_is_taken_down_costs_itself_alone(tmp_path: Path) -> None:
    fixture = "import pytest, threading\n@pytest.fixture\ndef down():\n    yield\n    threading.Event().wait()\n"
    hanging = f"{fixture}def test_first():\n    pass\ndef test_hangs(down):\n    pass\n"

    code, said = run(tmp_path, "--crew-patience", "1", hanging=hanging)

    assert code == pytest.ExitCode.TESTS_FAILED
    assert "FAILED test_hanging.py::test_hangs - the worker ended in this test, with -6" in said


HANGING = """
import asyncio, os, signal

async def waits_for_ever():
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGUSR1)  # as who loses patience with it does
    await asyncio.Event().wait()

def test_hangs():
    asyncio.run(waits_for_ever())

def test_other():
    pass
"""


def test_what_the_tasks_of_one_that_hangs_wait_for_is_said(tmp_path: Path) -> None:
    code, said = run(tmp_path, hanging=HANGING)

    assert code == pytest.ExitCode.TESTS_FAILED
    assert "FAILED test_hanging.py::test_hangs - the worker ended in this test, with -6" in said
    assert "in waits_for_ever\n    await asyncio.Event().wait()" in said


def test_of_the_last_tests_a_worker_gets_few_at_a_time(request: pytest.FixtureRequest) -> None:
    work = Work([request.node] * 1000)

    taken: list[list[int]] = []
    while batch := work.take(walks=len(taken) % 2 == 0):
        taken.append(batch)

    assert max(map(len, taken[:10])) == MOST[""]
    assert max(map(len, taken[-10:])) == FEW
    assert sorted(chain.from_iterable(taken)) == [*range(1000)]


def test_all_that_needs_the_browser_goes_to_one_worker_also_at_the_end(
    request: pytest.FixtureRequest,
) -> None:
    request.node.add_marker("browser")

    assert len(Work([request.node] * 100).take(walks=True)) == 100
