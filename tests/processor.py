"""Processor time of each test, with that of the processes it waited for: a run ends with the ten that took most.

Unlike seconds of the clock it is nearly the same on a machine that does something else, too. What lives for the whole
session, as the browser, counts for the test that was the last one.
"""

import os
from collections.abc import Generator

import pytest

NAME = "processor_s"
MOST = 10
_began = pytest.StashKey[float]()


def pytest_configure(config: pytest.Config) -> None:
    """Say in the end who took most, once for all workers."""
    config.pluginmanager.register(Ledger())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    item.stash[_began] = now_s()
    yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    yield
    item.user_properties.append((NAME, now_s() - item.stash[_began]))


class Ledger:
    """Notes what each test took, also in other workers."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what came with the report of a test's end."""
        if report.when == "teardown":
            self._spent[report.nodeid] = float(str(dict(report.user_properties).get(NAME, 0)))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say who took most."""
        if not self._spent:
            return
        most = sorted(self._spent.items(), key=lambda each: -each[1])[:MOST]
        terminalreporter.section(f"{sum(self._spent.values()):.0f} s of processor time, most of it in")
        for name, spent in most:
            terminalreporter.write_line(f"{spent:5.1f} s  {name}")


def now_s() -> float:
    """Return what this process and those that it waited for have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
