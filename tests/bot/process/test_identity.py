"""The identity of a process: another one of this machine can tell whether it has ended, and is never wrong."""

import os
import subprocess
import sys
from pathlib import Path

from bot.process.identity import identity, is_over

ROOT = Path(__file__).parents[3]
TELL = "from bot.process.identity import identity; print(identity(), flush=True); input()"


def test_one_that_runs_is_not_over() -> None:
    assert identity()
    assert not is_over(identity())


def test_one_that_was_killed_is_over_before_and_after_it_was_waited_for() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as other:
        assert other.stdout
        told = other.stdout.readline().strip()
        assert not is_over(told)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert is_over(told)
        other.wait()

    assert is_over(told)


def test_another_process_under_the_same_number_is_not_the_one() -> None:
    where, _, _ = identity().rpartition(" ")

    assert is_over(f"{where} 1")


def test_of_another_machine_or_container_nothing_is_known() -> None:
    _, _, rest = identity().partition(" ")

    assert not is_over(f"another-machine {rest}")
    assert not is_over("")
    assert not is_over("what somebody wrote")
