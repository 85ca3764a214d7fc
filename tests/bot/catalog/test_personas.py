"""The roles that an operator offers: read from a file, mistakes told with file, line, table and field."""

from pathlib import Path

import pytest

from bot.catalog.personas import load_personas
from bot.settings import ConfigurationError

GOOD = '''
[[persona]]
name = "Teacher"
prompt = "Explain."

# another one
[[persona]]
prompt = """
Talk like a pirate.
[[persona]]
name = "no name, but said"
"""
name = "  Old   pirate "
'''


def write(folder: Path, source: str | bytes) -> Path:
    file = folder / "personas.toml"
    file.write_bytes(source if isinstance(source, bytes) else source.encode())
    return file


def told(folder: Path, source: str | bytes) -> str:
    with pytest.raises(ConfigurationError) as error:
        load_personas(write(folder, source))
    return str(error.value).replace(f"{folder}/", "")


def test_names_and_prompts_in_their_order(tmp_path: Path) -> None:
    found = load_personas(write(tmp_path, GOOD))

    assert list(found) == ["Teacher", "Old pirate"]
    assert found["Old pirate"].startswith("Talk like a pirate.")


@pytest.mark.parametrize("source", ["", "# nothing yet\n", "\ufeff" + GOOD, GOOD.replace("\n", "\r\n")])
def test_what_an_editor_may_leave_is_taken(source: str, tmp_path: Path) -> None:
    assert len(load_personas(write(tmp_path, source))) in (0, 2)


def test_no_file_is_no_persona() -> None:
    assert load_personas(None) == {}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (GOOD.replace('"Teacher"', "7"), "personas.toml, line 3, [[persona]] 1, name is '7': expected a text in"),
        (GOOD.replace('name = "  Old   pirate "', ""), "personas.toml, line 7, [[persona]] 2, name is not set: expec"),
        (
            GOOD.replace("  Old   pirate ", "teacher"),
            "personas.toml, line 13, [[persona]] 2, name is 'teacher': expected a name that no other persona has",
        ),
        (GOOD + 'promt = "x"\n', "personas.toml, line 14, [[persona]] 2, promt: expected one of the fields name and"),
        (GOOD.replace('"Explain."', '"  "'), "personas.toml, line 4, [[persona]] 1, prompt is '  ': expected a text"),
        (GOOD.replace("Teacher", "x" * 41), "personas.toml, line 3, [[persona]] 1, name is 'xxx"),
        (
            GOOD.replace("Teacher", "Default"),
            "personas.toml, line 3, [[persona]] 1, name is 'Default': expected a",
        ),
        ('[persona]\nname = "a"\nprompt = "b"\n', "personas.toml, line 1, [persona]: expected tables in double brack"),
        ('\n[[personas]]\nname = "a"\n', "personas.toml, line 2, personas: expected only tables [[persona]]"),
        ("\npersona = [1]\n", "personas.toml, line 2, [[persona]] 1: expected a table with name and prompt"),
        ('persona = [{name = "a"}]\n', "personas.toml, line 1, [[persona]] 1, prompt is not set: expected"),
        ('[[persona]]\nname = "a\n', "personas.toml:2 [persona]: expected a TOML file: Illegal character"),
        (b"\n\xff\xfe", "personas.toml:2: expected a file in UTF-8"),
    ],
)
def test_a_mistake_is_told_with_its_line(source: str | bytes, sentence: str, tmp_path: Path) -> None:
    assert told(tmp_path, source).startswith(sentence)


def test_a_file_that_is_named_and_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^PERSONAS_FILE is '.*': expected a TOML file .*No such file"):
        load_personas(tmp_path / "none.toml")
