"""Deferral: aiogram's types are built when they are first used, not all of them when it is imported.

aiogram marks its types with pydantic's `defer_build` and builds every one of them at import all the same, because their
annotations name each other and only `aiogram.types` knows all names (aiogram 3.31, the end of types/__init__.py). That
is 2.5 s of a start and 100 MB, for some 600 classes of which a bot uses a few dozen. Here these requests to build are
put off; when a class is first used pydantic asks its `model_rebuild` again, which is given the names then. Only names
that both libraries document are used, and `AIOGRAM_EAGER=1` leaves aiogram as it is.

Imported for its effect, before all that imports aiogram; does nothing where that has happened already.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

SWITCH = "AIOGRAM_EAGER"


def _defer() -> None:
    names: dict[str, Any] = {}
    original = vars(BaseModel)["model_rebuild"]

    def later(_model: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **_: Any) -> None:
        names.update(_types_namespace or {})

    def when_used(model: type[BaseModel], /, **options: Any) -> bool | None:
        built: bool | None = original.__func__(model, **{**options, "_types_namespace": names})
        return built

    _replace(BaseModel, classmethod(later))
    BaseModel.model_config["defer_build"] = True  # for its methods, which it does not mark
    try:
        from aiogram.methods import TelegramMethod
        from aiogram.methods.base import Response
        from aiogram.types import TelegramObject
    finally:
        del BaseModel.model_config["defer_build"]
        _replace(BaseModel, original)
    for base in (TelegramObject, TelegramMethod, Response):
        _replace(base, classmethod(when_used))


def _replace(model: type[BaseModel], model_rebuild: object) -> None:
    type.__setattr__(model, "model_rebuild", model_rebuild)


if "aiogram" not in sys.modules and os.environ.get(SWITCH, "0") == "0":
    _defer()
