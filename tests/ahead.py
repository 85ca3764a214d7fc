"""Ahead: what a run of all tests needs later is begun while they are collected, which leaves all cores but one idle.

The server that forks bots rehearses. And in a fresh clone a process of its own compiles the modules of tests from the
last to the first, as pytest does, so that half of them are compiled when they are collected.
"""

import os
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
_compiler = pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    config = session.config
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if config.option.crew > 1 and is_whole and not config.option.collectonly:
        import_module("tests.walks.nursery").share()
        if (compiler := os.fork()) == 0:
            try:
                _compile()
            finally:
                os._exit(0)  # whatever fails is told where it is collected
        config.stash[_compiler] = compiler


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if compiler := session.config.stash.get(_compiler, None):
        os.waitpid(compiler, 0)


def _compile() -> None:
    """Compile the modules of tests from the last to the first, until one is that is compiled already."""
    for file in sorted(TESTS.rglob("test_*.py"), reverse=True):
        if sys.dont_write_bytecode or any(file.parent.glob(f"__pycache__/{file.stem}.*.pyc")):
            return
        spec = find_spec(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))
        assert spec
        assert spec.loader
        module = module_from_spec(spec)
        vars(module)["__builtins__"] = {}  # it is compiled, but runs no further than its first import
        with suppress(ImportError):
            spec.loader.exec_module(module)
