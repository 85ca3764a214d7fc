"""What puts the bot on other machines names what is there, and is as closed as it says."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.report.metrics import metrics
from bot.report.standing import Told
from bot.report.supervisor import BEAT_S
from bot.storage.census import Sizes
from bot.tally import Tally
from deploy.sbom import sbom
from tests.bot.report.test_figures import WELL

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yaml").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
MOST_EXPOSED = 2.0
PACKAGES = ("bot", "providers", "telegram_playground", "migrations")


def test_each_package_is_in_the_wheel_and_under_one_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = {
        ".".join(("deltagram", *file.parent.relative_to(ROOT).parts))
        for package in PACKAGES
        for file in (ROOT / package).rglob("__init__.py")
    }

    assert set(project["tool"]["setuptools"]["packages"]) == {"deltagram", *found}


@pytest.mark.proof
def test_the_command_runs_the_bot_from_the_wheels_folder(tmp_path: Path) -> None:
    installed = tmp_path / "deltagram"
    shutil.copytree(ROOT / "deploy" / "wheel" / "deltagram", installed)
    for package in PACKAGES:
        (installed / package).symlink_to(ROOT / package)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    run = subprocess.run(
        [sys.executable, "-m", "deltagram", "--version"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout.split()[0]) == (0, "deltagram")


def test_the_image_holds_what_is_there_and_no_secret() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    sources = " ".join(re.findall(r"^COPY ([^-\s].*) \S+$", DOCKERFILE, re.MULTILINE)).split()

    assert "*" in ignored
    assert {f"!{source}" for source in sources} == {line for line in ignored if line.startswith("!")}
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_is_pinned_unprivileged_and_stops_in_order() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    bases = re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE)

    assert all(re.fullmatch(r"\S+:\d[^\s:]*( AS \w+)?", base) for base in bases)
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", last, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["python", "-m", "bot"\]$', last, re.MULTILINE)  # no shell that keeps signals
    assert "HEALTHCHECK" in last
    assert not re.search(r"^ADD |curl|wget|apt-get|\bsudo\b|:latest", DOCKERFILE, re.MULTILINE)


def test_each_service_of_compose_that_is_ours_is_hardened() -> None:
    ours = re.findall(r"^  (\w+):\n    <<: \*hardened$", COMPOSE, re.MULTILINE)

    assert ours == ["bot", "backup"]
    for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "init: true"):
        assert line in COMPOSE.partition("services:")[0]
    assert re.findall(r"ports: (.*)", COMPOSE) == ['["443:443"]']  # of the proxy before the webhook


def test_the_proxy_before_the_webhook_lets_nothing_else_through() -> None:
    config = (ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text(encoding="utf-8")

    (allowed,) = re.findall(
        r"^  http-request deny deny_status 404 unless \{ path -m reg (\S+) \}$", config, re.MULTILINE
    )
    paths = ["/telegram/123456789", "/telegram/", "/metrics", "/healthz", "/telegram/1/metrics", "/telegram/../metrics"]
    assert [path for path in paths if re.search(allowed, path)] == ["/telegram/123456789"]
    assert "deploy/haproxy/haproxy.cfg" in COMPOSE


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_hardened_and_ends_as_the_bot_says(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert "RestartPreventExitStatus=2" in text
    assert re.search(r"^ExecStart=\S+/python -m bot (run|backup)\b", text, re.MULTILINE)
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")

    command = ["systemd-analyze", "security", "--offline=true", str(unit)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout

    level = re.search(r"exposure level for \S+: ([\d.]+)", told)
    assert level
    assert float(level[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", [unit for unit in UNITS if "@" not in unit.name], ids=lambda unit: unit.name)
def test_one_of_several_bots_has_each_unit_of_one_bot(unit: Path) -> None:
    of_several = unit.with_name(f"{unit.stem}@.service").read_text(encoding="utf-8")

    told = ("Description=", "Documentation=", "#", "\n")
    of_one = [line for line in unit.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith(told)]
    several = [line for line in of_several.splitlines(keepends=True) if not line.startswith(told)]
    assert [line.replace("-%i", "") for line in several] == of_one


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_permits_what_those_who_read_files_put_on_themselves(unit: Path) -> None:
    permitted = re.findall(r"^SystemCallFilter=(\w.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)

    assert {"setrlimit", "prlimit64", "setpriority"} <= set(" ".join(permitted).split())


def test_the_workflow_does_what_ci_run_does_and_may_write_nothing() -> None:
    assert ".ci/run" in WORKFLOW
    assert "permissions:\n  contents: read\n" in WORKFLOW
    assert all(re.search(r"@(v\d+|[0-9a-f]{40})$", line) for line in re.findall(r"uses: (\S+)", WORKFLOW))


@pytest.mark.parametrize(
    ("pid", "code"), [(str(os.getpid()), 0), ("999999999", 1), ("", 1)], ids=["ours", "nobody", "none"]
)
def test_the_healthcheck_looks_for_the_process_that_holds_the_database(pid: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db.lock").write_text(pid, encoding="ascii")

    command = [sys.executable, "-I", str(ROOT / "deploy" / "healthcheck.py")]
    run = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, check=False)

    assert run.returncode == code


def test_the_healthcheck_takes_an_outage_of_telegram_for_no_fault_of_the_process() -> None:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz/live" else 503)
            self.end_headers()

        def log_message(self, format: str, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        command = [sys.executable, "-I", str(ROOT / "deploy" / "healthcheck.py")]
        run = subprocess.run(command, env={"METRICS_PORT": str(server.server_port)}, capture_output=True, check=False)
        answering.join()

    assert run.returncode == 0


def test_each_alarm_is_told_with_what_to_do() -> None:
    rules = (ROOT / "deploy" / "monitoring" / "alerts.yaml").read_text(encoding="utf-8")
    told = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

    names = re.findall(r"- alert: (\w+)", rules)
    assert len(names) == rules.count("expr:") == rules.count("summary:") > 5
    assert [name for name in names if f"| {name} |" not in told] == []


def promtool(*arguments: str, input_: str | None = None) -> subprocess.CompletedProcess[str]:
    """Ask Prometheus' own tool (Debian: prometheus)."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not here")
    return subprocess.run(["promtool", *arguments], input=input_, capture_output=True, text=True, check=False)


