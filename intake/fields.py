"""The registration fields a column may become: key, Chinese label, kind, longest text."""

from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """How a cell becomes the field's value."""

    TEXT = auto()
    TIME = auto()
    PLACE = auto()
    WORD = auto()
    WORDS = auto()
    LIST = auto()
    FLAG = auto()
    COUNT = auto()
    DEGREE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One registration field as a file or a form meets it."""

    key: str
    label: str
    kind: Kind = Kind.TEXT
    limit: int = 0  # longest text in characters
    sealed: bool = False  # identity: a message about it never repeats the value


_ALL = (
    Field("received_at", "收到时间", Kind.TIME),
    Field("subchannel", "子渠道", Kind.WORD),
    Field("source_no", "来源编号", limit=100),
    Field("title", "标题", limit=200),
    Field("content", "内容", limit=10_000),
    Field("demands", "诉求", Kind.LIST, limit=1_000),
    Field("division", "所在地", Kind.PLACE),
    Field("address", "详细地址", limit=300),
    Field("longitude", "经度", Kind.DEGREE),
    Field("latitude", "纬度", Kind.DEGREE),
    Field("subject", "被反映对象", limit=200),
    Field("credit_code", "统一社会信用代码", limit=18),
    Field("categories", "污染类型", Kind.WORDS),
    Field("industry", "行业", Kind.WORD),
    Field("time_pattern", "发生时段", Kind.WORD),
    Field("repeat", "初次或重复", Kind.FLAG),
    Field("group", "群体", Kind.FLAG),
    Field("headcount", "人数", Kind.COUNT),
    Field("representatives", "代表人数", Kind.COUNT),
    Field("anonymous", "匿名", Kind.FLAG),
    Field("name", "信访人姓名", limit=50, sealed=True),
    Field("phone", "联系电话", limit=30, sealed=True),
    Field("id_number", "身份证号", limit=18, sealed=True),
    Field("home_address", "信访人住址", limit=300, sealed=True),
    Field("confidential", "要求保密", Kind.FLAG),
    Field("electronic_delivery", "同意电子送达", Kind.FLAG),
    Field("urgency", "紧急程度", Kind.WORD),
    Field("receiver", "接待人", limit=50),
    Field("visit_outcome", "接访结果", limit=2_000),
    Field("recording_no", "录音编号", limit=64),
    Field("registered_by", "登记人", limit=50),
)
FIELDS = {field.key: field for field in _ALL}
# Field keys whose words come from a closed list, so that a screen can ask for each unknown one.
CLOSED = tuple(
    field.key for field in _ALL if field.kind in (Kind.WORD, Kind.WORDS, Kind.PLACE, Kind.FLAG)
)
MAX_DEMANDS = 20
MAX_REPRESENTATIVES = 5  # 信访工作条例 Art 20
GROUP_FROM = 5  # a group visit is of five persons or more
