"""The pytest plug-in; pytest finds it by itself where the distribution telegram-playground is installed.

playground_url   the address of a server for the whole run, or the one of --playground-url
telegram         its people, with nothing left of the test before
expect           expect(chat).to_have_text("Hello") waits until it is so

With --playground-lint a test fails too where Telegram would refuse, or people would hate, what its bot did.

A test that fails has what people saw, what bots called and, where there is a Chromium, a picture of the page in its
report. The fixtures need no configuration and no
event loop; those for asyncio are in telegram_playground.fixtures.
"""

import re
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import aiohttp
import pytest

from telegram_playground.client import Chat, PlaygroundError
from telegram_playground.lint.report import in_words, without
from telegram_playground.testing import Expectation, People, ServerThread
from telegram_playground.testing.picture import taken

_MAX_NAME = 100  # of a picture
_PEOPLE = pytest.StashKey[People]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for a server that runs already."""
    group = parser.getgroup("telegram-playground")
    group.addoption("--playground-url", default=None, help="use the playground at this address; else one is started")
    pictures = Path(tempfile.gettempdir()) / "telegram-playground"
    group.addoption(
        "--playground-pictures", default=str(pictures), help="folder for pictures of chats whose test failed; or none"
    )
    group.addoption(
        "--playground-lint", action="store_true", help="fail tests whose bot Telegram or people would not bear"
    )
    parser.addini("playground_lint_allow", "rules of the lint that break nothing", type="args", default=[])


@pytest.fixture(scope="session")
def playground_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the address of the server."""
    given = request.config.getoption("--playground-url")
    if given:
        _check(str(given))
        yield str(given)
        return
    with ServerThread() as server:
        yield server.url


def _check(url: str) -> None:
    """End the run with one line where no playground answers."""
    try:
        with People(url) as people:
            people.check()
    except (aiohttp.ClientError, PlaygroundError, ValueError) as error:
        pytest.exit(f"--playground-url {url}: no playground answers there: {error}", returncode=2)


@pytest.fixture(scope="session")
def _people(playground_url: str) -> Iterator[People]:
    with People(playground_url) as people:
        yield people


@pytest.fixture
def telegram(_people: People, request: pytest.FixtureRequest) -> Iterator[People]:
    """Return the people of an empty server."""
    _people.reset()
    request.node.stash[_PEOPLE] = _people
    yield _people
    if request.config.getoption("--playground-lint"):
        report = without(_people.command("lint"), request.config.getini("playground_lint_allow"))
        if not report["clean"]:
            pytest.fail(in_words(report), pytrace=False)


@pytest.fixture
def expect(telegram: People) -> Callable[[Chat], Expectation]:
    """Return what makes expectations of a chat."""
    return lambda chat: Expectation(telegram, chat)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what happened to the report of a test that failed."""
    report = yield
    people = item.stash.get(_PEOPLE, None)
    if people is not None and report.when == "call" and report.failed:
        report.sections.append(("Telegram", people.report()))
        folder = item.config.getoption("--playground-pictures")
        name = re.sub(r"\W+", "-", item.nodeid).strip("-")[-_MAX_NAME:]
        if folder != "none" and taken(f"{people.url}/", picture := Path(folder) / f"{name}.png"):
            report.sections.append(("Telegram, as the page shows it", str(picture.resolve())))
    return report
