"""A start builds only the types that the bot uses, and each of the others when it is first used."""

import subprocess
import sys
from os import environ

import pytest

from tests.thorough import IS_THOROUGH

HEAVY = ("mcp", "mcp_types", "httpx2", "anyio", "starlette", "trafilatura", "lxml", "ddgs", "primp")
USED_FEW = """
import bot.__main__
from aiogram import methods, types

classes = {each for module in (types, methods) for each in vars(module).values() if hasattr(each, "model_rebuild")}
built = sum(each.__pydantic_complete__ for each in classes)
"""
FEW = """
import pydantic, sys
from providers.registry.kinds import kinds

assert not {HEAVY} & sys.modules.keys()
assert built < len(classes) / 50, built
assert "defer_build" not in pydantic.BaseModel.model_config
assert not [each.id for each in kinds().values() if each.settings.__pydantic_complete__]
"""
EACH_WORKS = """
from aiogram.methods.base import Response

types.Update.model_validate({"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "x"}}})
assert Response[types.Message].model_validate({"ok": True}).ok
some = sorted(classes, key=repr)[:: 1 if {all} else 20]
assert not [each for each in some if each.model_rebuild() is False or not each.__pydantic_complete__]
"""


def run(program: str, **environment: str) -> str:
    """Run a program in a process of its own, as a start is one; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], env={**environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.proof
def test_a_start_loads_no_package_of_an_extra_and_builds_few_types_the_others_when_they_are_used() -> None:
    first = USED_FEW + FEW.replace("{HEAVY}", repr(set(HEAVY)))

    assert run(f"{first}{EACH_WORKS.replace('{all}', str(IS_THOROUGH))}\nprint('some')") == "some\n"


@pytest.mark.proof
def test_a_variable_leaves_aiogram_as_it_is() -> None:
    assert run(f"{USED_FEW}\nassert built == len(classes)\nprint('all')", AIOGRAM_EAGER="1") == "all\n"
