"""Who may import whom, who may touch time, and who may wait for Telegram: the rules of docs/architecture.md."""

import ast
import re
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("bot", "providers", "telegram_playground", "migrations")
FOUNDATION = {
    *("bot.clock", "bot.settings", "bot.slices", "bot.tally"),
    *("bot.process.child", "bot.process.spans", "bot.process.trail"),
    "providers.visible",
}

# What each wing may import of ours, beside itself; "bot.x" covers bot/x.py and the package bot/x/.
MAY_IMPORT: dict[str, set[str]] = {
    **{wing: set() for wing in ("bot.clock", "bot.tally", "bot.slices", "bot.texts", "bot.process", "bot.extract")},
    "bot.settings": {"bot.texts"},
    "bot.catalog": {"bot.tools", "providers", *FOUNDATION},
    "bot.backups": {"bot.storage", "bot.process", "bot.clock"},
    "bot.members": {"bot.storage", "bot.process", "bot.clock"},
    "bot.storage": {"bot.clock", "bot.process.child", "providers.blocks", "providers.notation"},
    "bot.intake": {"bot.storage", "bot.texts", "bot.catalog", "providers.blocks", "providers.notation", *FOUNDATION},
    "bot.delivery": {"bot.storage", *FOUNDATION},
    "bot.reply": {"bot.delivery", "bot.storage", "bot.texts", *FOUNDATION},
    "bot.tools": {"providers", *FOUNDATION},
    "bot.work": {"bot.reply", "bot.delivery", "bot.storage", "bot.texts", "bot.catalog", "bot.extract", "bot.tools"}
    | {"providers", *FOUNDATION},
    "bot.report": {"bot.members", "bot.storage", "bot.catalog", "bot.texts", *FOUNDATION},
    "bot": {"bot", "providers", "telegram_playground"},  # the programs: who may import those is said below
    "migrations": {"bot.storage", "providers.blocks", "providers.notation"},
    "providers": set(),
    "telegram_playground": set(),
}
FORBIDDEN = {
    "bot.storage": ("aiogram", "aiohttp"),
    "providers": ("aiogram", "sqlalchemy"),
    "telegram_playground": ("sqlalchemy",),
    "bot.texts": ("aiogram", "sqlalchemy"),
    "bot.delivery.budget": ("asyncio", "aiogram"),
    "bot.delivery.pace": ("asyncio", "aiogram"),
    "bot.reply.markdown": ("asyncio", "sqlalchemy"),
    "bot.reply.split": ("asyncio", "sqlalchemy"),
}


@cache
def modules() -> dict[str, ast.Module]:
    """Return all modules of ours by name."""
    found = {}
    for package in OURS:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


@cache
def imports(name: str) -> frozenset[str]:
    """Return what a module imports, each name of it too."""
    used: set[str] = set()
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            used.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            used.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return frozenset(used)


