"""Enums that carry a key and a Chinese label."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A member is its key; `label` is what people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Make a member of a key and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
