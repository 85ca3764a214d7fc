"""Crew: the tests are collected once, and run by processes that are forked from the one that collected them.

To import all modules and to find the tests takes as long as a thousand of them take to run. Workers that start from
nothing each do it anew; these have it done, and share the memory, too. `--crew 4` asks for four.

What is handed out is a module, so that what it makes once is made once (a large one is cut); all that needs the browser
goes to one worker. Every second worker, the first one too, begins with the walks, which wait much, the others with the
rest, so that no core is idle. A worker that dies costs the test in which it died: another is forked for what it had
still to do. So does one that hangs, also where it is taken down: it is ended, and says where it and its tasks stood.
"""

import asyncio
import gc
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, Literal, NoReturn, TextIO, TypeAlias

import pytest

Line: TypeAlias = "Connection[Any, Any]"
Said: TypeAlias = tuple[str, Any]
PATIENCE_S = 400.0  # longer than a test may take; what takes it down then may hang for ever
STARTS, REPORT, WARNING, MORE, END, DEATH = "starts", "report", "warning", "more", "end", "death"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run have several processes."""
    parser.addoption("--crew", type=int, default=1, metavar="N", help="run the tests in so many processes")
    parser.addoption("--crew-patience", type=float, default=PATIENCE_S, metavar="S", help="end one that hangs so long")


def pytest_configure(config: pytest.Config) -> None:
    """Fork the workers where some are wished."""
    if config.option.crew > 1:
        config.pluginmanager.register(Crew(config.option.crew, config.option.crew_patience))


BROWSER, WALK = "browser", "walk"
TIDIED = 8  # batches after which a worker leaves what it has loaded out of the search for garbage
MOST = {BROWSER: 10_000, WALK: 3, "": 30}  # tests handed out together, by their mark
LAST, FEW = 16, 6  # of the last batches so many tests at a time: all workers end at about the same time


class Work:
    """What is to be done: places of tests in the session's list, a batch of them is from one module."""

    def __init__(self, items: list[pytest.Item]) -> None:
        modules: dict[tuple[str, Path | None], list[int]] = {}
        for place, item in enumerate(items):
            kind = next((mark for mark in (BROWSER, WALK) if item.get_closest_marker(mark)), "")
            modules.setdefault((kind, None if kind == BROWSER else item.path), []).append(place)
        batches: dict[str, list[list[int]]] = {BROWSER: [], WALK: [], "": []}
        for (kind, _), places in modules.items():
            batches[kind] += [places[start : start + MOST[kind]] for start in range(0, len(places), MOST[kind])]
        self._batches = deque([*batches[BROWSER], *batches[WALK], *batches[""]])
        self._uncut = {places[0] for places in batches[BROWSER]}

    def __len__(self) -> int:
        return len(self._batches)

    def take(self, *, walks: bool) -> list[int]:
        """Return what to do next, a walk if that is wished and there is one; nothing where all is handed out."""
        if not self._batches:
            return []
        batch = self._batches.popleft() if walks else self._batches.pop()
        if len(self._batches) >= LAST or len(batch) <= FEW or batch[0] in self._uncut:
            return batch
        few, rest = batch[:FEW], batch[FEW:]
        (self._batches.appendleft if walks else self._batches.append)(rest)
        return few

    def give_back(self, places: list[int]) -> None:
        """Take back what was not done."""
        if places:
            self._batches.appendleft(places)


@dataclass(slots=True)
class Worker:
    """A process that runs tests, as the one that forked it sees it."""

    number: int
    pid: int
    line: Line
    heard_at: float
    runs: int | None = None
    ahead: list[int] = field(default_factory=list)
    is_done: bool = False

    def end(self) -> int:
        """Wait for the process to end; return its code, or the negative number of the signal that killed it."""
        self.line.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Crew:
    """Forks the workers, hands out the tests, and passes on what is reported."""

    def __init__(self, size: int, patience_s: float) -> None:
        self._size = size
        self._patience_s = patience_s
        self._workers: list[Worker] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Literal[True] | None:
        """Run the tests, unless there are none to run or not all could be collected."""
        if session.config.option.collectonly or session.testsfailed:
            return None
        if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
            reporter.showfspath = False  # of four modules at a time
        work = Work(session.items)
        with tempfile.TemporaryDirectory(prefix="crew-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")) as folder:
            try:
                for number in range(min(self._size, len(work))):
                    self._fork(session, number, Path(folder))
                while self._workers:
                    self._listen(session, work, Path(folder))
            finally:
                for worker in self._workers:
                    with suppress(ProcessLookupError):
                        os.kill(worker.pid, signal.SIGINT)
                for worker in self._workers:
                    worker.end()
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        return True

    def _fork(self, session: pytest.Session, number: int, folder: Path) -> None:
        ours, theirs = Pipe()
        if (pid := os.fork()) == 0:
            try:
                for line in (ours, *(worker.line for worker in self._workers)):
                    line.close()
                _live(session, theirs, folder / str(number))
            except BaseException:  # noqa: BLE001  # nobody else tells it
                traceback.print_exc()
            finally:
                os._exit(1)  # whatever happens, no second parent goes on from here
        theirs.close()
        self._workers.append(Worker(number, pid, ours, time.monotonic()))

    def _listen(self, session: pytest.Session, work: Work, folder: Path) -> None:
        heard = wait([worker.line for worker in self._workers], self._patience_s)
        for worker in [worker for worker in self._workers if worker.line not in heard]:
            silent_s = time.monotonic() - worker.heard_at
            if worker.runs is not None and silent_s > self._patience_s:  # it says what it does, or runs no more Python
                os.kill(worker.pid, signal.SIGUSR1 if silent_s < 2 * self._patience_s else signal.SIGABRT)
        for worker in [worker for worker in self._workers if worker.line in heard]:
            worker.heard_at = time.monotonic()
            for kind, said in _heard(worker.line):
                self._take(session, work, folder, worker, kind, said)

    def _take(self, session: pytest.Session, work: Work, folder: Path, worker: Worker, kind: str, said: Any) -> None:
        if kind == DEATH:
            self._workers.remove(worker)
            code = worker.end()
            if not worker.is_done:
                self._mourn(session, worker, code)
                work.give_back(worker.ahead)
                self._fork(session, worker.number, folder)
        elif kind == MORE:
            given = [] if session.shouldfail or session.shouldstop else work.take(walks=worker.number % 2 == 0)
            worker.ahead += given
            with suppress(BrokenPipeError):  # it died meanwhile, which is heard next
                worker.line.send(given)
        elif kind == STARTS:
            worker.runs = said
            worker.ahead.remove(said)
        elif kind == END:
            worker.is_done = True
        else:
            _pass_on(session.config, kind, said)

    def _mourn(self, session: pytest.Session, worker: Worker, code: int) -> None:
        """Count the test as failed in which a worker died."""
        if worker.runs is None:
            raise RuntimeError(f"a worker ended with {code} before its first test")
        item = session.items[worker.runs]
        why = f"the worker ended in this test, with {code}"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", why, "call")
        session.config.hook.pytest_runtest_logreport(report=report)


