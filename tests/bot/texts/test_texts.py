"""The bot's own words: complete in each language, and fit to be sent."""

import ast
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from shutil import copytree
from string import Formatter

import pytest

from bot.reply.marks import is_placeholder
from bot.texts import LANGUAGES, Texts, texts
from bot.texts.de import DE
from bot.texts.en import EN
from bot.texts.plural import one_few_many
from bot.texts.ru import RU

ASKED = """
import bot.process.deferral  # as in a run of the bot: else all of aiogram's types are built
from bot.intake.handlers.menu import menus
from bot.intake.handlers.choices.settings_view import CHOICES
from bot.settings import Settings
from bot.texts import LANGUAGES, texts

print(Settings.load(_env_file=None, language="eo").language, LANGUAGES["eo"].name, texts("ia-FR").name)
print(*sorted(str(menu.language_code) for menu in menus("auto", []) if menu.language_code == "eo"))
print(*(code for code in CHOICES if code == "eo"))
"""
BOT = Path(__file__).parents[3] / "bot"
# Who is asked for a text in the code of the bot.
SPEAKERS = re.compile(r"(LANGUAGES\[.*\]|.*texts|.*words|choose_texts\(.*\))")
FAILURES = [
    "no_connection",
    "timed_out",
    "rate_limited",
    "rate_limited_for",
    "blocked",
    "sign_in_failed",
    "out_of_credit",
    "service_failed",
    "broken_off",
    "empty_answer",
    "only_thought",
    "too_long",
    "refused",
    "refused_plain",
    "recited",
    "language_unknown",
    "model_not_supported",
    "nothing_to_send",
    "internal",
    "gave_up",
    "incomplete",
    "cut",
]


def every(language: Texts) -> dict[str, str]:
    return {
        field.name: getattr(language, field.name)
        for field in fields(language)
        if field.type is str or field.type == "str"
    }


def fields_of(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field is not None}


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_text_has_the_same_fields_in_each_language(language: Texts) -> None:
    def of(words: Texts) -> dict[str, set[str]]:
        return {name: fields_of(text) for name, text in every(words).items()}

    assert of(language) == of(EN)


def test_the_fields_of_a_text_stand_beside_its_name() -> None:
    declared = (BOT / "texts" / "texts.py").read_text(encoding="utf-8")
    rows = re.findall(r"^    (\w+): str(?:  # (.*))?$", declared, re.MULTILINE)

    assert {name: set(re.findall(r"\w+", beside)) for name, beside in rows} == {
        name: fields_of(text) for name, text in every(EN).items()
    }


@pytest.fixture(scope="module")
def code() -> list[ast.AST]:
    """All that the bot's code consists of, without the texts."""
    files = [file for file in BOT.rglob("*.py") if file.parent.name != "texts"]
    return [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]


def test_what_words_change_with_is_filled_in_as_a_number(code: list[ast.AST]) -> None:
    """One language may have forms where another has none: only a number serves both."""
    counted = {
        (name, field)
        for language in LANGUAGES.values()
        for name, text in every(language).items()
        for _, field, forms, _ in Formatter().parse(text)
        if forms
    }
    calls = [node for node in code if isinstance(node, ast.Call) and node.args]
    filled_in = {
        (call.args[0].attr, keyword.arg): ast.unparse(keyword.value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "filled" and isinstance(call.args[0], ast.Attribute)
        for keyword in call.keywords
    }

    assert {
        key: value for key, value in filled_in.items() if key in counted and value.startswith(("Text(", "str("))
    } == {}


def test_every_text_is_said_somewhere(code: list[ast.AST]) -> None:
    read = [node for node in code if isinstance(node, ast.Attribute)]
    named = {*every(EN)}
    said = {node.attr for node in read if node.attr in named and SPEAKERS.fullmatch(ast.unparse(node.value))}

    assert named - said == set()


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_no_text_is_empty_or_has_loose_blanks(language: Texts) -> None:
    assert [name for name, text in every(language).items() if not text or text != text.strip() or "  " in text] == []


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_failure_begins_with_a_sign(language: Texts) -> None:
    assert [name for name in FAILURES if not every(language)[name].startswith("⚠️ ")] == []


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_failure_says_what_to_do(language: Texts) -> None:
    sentences = {name: re.split(r"\. | или |, oder ", every(language)[name]) for name in FAILURES}

    assert [name for name, said in sentences.items() if len(said) < 2] == []


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_descriptions_fit_into_the_command_menu(language: Texts) -> None:
    meanings = [text for name, text in every(language).items() if name.startswith("command_")]

    assert [text for text in meanings if not 3 <= len(text) <= 256] == []


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_line_of_a_model_that_gets_ready_is_known_as_no_answer(language: Texts) -> None:
    assert is_placeholder(language.loading)


def test_russian_is_russian() -> None:
    latin = [name for name, text in every(RU).items() if not any("а" <= sign <= "я" for sign in text.lower())]

    assert latin == ["code", "retry_button", "decimal_sign"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ru", RU),
        ("ru-RU", RU),
        ("RU", RU),
        ("be", RU),
        ("kk", RU),
        ("uk", EN),
        ("de", DE),
        ("de-AT", DE),
        ("en-GB", EN),
        (None, EN),
    ],
)
def test_a_person_reads_his_language_or_english(language: str | None, expected: Texts) -> None:
    assert texts(language) is expected


