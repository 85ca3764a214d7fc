"""Who may import whom, who may touch time, and who may wait for Telegram: the rules of docs/architecture.md."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("bot", "providers", "playground", "migrations")
FOUNDATION = {"bot.clock", "bot.settings"}

# What each layer may import of ours, beside itself; "bot.x" covers bot/x.py and the package bot/x/.
TEXTS = {"bot.texts", "bot.access", "bot.mention", "bot.notice", "bot.membership"}
CALLS = {"bot.claim", "bot.refusal"}
MAY_IMPORT: dict[str, set[str]] = {
    "providers": set(),
    "playground": set(),
    "bot.clock": set(),
    "bot.settings": set(),
    "bot.names": {"bot.settings", "providers"},
    "bot.lock": set(),
    "bot.log": set(),
    "bot.storage": {"bot.clock"},
    "bot.texts": set(),
    "bot.access": set(),
    "bot.mention": set(),
    "bot.membership": set(),
    "bot.notice": {"bot.texts", "bot.mention"},
    "bot.budget": {"bot.bucket", "bot.peer"},
    "bot.peer": {"bot.bucket"},
    "bot.pace": {"bot.budget", "bot.bucket", "bot.lengths"},
    "bot.markdown": set(),
    "bot.split": {"bot.markdown"},
    "bot.layout": {"bot.markdown", "bot.split"},
    "bot.agenda": set(),
    "bot.draft": {"bot.delivery", *CALLS, "bot.markdown", "bot.storage", *FOUNDATION},
    "bot.completion": {"providers"},
    "bot.history": {"providers"},
    "bot.stream": {"providers"},
    "bot.catalog": {"providers", *FOUNDATION},
    "bot.refusal": set(),
    "bot.claim": {"bot.agenda", "bot.budget", "bot.pace"},
    "bot.slots": {"bot.agenda", "bot.budget", "bot.claim", "bot.lengths", "bot.pace", *FOUNDATION},
    "bot.seen": {"bot.storage", *FOUNDATION},
    "bot.delivery": {"bot.budget", "bot.seen", "bot.slots", "bot.storage", *CALLS, *FOUNDATION},
    "bot.screen": {"bot.layout", "bot.markdown"},
    "bot.methods": {"bot.layout", "bot.storage", "bot.texts"},
    "bot.search": {"bot.delivery", *CALLS, "bot.budget", "bot.layout", "bot.storage"},
    "bot.resumption": {"bot.search", *CALLS, "bot.layout", "bot.markdown", "bot.methods", "bot.storage", *FOUNDATION},
    "bot.reply": {
        *CALLS,
        "bot.delivery",
        "bot.budget",
        "bot.pace",
        "bot.draft",
        "bot.search",
        "bot.resumption",
        "bot.screen",
        "bot.methods",
        "bot.layout",
        "bot.markdown",
        "bot.storage",
        "bot.texts",
    }
    | FOUNDATION,
    "bot.responder": {
        "bot.reply",
        "bot.draft",
        "bot.search",
        "bot.delivery",
        *CALLS,
        "bot.stream",
        "bot.history",
        "bot.completion",
        "bot.catalog",
        "bot.storage",
        "bot.texts",
        "providers",
    }
    | FOUNDATION,
    "bot.worker": {"bot.responder", "bot.storage", *FOUNDATION},
    "bot.admins": {"bot.storage", *FOUNDATION},
    "bot.outbox": {"bot.notice", "bot.storage"},
    "bot.intake": {"bot.middleware", "bot.outbox", "bot.storage", *TEXTS, *FOUNDATION},
    "bot.middleware": {"bot.outbox", "bot.storage", "bot.catalog", *TEXTS, *FOUNDATION},
    "bot.handlers": {"bot.storage", "bot.catalog", "bot.admins", *TEXTS, *FOUNDATION},
}
FORBIDDEN = {
    "bot.storage": ("aiogram", "providers"),
    "providers": ("aiogram", "sqlalchemy"),
    "playground": ("sqlalchemy",),
    "bot.texts": ("aiogram", "sqlalchemy"),
    "bot.budget": ("asyncio", "aiogram"),
    "bot.pace": ("asyncio", "aiogram"),
    "bot.markdown": ("asyncio", "sqlalchemy"),
    "bot.split": ("asyncio", "sqlalchemy"),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in OURS:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield name, ast.parse(file.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, layer: str) -> bool:
    return name == layer or name.startswith(f"{layer}.")


MODULES = dict(modules())


@pytest.mark.parametrize("name", [name for name in MODULES if any(within(name, layer) for layer in MAY_IMPORT)])
def test_a_module_imports_only_what_its_layer_may(name: str) -> None:
    layer = max((layer for layer in MAY_IMPORT if within(name, layer)), key=len)
    allowed = {layer, *MAY_IMPORT[layer], "bot"}

    ours = {used for used in imports(MODULES[name]) if used.split(".")[0] in OURS}
    wrong = {used for used in ours if used != "bot" and not any(within(used, one) for one in allowed - {"bot"})}

    assert not wrong


@pytest.mark.parametrize("name", list(MODULES))
def test_a_layer_keeps_away_from_what_is_not_its_business(name: str) -> None:
    barred = [module for layer, modules in FORBIDDEN.items() if within(name, layer) for module in modules]

    assert not [used for used in imports(MODULES[name]) if any(within(used, module) for module in barred)]


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] in ("providers", "playground")])
def test_providers_and_playground_depend_on_little(name: str) -> None:
    allowed = {"aiohttp", "aiohttp_socks", "pydantic", "pydantic_settings"}
    if name.startswith("playground"):
        allowed = {"aiohttp", "yarl", "multidict", "pydantic", "pydantic_core", "aiogram", "pytest", "pytest_asyncio"}

    foreign = {used.split(".")[0] for used in imports(MODULES[name])} - set(sys.stdlib_module_names) - allowed

    assert foreign <= {name.split(".")[0]}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("bot.") and name != "bot.clock"])
def test_only_the_clock_touches_time(name: str) -> None:
    if name == "bot.check":
        pytest.skip("a report for a person: it measures, nothing depends on it")

    used = set(imports(MODULES[name]))
    calls = [
        ast.unparse(node.func)
        for node in ast.walk(MODULES[name])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]

    assert "time" not in used
    assert not [call for call in calls if call in ("asyncio.sleep", "datetime.now", "datetime.utcnow")]


@pytest.mark.parametrize("name", [name for name in MODULES if within(name, "bot.handlers")])
def test_a_handler_never_waits_for_telegram(name: str) -> None:
    awaited = [ast.unparse(node.value) for node in ast.walk(MODULES[name]) if isinstance(node, ast.Await)]

    assert not [call for call in awaited if call.startswith(("message.", "callback.", "query.", "bot.", "bot("))]


def test_only_main_imports_the_playground_and_only_main_and_check_import_the_app() -> None:
    users = {name: set(imports(tree)) for name, tree in MODULES.items()}

    of_playground = {name for name, used in users.items() if name.startswith("bot") and "playground.server" in used}
    of_app = {name for name, used in users.items() if any(within(module, "bot.app") for module in used)}

    assert of_playground == {"bot.__main__"}
    assert of_app == {"bot.__main__", "bot.check"}