def test_each_alarm_is_raised_by_what_it_is_about_and_by_nothing_less() -> None:
    """The cases stand in tests/alerts.yaml, in the words of `promtool test rules`."""
    checked = promtool("check", "rules", str(ROOT / "deploy" / "monitoring" / "alerts.yaml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr

    tried = promtool("test", "rules", str(ROOT / "tests" / "alerts.yaml"))
    assert tried.returncode == 0, tried.stdout + tried.stderr


def test_each_alarm_has_a_case() -> None:
    names = re.findall(r"- alert: (\w+)", (ROOT / "deploy" / "monitoring" / "alerts.yaml").read_text(encoding="utf-8"))
    cases = (ROOT / "tests" / "alerts.yaml").read_text(encoding="utf-8")

    assert [name for name in names if cases.count(f"alertname: {name}\n") < 2] == []


@pytest.mark.parametrize("names", [[""], ["one", 'the "other"']])
def test_what_is_told_is_what_prometheus_reads(names: list[str]) -> None:
    tally = Tally()
    tally.called("sendMessage", "ok", 0.2, now=1.0)
    tally.ended('a "provider"', "answered", first_s=0.4, seconds=2.0, tokens=(10, 20), cost=5 * 10**9)
    tally.posts[200] += 1

    report = replace(WELL, sizes=Sizes(10**6, 10**5, 10**7), pending=3)
    told = metrics([Told(name, tally, report, "") for name in names])

    checked = promtool("check", "metrics", input_=told)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_each_panel_of_the_dashboard_has_a_place_and_something_to_show() -> None:
    board = json.loads((ROOT / "deploy" / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))

    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len({panel["id"] for panel in board["panels"]}) == len(places)
    for panel in board["panels"]:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert all(target["expr"].count("(") == target["expr"].count(")") for target in panel["targets"])
        assert panel["targets"]


def test_the_bill_of_materials_names_each_package_that_is_installed() -> None:
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", requirements, re.MULTILINE)

    bill = json.loads(json.dumps(sbom(requirements, "1.2.3")))

    assert [(each["name"], each["version"]) for each in bill["components"]] == pinned
    assert all(each["hashes"] for each in bill["components"])
    assert sum(len(each["hashes"]) for each in bill["components"]) == requirements.count("--hash=")
    assert bill["metadata"]["component"]["version"] == "1.2.3"


@pytest.mark.parametrize("unit", [unit for unit in UNITS if "backup" not in unit.name], ids=lambda unit: unit.name)
def test_systemd_waits_until_the_bot_serves_and_sees_that_its_loop_turns(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    (watchdog,) = (int(line.removeprefix("WatchdogSec=")) for line in lines if line.startswith("WatchdogSec="))

    assert {"Type=notify", "NotifyAccess=main", "TimeoutStartSec=infinity"} <= set(lines)
    assert watchdog >= 4 * BEAT_S
