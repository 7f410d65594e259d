"""The declarative base: naming of constraints and the column types used everywhere.

All date-times are naive wall time of Asia/Shanghai (one zone, no summer time).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from sqlalchemy import BigInteger, Date, DateTime, Integer, MetaData, Numeric, String, Table
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives row ids only to plain INTEGER keys.
Big = BigInteger().with_variant(Integer, "sqlite")
Id = Annotated[int, mapped_column(Big, primary_key=True, autoincrement=True)]
Ref = Annotated[int, mapped_column(Big)]
Word = Annotated[str, mapped_column(String(40))]
Line = Annotated[str, mapped_column(String(200))]
Code = Annotated[int, mapped_column(Integer)]
Points = Annotated[Decimal, mapped_column(Numeric(8, 2))]


class Base(DeclarativeBase):
    """The base of every table."""

    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {date: Date(), datetime: DateTime(), int: Integer()}  # noqa: RUF012
