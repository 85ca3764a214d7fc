"""What all rows are: records with named constraints, enumerations as plain text, the content of messages as JSON."""

import enum
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Dialect, Enum, MetaData, String, Table, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

from bot.storage.dialect import NUMBER, WORDS
from providers.blocks import Content, Unknown
from providers.notation import from_json, to_json

BY_VALUE = Enum(enum.Enum, values_callable=lambda members: [m.value for m in members], native_enum=False, length=16)


class Blocks(TypeDecorator[Content]):
    """The content of a message, stored as JSON."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Content | None, _dialect: Dialect) -> str | None:
        """Return what is stored."""
        return to_json(value) if value is not None else None

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Content | None:
        """Return what was stored; what is damaged is a block that nobody knows, and stops nothing."""
        try:
            return from_json(value) if value is not None else None
        except ValueError:
            return (Unknown("damaged", "{}"),)


class Base(DeclarativeBase):
    """The base of all rows; constraints have names, so that a migration can change them."""

    type_annotation_map: ClassVar = {int: NUMBER, str: WORDS, StrEnum: BY_VALUE}

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(rows: type[Base]) -> Table:
    """Return the table of some rows; writing to that itself costs half of what rows cost."""
    return Base.metadata.tables[rows.__tablename__]