def calls(name: str) -> set[str]:
    """Return what a module calls by an attribute, as it is written."""
    return {
        ast.unparse(node.func)
        for node in ast.walk(modules()[name])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def offenders(found: dict[str, object]) -> dict[str, object]:
    """Return the modules at which something was found."""
    return {name: what for name, what in found.items() if what}


def within(name: str, layer: str) -> bool:
    return name == layer or name.startswith(f"{layer}.")


def room(name: str, package: str) -> str:
    """Return the file or folder of a package in which a module lies."""
    return ".".join(name.split(".")[: package.count(".") + 2])


ALLOWED = {
    "providers": {"aiohttp", "aiohttp_socks", "pydantic", "pydantic_settings", "regex", "yarl"},
    "telegram_playground": {"aiohttp", "yarl", "multidict", "pytest", "pytest_asyncio"},
}
WINGS = [wing for wing in MAY_IMPORT if wing != "bot"]


def test_a_module_imports_only_what_its_wing_may() -> None:
    def strays(name: str) -> set[str]:
        wing = max((wing for wing in MAY_IMPORT if within(name, wing)), key=len)
        allowed = {wing, *MAY_IMPORT[wing]}
        ours = {used for used in imports(name) if used.split(".")[0] in OURS and used not in OURS}
        return {used for used in ours if not any(within(used, one) for one in allowed)}

    assert offenders({name: strays(name) for name in modules()}) == {}


def test_what_lies_loose_in_the_bot_has_a_line_of_its_own_or_makes_the_program() -> None:
    loose = {name for name in modules() if within(name, "bot") and not any(within(name, one) for one in WINGS)}

    assert {room(name, "bot") for name in loose} == {"bot", "bot.__main__", "bot.app", "bot.commands"}


PICTURE = re.compile(r"^ {4}([1-9])  (.+?)(?: {3,}.*)?$", re.MULTILINE)


@pytest.mark.parametrize("paper", ["README.md", "docs/architecture.md"])
def test_the_picture_of_the_rooms_is_what_the_imports_draw(paper: str) -> None:
    drawn = PICTURE.findall((ROOT / paper).read_text(encoding="utf-8"))
    floors = {f"bot.{name}": int(floor) for floor, names in drawn for name in names.split()}

    def climbs(name: str) -> set[str]:
        own = floors[room(name, "bot")]
        others = {room(used, "bot") for used in imports(name) if used in modules() and used.startswith("bot.")}
        return {other for other in others - {room(name, "bot")} if floors[other] >= own}

    rooms = [name for name in modules() if name.startswith("bot.")]
    assert set(floors) == {room(name, "bot") for name in rooms}
    assert offenders({name: climbs(name) for name in rooms}) == {}


def test_no_two_rooms_of_a_package_import_each_other_in_a_circle() -> None:
    for package in sorted({name.rpartition(".")[0] for name in modules() if "." in name}):
        rooms: dict[str, set[str]] = {}
        for name in modules():
            if name != package and within(name, package):
                used = {room(other, package) for other in imports(name) if within(other, package) and other != package}
                rooms.setdefault(room(name, package), set()).update(used - {room(name, package)})

        assert list(TopologicalSorter(rooms).static_order())


def test_what_opens_files_of_strangers_is_never_in_the_bots_process() -> None:
    def opens(name: str) -> set[str]:
        inner = {one for one in imports(name) if within(one, "bot.extract") and not within(one, "bot.extract.found")}
        return inner | (imports(name) & {"PIL", "pypdf"})

    assert offenders({name: opens(name) for name in modules() if not within(name, "bot.extract")}) == {}


def test_a_layer_keeps_away_from_what_is_not_its_business() -> None:
    def barred(name: str) -> set[str]:
        modules = [module for layer, barred in FORBIDDEN.items() if within(name, layer) for module in barred]
        return {used for used in imports(name) if any(within(used, module) for module in modules)}

    assert offenders({name: barred(name) for name in modules()}) == {}


def test_providers_and_playground_depend_on_little() -> None:
    def foreign(name: str, *allowed: str) -> set[str]:
        return {used.split(".")[0] for used in imports(name)} - {*sys.stdlib_module_names, *allowed, name.split(".")[0]}

    assert (
        offenders({name: foreign(name, *ALLOWED[wing]) for wing in ALLOWED for name in modules() if within(name, wing)})
        == {}
    )


def test_only_the_clock_touches_time() -> None:
    named = [name for name in modules() if name.startswith("bot.") and name != "bot.clock"]

    assert [name for name in named if "time" in imports(name)] == []
    assert offenders({name: calls(name) & {"asyncio.sleep", "datetime.now", "datetime.utcnow"} for name in named}) == {}


def test_a_handler_never_waits_for_telegram() -> None:
    def awaited(name: str) -> list[str]:
        waits = [ast.unparse(node.value) for node in ast.walk(modules()[name]) if isinstance(node, ast.Await)]
        return [call for call in waits if call.startswith(("message.", "callback.", "query.", "bot.", "bot("))]

    assert offenders({name: awaited(name) for name in modules() if within(name, "bot.intake.handlers")}) == {}


def test_only_play_imports_the_playground_and_only_the_programs_build_the_bot() -> None:
    users = [name for name in modules() if within(name, "bot")]

    assert [name for name in users if "telegram_playground.server" in imports(name)] == ["bot.commands.play"]
    programs = {room(name, "bot") for name in users if any(within(used, "bot.app") for used in imports(name))}
    assert programs == {"bot.__main__", "bot.commands", "bot.app"}


def test_nobody_else_looks_at_the_sign_of_an_id() -> None:
    def looks(name: str) -> list[str]:
        compared = [node for node in ast.walk(modules()[name]) if isinstance(node, ast.Compare) and orders_ids(node)]
        return [ast.unparse(node) for node in compared]

    assert (
        offenders({name: looks(name) for name in modules() if within(name, "bot") and name != "bot.storage.ids"}) == {}
    )


def orders_ids(node: ast.Compare) -> bool:
    """Tell whether an id is compared with nought or less: by its sign Telegram tells a group from a person."""
    sides = [node.left, *node.comparators]
    is_ordered = any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
    return is_ordered and any(is_id(side) for side in sides) and any(is_bound(side) for side in sides)


def is_id(side: ast.expr) -> bool:
    """Tell whether an expression is called an id, or a key, of a chat: `chat.id`, `telegram_id`, `parent["id"]` …"""
    if isinstance(side, ast.Subscript):
        return isinstance(side.slice, ast.Constant) and side.slice.value in ("id", "chat_id")
    called = side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""
    return called in ("id", "key", "peer", "chat", "place", "telegram_id", "chat_id")


def is_bound(side: ast.expr) -> bool:
    """Tell whether an expression is a number that is not above nought."""
    try:
        return isinstance(value := ast.literal_eval(side), int | float) and value <= 0
    except ValueError:
        return False


@pytest.mark.parametrize("sign", ["chat_id < 0", "0 < chat.telegram_id", 'parent["id"] > 0', "place.key <= -100"])
def test_a_look_at_a_sign_is_known(sign: str) -> None:
    (node,) = (node for node in ast.walk(ast.parse(sign)) if isinstance(node, ast.Compare))

    assert orders_ids(node)


def test_what_can_be_done_where_a_reply_stands_is_asked_of_the_place() -> None:
    users = {name for name in modules() if "bot.storage.ids.is_person" in imports(name)}

    assert {name for name in users if within(name, "bot.reply") or within(name, "bot.work")} == {"bot.reply.place.chat"}