class Teller:
    """Sends to the one that forked what a worker has to report, by one message a test: each of them wakes it."""

    def __init__(self, config: pytest.Config, line: Line) -> None:
        self._config = config
        self._line = line
        self._kept: list[Said] = []
        self.is_new = True  # then it is told again what was warned of before the fork

    def tell(self, kind: str, said: Any = None) -> None:
        """Send something, and before it what was kept."""
        told, self._kept = [*self._kept, (kind, said)], []
        self._line.send(told)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what came out of a test until it is sent with what comes next."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._kept.append((REPORT, data))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: tuple[str, int, str] | None
    ) -> None:
        """Keep a warning; the object that it is about stays here."""
        if self.is_new:
            return
        warning_message.source = None
        said = {"warning_message": warning_message, "when": when, "nodeid": nodeid, "location": location}
        self._kept.append((WARNING, said))


def _heard(line: Line) -> list[Said]:
    try:
        heard: list[Said] = line.recv()
    except (EOFError, ConnectionError):
        return [(DEATH, None)]
    return heard


def _pass_on(config: pytest.Config, kind: str, said: Any) -> None:
    if kind == WARNING:
        config.hook.pytest_warning_recorded.call_historic(kwargs=said)
        return
    report = config.hook.pytest_report_from_serializable(config=config, data=said)
    config.hook.pytest_runtest_logreport(report=report)


def _live(session: pytest.Session, line: Line, folder: Path) -> NoReturn:
    """Run tests until there are no more; what they print, and their files, are this worker's own."""
    folder.mkdir(exist_ok=True)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
    config = session.config
    plugins = config.pluginmanager
    if capture := plugins.get_plugin("capturemanager"):
        capture.stop_global_capturing()
        told = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")
        signal.signal(signal.SIGUSR1, partial(_give_up, told))
        capture.start_global_capturing()
        capture.suspend_global_capture()
    for name in ("terminalprogress", "terminalreporter"):
        if plugins.has_plugin(name):
            plugins.unregister(name=name)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, suppress(KeyboardInterrupt):
        mute = pytest.TerminalReporter(config, nowhere)
        mute.pytest_sessionstart(session)
        plugins.register(mute, "terminalreporter")
        plugins.register(teller := Teller(config, line))
        teller.is_new = False
        try:
            _run(session, line, teller)
        finally:
            if runner := plugins.get_plugin("runner"):
                runner.pytest_sessionfinish(session)  # takes down what is still up
        teller.tell(END)
    os._exit(0)


def _give_up(told: TextIO, *_: object) -> None:
    """Say where each task of the loop that runs stands, then end, which says where each thread does."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    with suppress(RuntimeError):  # none runs
        for task in asyncio.all_tasks():
            task.print_stack(file=told)
    told.flush()
    os.kill(os.getpid(), signal.SIGABRT)


def _run(session: pytest.Session, line: Line, teller: Teller) -> None:
    ahead = deque(_more(line, teller))
    taken = 0
    while ahead and not session.shouldfail and not session.shouldstop:
        place = ahead.popleft()
        if not ahead:
            ahead.extend(_more(line, teller))
            taken += 1
            if taken % TIDIED == 0:
                gc.collect()
                gc.freeze()  # a search for garbage, which some tests ask for, looks at what came since
        teller.tell(STARTS, place)
        following = session.items[ahead[0]] if ahead else None
        session.config.hook.pytest_runtest_protocol(item=session.items[place], nextitem=following)


def _more(line: Line, teller: Teller) -> list[int]:
    teller.tell(MORE)
    given: list[int] = line.recv()
    return given