def test_german_says_du() -> None:
    polite = re.compile(r"(?<![.:!?] )(?<!^)\b(Sie|Ihnen|Ihre?[nmrs]?)\b")

    assert [name for name, text in every(DE).items() if polite.search(text)] == []


@pytest.mark.parametrize(
    ("language", "another", "word"),
    [
        (RU, r"(?<!новая )верси[яиюй]", "вариант"),
        (RU, "отвечает за бота|обслуживает", "владелец"),
        (RU, "снят|снимите", "отменить"),
        (RU, "впусти", "доступ"),
        (RU, "секунду,", "минутку"),
        (DE, "besitzer", "Betreiber"),
        (DE, "stücke", "Teile"),
        (DE, "jetzige", "aktuell"),
    ],
)
def test_one_thing_has_one_word(language: Texts, another: str, word: str) -> None:
    assert [name for name, text in every(language).items() if re.search(another, text.lower())] == [], word


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_text_with_plurals_has_as_many_forms_as_its_language(language: Texts) -> None:
    forms = 1 + max(language.plural(number) for number in range(200))
    given = {
        name: {len(spec.split("|")) for _, _, spec, _ in Formatter().parse(text) if spec}
        for name, text in every(language).items()
    }

    assert {name: found for name, found in given.items() if not found <= {forms}} == {}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (EN, {"0 messages were", "1 message was", "2 messages were", "11 messages were", "21 messages were"}),
        (DE, {"0 wartende Nachrichten", "1 wartende Nachricht", "2 wartende Nachrichten"}),
        (RU, {"0 сообщений", "1 сообщение", "2 сообщения", "5 сообщений", "11 сообщений", "12 сообщений"}),
        (RU, {"21 сообщение", "24 сообщения", "25 сообщений", "101 сообщение", "111 сообщений", "1002 сообщения"}),
    ],
)
def test_a_number_takes_its_form(language: Texts, expected: set[str]) -> None:
    for phrase in expected:
        said = language.dropped.format(count=int(phrase.split()[0])).replace(" waiting", "")

        assert re.search(rf"(^|: ){phrase}\b", said), said


def test_the_rule_of_russian_is_that_of_cldr() -> None:
    one = {number for number in range(200) if number % 10 == 1 and number % 100 != 11}
    few = {number for number in range(200) if number % 10 in range(2, 5) and number % 100 not in range(12, 15)}

    assert {number for number in range(200) if one_few_many(number) == 0} == one
    assert {number for number in range(200) if one_few_many(number) == 1} == few


def test_the_first_language_that_was_chosen_counts() -> None:
    assert texts(None, "auto", "ru") is RU
    assert texts(None, "en", "ru") is EN
    assert texts("ru", "en", "en") is RU


@pytest.mark.proof
def test_a_language_is_one_file(tmp_path: Path) -> None:
    for package in ("bot", "providers"):
        copytree(BOT.parent / package, tmp_path / package)  # with what is compiled, which takes longer than all else
    english = (BOT / "texts" / "en.py").read_text(encoding="utf-8")
    esperanto = english.replace('code="en"', 'code="eo"').replace('name="English"', 'name="Esperanto", readers=("ia",)')
    (tmp_path / "bot" / "texts" / "eo.py").write_text(esperanto.replace("EN = ", "EO = "), encoding="utf-8")

    told = subprocess.run([sys.executable, "-c", ASKED], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert told.stdout.split() == ["eo", "Esperanto", "Esperanto", "eo", "eo", "eo"], told.stderr
