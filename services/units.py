"""The units of the province, one for each division: names, tree, pinyin for finding them."""

from decimal import Decimal
from functools import cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db import models as m
from services.rows import Row
from services.vocabulary import divisions

PLAIN = "生态环境局"
# Readings of place names that a general dictionary gets wrong.
READINGS = {
    "六合": "lù hé", "盱眙": "xū yí", "邗江": "hán jiāng", "邳州": "pī zhōu", "睢宁": "suī níng",
    "浒墅关": "xǔ shù guān", "栖霞": "qī xiá", "溧水": "lì shuǐ", "溧阳": "lì yáng",
    "高淳": "gāo chún", "亭湖": "tíng hú", "盐都": "yán dū", "江都": "jiāng dū",
    "射阳": "shè yáng", "阜宁": "fù níng", "涟水": "lián shuǐ", "泗洪": "sì hóng",
    "泗阳": "sì yáng", "沭阳": "shù yáng", "灌云": "guàn yún", "灌南": "guàn nán",
    "浦口": "pǔ kǒu", "句容": "jù róng", "赣榆": "gàn yú", "如皋": "rú gāo", "姑苏": "gū sū",
    "仪征": "yí zhēng", "宿迁": "sù qiān", "宿城": "sù chéng", "宿豫": "sù yù",
    "建邺": "jiàn yè", "丹徒": "dān tú", "常熟": "cháng shú", "海州": "hǎi zhōu",
}  # fmt: skip


@cache
def _phrases() -> None:
    load_phrases_dict({name: [[part] for part in said.split()] for name, said in READINGS.items()})


def spelled(name: str) -> tuple[str, str]:
    """The pinyin of a name without tones, and its initials: 六合区 → (luhequ, lhq)."""
    _phrases()
    parts = lazy_pinyin(name, style=Style.NORMAL)
    return "".join(parts), "".join(part[0] for part in parts)


def unit_name(division: dict[str, str], parent: str) -> str:
    """江苏省生态环境厅, 苏州市生态环境局, 苏州市姑苏生态环境局, 昆山市生态环境局."""
    name = division["name"]
    if division["level"] == "province":
        return f"{name}生态环境厅"
    if division["name"].endswith("区") and division["level"] == "county":
        return f"{parent}{division['short_name']}{PLAIN}"
    return name + PLAIN


def unit_rows() -> list[Row]:
    """The rows of `units`, parents before children."""
    names = {row["code"]: row["name"] for row in divisions()}
    return [_row(row, names.get(row["parent_code"], "")) for row in divisions()]


def _row(division: dict[str, str], parent: str) -> Row:
    pinyin, initials = spelled(division["name"])
    people = division["population_2023_wan"]
    return {
        "code": int(division["code"]),
        "name": unit_name(division, parent),
        "division": division["name"],
        "short_name": division["short_name"],
        "level": division["level"],
        "parent_code": int(division["parent_code"]) if parent else None,
        "pinyin": pinyin,
        "initials": initials,
        "lon": Decimal(division["lon"]),
        "lat": Decimal(division["lat"]),
        "population_wan": Decimal(people) if people else None,
    }


def write_units(session: Session) -> int:
    """Add the units that are not there yet; returns how many were added."""
    table = m.Unit.__table__
    known = set(session.scalars(select(table.c.code)))
    rows = [row for row in unit_rows() if row["code"] not in known]
    if rows:
        session.execute(insert(m.Unit), rows)
    return len(rows)
