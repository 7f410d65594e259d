"""What passes between this room and its callers: frozen, and without a database."""

import json
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import Refused

Cell = str | int | float | bool | datetime | None
STARS = (
    "received_at", "channel", "subchannel", "source_no", "title", "content", "demands", "division",
    "address", "longitude", "subject", "categories", "industry", "repeat", "urgency",
)  # fmt: skip
DATE_ORDERS = ("ymd", "mdy", "dmy")


@dataclass(frozen=True, slots=True)
class Petitioner:
    """Who contacted us: sealed data, so its repr says only whether there is any."""

    name: str = ""
    phone: str = ""
    id_number: str = ""
    home_address: str = ""

    def __repr__(self) -> str:
        """Never the identity, which would otherwise reach logs and tracebacks."""
        return "Petitioner(…)" if self else "Petitioner()"

    def __bool__(self) -> bool:
        """Whether anything at all is known about the person."""
        return bool(self.name or self.phone or self.id_number or self.home_address)


NOBODY = Petitioner()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One would-be submission: the registration fields, blank where nothing was said."""

    received_at: datetime | None = None
    channel: str = ""
    subchannel: str = ""
    source_no: str = ""
    title: str = ""
    content: str = ""
    demands: tuple[str, ...] = ()
    division: int | None = None
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    subject: str = ""
    credit_code: str = ""
    categories: tuple[str, ...] = ()
    industry: str = ""
    time_pattern: str = ""
    repeat: bool | None = None
    group: bool = False
    headcount: int | None = None
    representatives: int | None = None
    anonymous: bool = False
    petitioner: Petitioner = NOBODY
    confidential: bool = False
    electronic_delivery: bool = False
    urgency: str = ""
    receiver: str = ""
    visit_outcome: str = ""
    recording_no: str = ""
    registered_by: str = ""
    row: int = 0  # the file's own row number, 0 for the entry form


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a file: its own row number, the header of the column, what to mend."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One fault of a registration: the field's key and what to mend."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as read: unique headers, rows as wide as the headers, blank rows kept as `()`."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)
    first_data_row: int = 2  # the file's own number of rows[0]
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def filled(self) -> int:
        """How many rows carry anything."""
        return sum(1 for row in self.rows if row)


@dataclass(frozen=True, slots=True)
class Division:
    """A division of today: code, full name, short name."""

    code: int
    name: str
    short_name: str = ""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words of the rules: every map is from a word a file may use to our own key.

    `aliases` is field key → further column names (labels are known without it);
    `subchannels` is word → (channel, sub-channel); `external` are the sub-channels whose items
    carry a source number; `retired` is old division code → today's code, None without successor.
    `mains` are the category keys that are main types, each the beginning of its sub-types' keys;
    `stars` are the field keys indicator A3 looks at. Keys themselves count as words, so that a form
    may pass keys. Build it once: an index of it is kept by identity.
    """

    aliases: Map[str, Sequence[str]] = field(default_factory=dict)
    categories: Map[str, str] = field(default_factory=dict)
    mains: frozenset[str] = frozenset()
    subchannels: Map[str, tuple[str, str]] = field(default_factory=dict)
    external: frozenset[str] = frozenset()
    industries: Map[str, str] = field(default_factory=dict)
    urgencies: Map[str, str] = field(default_factory=dict)
    time_patterns: Map[str, str] = field(default_factory=dict)
    divisions: Sequence[Division] = ()
    retired: Map[int, int | None] = field(default_factory=dict)
    stars: Collection[str] = STARS


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a channel's columns become our fields; saved as JSON and used again.

    `columns` is header → field key; `values` is field key → their word → our key, several keys
    with commas, "" for 'leave blank'; `fixed` is field key → the value where no column says one;
    `date_order` reads dates whose year comes last: "mdy" month first, "dmy" day first.
    """

    columns: Map[str, str] = field(default_factory=dict)
    values: Map[str, Map[str, str]] = field(default_factory=dict)
    fixed: Map[str, str] = field(default_factory=dict)
    date_order: str = "ymd"

    def to_json(self) -> str:
        """The mapping as stable JSON text."""
        document = {
            "columns": dict(self.columns),
            "values": {key: dict(words) for key, words in self.values.items()},
            "fixed": dict(self.fixed),
            "date_order": self.date_order,
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Mapping":
        """The mapping a JSON text describes; refuses what is not one."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused("列对应方案不是有效的 JSON，请重新导出或重新对应。") from error
        return cls(*_parts(document))


def _parts(
    document: object,
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, str], str]:
    """The four parts of a mapping document, each of the right shape."""
    known = {"columns", "values", "fixed", "date_order"}
    if not isinstance(document, dict) or not set(document) <= known:
        raise Refused("列对应方案应为含 columns、values、fixed、date_order 的对象。")
    values, order = document.get("values", {}), document.get("date_order", "ymd")
    if not isinstance(values, dict) or order not in DATE_ORDERS:
        raise Refused("列对应方案中 values 应为对象，date_order 应为 ymd、mdy 或 dmy。")
    words = {str(key): _texts(part, f"values.{key}") for key, part in values.items()}
    columns, fixed = (_texts(document.get(key, {}), key) for key in ("columns", "fixed"))
    return columns, words, fixed, order


def _texts(part: object, name: str) -> dict[str, str]:
    """A text-to-text object, or a refusal that names it."""
    if isinstance(part, dict) and all(isinstance(value, str) for value in part.values()):
        return {str(key): value for key, value in part.items()}
    raise Refused(f"列对应方案中 {name} 应为“文字: 文字”的对象。")
