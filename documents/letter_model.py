"""The frozen record an official letter is drawn from; stored as JSON, redrawn to the same bytes.

The petitioner's name is in no record: where it belongs stands `PETITIONER`, and the name is given
when the letter is drawn.
"""

import json
from dataclasses import dataclass
from datetime import date

from documents import frozen
from domain.errors import Refused
from domain.wording import Block

PETITIONER = "{{信访人}}"
NAMELESS = "信访人"
UNREADABLE = "文书存档无法读取：{}。请联系系统管理员核查留痕。"


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything one letter shows, frozen when it is issued; never an identity in clear."""

    kind: str
    label: str  # 受理告知书
    organ: str
    number: str  # 南京环信受〔2026〕12号, "" of a draft
    title: str
    salutation: str  # without its colon, "" where nobody is addressed
    body: tuple[Block, ...]
    issued_on: date
    case_no: str
    template: int  # version of the text, 0 the shipped one
    contact: str = ""
    query_code: str = ""  # by which the petitioner asks after the case
    query: str = ""  # what the picture beside it says
    copies: str = ""  # 抄送
    masked: bool = False  # may leave for others than the petitioner
    sealed_by_hand: bool = True  # has a place for the seal

    def __post_init__(self) -> None:
        """Refuse to freeze what would lead a stranger to the petitioner."""
        if self.masked and (self.query_code or PETITIONER in self.to_json()):
            raise Refused(f"{self.label}不发给信访人，不得写明信访人或者查询码，已停止出具。")

    @property
    def personal(self) -> bool:
        """Whether the petitioner's name belongs in it."""
        return PETITIONER in self.to_json()

    def texts(self) -> list[str]:
        """Every text of the record, to be checked against the fonts before drawing."""
        return frozen.texts(self)

    def to_json(self) -> str:
        """The record as canonical JSON."""
        return frozen.to_json(self)

    @staticmethod
    def from_json(text: str) -> "Letter":
        """The record of a stored JSON; refuses keys it does not know."""
        return frozen.from_json(Letter, text, UNREADABLE)


def with_name(letter: Letter, name: str = "") -> Letter:
    """The letter as it is read: the petitioner by name, or as 信访人."""
    if not letter.personal:
        return letter
    spoken = json.dumps(name.strip() or NAMELESS, ensure_ascii=False)
    return Letter.from_json(letter.to_json().replace(PETITIONER, spoken[1:-1]))
