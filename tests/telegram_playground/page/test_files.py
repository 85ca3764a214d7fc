"""The page's files: small modules that import one way, words in every language, and nothing else that is served."""

import json
import re
from graphlib import TopologicalSorter
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from telegram_playground.server import Playground

PAGE = Path(__file__).parents[3] / "telegram_playground/page"
MODULES = {file.relative_to(PAGE).as_posix(): file.read_text(encoding="utf-8") for file in PAGE.rglob("*.js")}
INDEX = (PAGE / "index.html").read_text(encoding="utf-8")
WORDS = json.loads((PAGE / "words.json").read_text(encoding="utf-8"))
IMPORT = re.compile(r'^(?:import \{([^}]*)\}|import \*.*?) from "(.*?)";$', re.MULTILINE)
FUNCTION = re.compile(r"^export (?:async )?function (\w+)", re.MULTILINE)
CONSTANTS = re.compile(r"^export (?:const|let) (.*)$", re.MULTILINE)


def imports(name: str) -> dict[str, set[str]]:
    """Return which names a module takes from which others."""
    folder = (PAGE / name).parent
    return {
        (folder / other).resolve().relative_to(PAGE).as_posix(): {taken.strip() for taken in names.split(",")} - {""}
        for names, other in IMPORT.findall(MODULES[name])
    }


@pytest.mark.parametrize("name", [*MODULES, "page.css", "message.css"])
def test_a_file_of_the_page_has_less_than_300_lines(name: str) -> None:
    assert len((PAGE / name).read_text(encoding="utf-8").splitlines()) < 300


def test_modules_import_what_there_is_and_never_in_a_circle() -> None:
    for name in MODULES:
        for other, taken in imports(name).items():
            constants = re.findall(r"(?:^|, )(\w+) =", "\n".join(CONSTANTS.findall(MODULES[other])), re.MULTILINE)
            exported = {*FUNCTION.findall(MODULES[other]), *constants}
            assert taken <= exported, (name, other)

    assert list(TopologicalSorter({name: set(imports(name)) for name in MODULES}).static_order())


def test_every_module_is_loaded_at_once_rather_than_one_after_the_other() -> None:
    loaded = re.findall(r'<(?:link rel="modulepreload" href|script src|script type="module" src)="page/(.*?)"', INDEX)

    assert sorted(loaded) == sorted(MODULES)


def test_the_words_are_the_same_in_every_language_and_none_is_empty() -> None:
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language
        assert all(word.strip() for word in words.values()), language
        for name, word in words.items():
            places, english = ({*re.findall(r"\{\w+\}", text)} for text in (word, WORDS["en"][name]))
            assert places == english, (language, name)


def test_every_word_that_is_used_is_there_and_every_word_is_used() -> None:
    scripts = "\n".join(MODULES.values())
    named = {*re.findall(r'\bt\("(\w+)"', scripts), *re.findall(r'data-(?:text|label|placeholder)="(\w+)"', INDEX)}
    beginnings = tuple(re.findall(r"\bt\(`(\w+)\$\{", scripts))
    spoken = {
        word for pattern in (r'"(\w+)"', r"\.(language_\w+)", r"\b(\w+): ") for word in re.findall(pattern, scripts)
    }

    assert named <= WORDS["en"].keys()
    assert not [word for word in WORDS["en"] if word not in named | spoken and not word.startswith(beginnings)]


def test_no_text_of_the_page_stands_outside_its_words() -> None:
    body = INDEX[INDEX.index("<body>") :]

    assert {*re.findall(r">([^<>]*\w[^<>]*)<", body)} == {"Playground"}
    assert not re.findall(r"[А-Яа-яЁё]", "".join(MODULES.values()))


def test_nothing_inline_is_left_for_the_policy_to_forbid() -> None:
    assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=", INDEX)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", "".join(MODULES.values()))


async def get(session: aiohttp.ClientSession, url: str) -> tuple[int, str, str, str]:
    """Return status, type, whether browsers may keep it, and the text of an address that is asked for as it stands."""
    async with session.get(URL(url, encoded=True)) as response:
        text = await response.text() if response.status == 200 else ""
        return response.status, response.content_type, response.headers.get("Cache-Control", ""), text


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_all_that_the_page_names_is_served_below_its_own_address(
    session: aiohttp.ClientSession, host: str
) -> None:
    async with Playground(host) as playground:
        status, kind, kept, index = await get(session, f"{playground.url}/")
        assert (status, kind, kept) == (200, "text/html", "no-store")

        names = re.findall(r'(?:href|src)="(?!data:|#)([^"]*)"', index)

        assert len(names) > len(MODULES)
        for name in names:
            status, kind, kept, text = await get(session, f"{playground.url}/{name}")
            wanted = {"js": "text/javascript", "css": "text/css", "json": "application/json"}[name.rpartition(".")[2]]
            assert (status, kind, "immutable" in kept) == (200, wanted, True)
            assert text == (PAGE / name.split("/", 2)[2]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "page/1/policy.py",
        "page/1/__init__.py",
        "page/1/index.html",
        "page/1/../policy.py",
        "page/1/..%2fpolicy.py",
        "page/1/%2e%2e/server.py",
        "page/1/chat/..%2f..%2fpolicy.py",
        "page/1//etc/passwd",
        "page/1/%2fetc%2fpasswd",
        "page/1/chat",
        "page/1/",
        "page/",
    ],
)
async def test_no_other_file_is_served(session: aiohttp.ClientSession, playground: Playground, path: str) -> None:
    assert (await get(session, f"{playground.url}/{path}"))[0] == 404


async def test_the_page_runs_nothing_but_its_own_files(session: aiohttp.ClientSession, playground: Playground) -> None:
    for path in ("", "page/1/start.js", "page/1/words.json"):
        async with session.get(f"{playground.url}/{path}") as response:
            rules = dict(rule.split(" ", 1) for rule in response.headers["Content-Security-Policy"].split("; "))

            assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
            assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
