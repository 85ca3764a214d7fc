"""What the bot's admins read of how it fares: the figures of `status`, in their language."""

import json
from dataclasses import replace

import pytest

from bot.catalog.catalog import Cause
from bot.members.figures import Figures
from bot.report.disk import Disk
from bot.report.figures import figures
from bot.report.report import Failing, Report
from bot.report.status import lines, status
from bot.storage.census import Waiting
from bot.tally import Tally
from bot.texts import Texts
from bot.texts.de import DE
from bot.texts.en import EN
from bot.texts.ru import RU

WELL = Report(
    pid=7,
    bot="@DeltaBot",
    seconds=7_500.0,
    intake="polling",
    updates_s=3.2,
    stale_s=60.0,
    pending=None,
    waiting=Waiting(queued=4, generating=2, unshown=1, unsaid=3),
    sizes=None,
    calls_waiting=5,
    bot_rate=30.0,
    failing_s=None,
    lag_s=0.002,
    worst_lag_s=0.041,
    providers={"one": True, "two": True},
    failing={},
    fares={},
    left_alone=[],
    disk=Disk(database=12_000_000, free=3_400_000_000),
    faults=[],
)
CALLS = {"ok": 90, "flood": 2, "refused": 1}


def test_all_figures_of_a_bot_that_is_ready() -> None:
    said = figures(WELL, CALLS, EN, str.title)

    assert said.splitlines() == [
        "✅ Ready: whoever writes now is served.",
        "",
        "Running for 2 h 5 min.",
        "Last call for updates: 3 s ago.",
        "Questions waiting: 4, being answered: 2, to be shown: 1. Notices waiting: 3. Calls waiting for Telegram: 5.",
        "Database: 12 MB",
        "Free on the disk: 3400 MB",
        "Calls to Telegram since the start: 90 carried out, 2 refused for a while, 1 refused, 0 without an answer.",
        "Delay: 2 ms now, 41 ms at worst of late.",
        "",
        "All providers work, as far as I know.",
    ]


@pytest.mark.parametrize("words", [EN, DE, RU], ids=lambda words: words.name)
def test_a_provider_that_fails_is_named_with_its_cause_and_since_when(words: Texts) -> None:
    failing = {"two": Failing(Cause.KEY, 720.0)}

    said = figures(replace(WELL, providers={"one": True, "two": False}, failing=failing), CALLS, words, str.title)

    last = said.splitlines()[-1]
    assert "Two" in last
    assert words.cause_key in last
    assert words.minutes.format(minutes=12) in last


@pytest.mark.parametrize("words", [EN, DE, RU], ids=lambda words: words.name)
def test_what_keeps_it_from_serving_is_told(words: Texts) -> None:
    away = replace(WELL, updates_s=None, waiting=None, failing_s=75.0, disk=Disk(), faults=["updates", "database"])

    told = figures(away, CALLS, words, str.title).split("\n\n")[0].splitlines()

    silent = words.health_silent.format(time=words.minutes.format(minutes=1))
    lines = [words.health_no_updates, words.health_no_database, silent]
    assert told == [words.health_not_ready, *(f"· {line}" for line in lines)]


def test_a_webhook_is_told_with_what_waits_at_telegram() -> None:
    said = figures(replace(WELL, intake="webhook", pending=8), CALLS, EN, str.title)

    assert "The webhook was seen to stand 3 s ago.\nUpdates that wait at Telegram: 8\n" in said


def test_the_terminal_names_the_cause_and_since_when() -> None:
    failing = {"two": Failing(Cause.KEY, 720.0)}
    report = replace(WELL, providers={"one": True, "two": False}, failing=failing)

    table = [*lines(json.loads(json.dumps(status(report, Tally(), []))))]

    assert "           two: FAILS since 12 min 0 s (key)" in table


def test_the_terminal_names_the_other_processes_and_what_each_has() -> None:
    others = {"process 8 on b": [1, 2, 3, 4, 5, 6, 7], "process 9 on c": []}
    report = replace(WELL, member=Figures("process 7 on a", live=3, bots=[9], others=others))

    table = [*lines(json.loads(json.dumps(status(report, Tally(), []))))]

    assert "           process 8 on b has 1, 2, 3, 4, 5 and 2 more" in table
    assert "           process 9 on c stands by" in table
