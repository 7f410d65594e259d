"""Patterns of what tells who somebody is, over the plain form of a text.

The plain form has a sign for every sign: half width, upper case, one kind of dash, dot and blank.
"""

import re
from unicodedata import decimal, normalize

from domain.labelled import Labelled


class Kind(Labelled):
    """What a stretch of text tells."""

    PHONE = "phone", "电话"
    ID = "id", "证件号"
    PLATE = "plate", "车牌"
    NAME = "name", "姓名"
    HOUSE = "house", "门牌"
    ADDRESS = "address", "住址"
    EMAIL = "email", "邮箱"
    WECHAT = "wechat", "微信"
    QQ = "qq", "QQ"
    CARD = "card", "账号"
    OTHER = "other", "其他"


class _Plain(dict[int, str]):
    """Each sign in its plain form, made when first met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        plain = _plain_sign(sign)
        self[code] = plain if len(plain) == 1 else sign
        return self[code]


def _plain_sign(sign: str) -> str:
    if sign in "–—―−﹣‐‑‒─":
        return "-"
    if sign in "·•・‧∙⋅":
        return "·"
    if sign in "\u200b\u200c\u200d\u2060\ufeff" or sign.isspace():
        return " "
    value = decimal(sign, None)
    return normalize("NFKC", sign).upper() if value is None else str(value)


_PLAIN = _Plain()


def plain(text: str) -> str:
    """The plain form of a text, of the same length."""
    return text.translate(_PLAIN)


PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
NUMERALS = "一二三四五六七八九十百〇零"
_G = r"[ \-]{0,2}"  # what people write between digits
_IS = r"(?:号码|号)?[是为: ]{0,3}"

_LOCAL = r"[2-9]\d{2,3}[ \-]?\d{4}"
_PHONE_CUES = "电话|座机|固话|手机|联系方式|热线|来电|致电|拨打|回电|电联"
_SPOKEN = "〇零一二三四五六七八九幺"

_PLACE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_DAY = rf"(?:0{_G}[1-9]|1{_G}[0-2]){_G}(?:0{_G}[1-9]|[12]{_G}\d|3{_G}[01])"
_PAPERS = "身份证|证件|护照|通行证|驾驶证|居住证|社保卡"

_LAST = "[A-Z0-9挂学警港澳领使](?![A-Z0-9])"

# A house: 3幢, 3号楼2单元501室, 幸福路12号, 3-2-501 after an estate; no 2号锅炉, 3栋厂房, 三室一厅.
_NO = rf"(?:\d{{1,5}}|[A-Z]|[{NUMERALS}]{{1,4}})"
_ROOM = rf"(?:\d{{2,5}}|[{NUMERALS}]{{3,4}})室(?!\d?[一二两三四]?厅)"
_THINGS = (
    "线|车间|排|锅炉|生产|厂房|仓|文|令|机|炉|池|井|泵|塔|罐|出口|闸|工地|地块|标段|码头|点位"
    "|楼|院|门|室"
)
_BUILT = "楼|厂房|房|建筑|住宅|居民楼|别墅|宿舍|大棚|办公楼|[小高新老]楼|圈舍|鸡舍|猪舍|棚"
_BLOCK = rf"{_NO}(?:-\d{{1,4}})?(?:号楼|号院|单元|弄)"
_PART = (
    rf"(?:{_BLOCK}|{_NO}号[门室]|{_NO}[幢栋座]|{_ROOM}|{_NO}号(?!{_THINGS})|\d{{1,2}}[楼层]"
    r"|\d{3,4}(?![\d年月日人分元米吨.%]))"
)
_WAY = "路街巷弄道村园苑庄里坊组墩桥湾埭圩区院寓埂"
_ON_ROAD = rf"(?<=[{_WAY}]) ?{_NO}(?:-\d{{1,4}}|[之附][\d{NUMERALS}]+)?号"
_ALONE = (
    rf"(?:{_BLOCK}|\d{{1,3}}#楼|\d{{1,3}}#-?\d{{3,4}}|[A-Z]座|\d{{1,2}}座(?=\d)|{_ROOM}"
    rf"|(?<![有共建了盖达]){_NO}[幢栋](?!{_BUILT}))"
)

# Where patterns meet, the earlier wins; the first group, where there is one, is what is marked.
PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.EMAIL, r"[A-Z0-9][A-Z0-9._%+\-]{0,63}@[A-Z0-9\-]{1,63}(?:\.[A-Z0-9\-]{1,63})+"),
        (Kind.ID, rf"(?<!\d){_PLACE}(?:{_G}\d){{4}}{_G}(?:1{_G}[89]|2{_G}0)(?:{_G}\d){{2}}{_G}"
                  rf"{_DAY}(?:{_G}\d){{3}}{_G}[\dX](?!\d)"),
        (Kind.ID, rf"(?<![\dA-Z]){_PLACE}\d{{4}}{_G}\d\d{_DAY}{_G}\d{{3}}(?![\dA-Z])"),
        (Kind.ID, rf"(?:{_PAPERS}){_IS}([A-Z]?\d[\dA-Z \-]{{4,22}}[\dX])"),
        (Kind.CARD, rf"(?:银行卡|卡号|账号|帐号|账户){_IS}(\d[\d \-]{{9,24}}\d)"),
        (Kind.PHONE, rf"(?<!\d)(?:(?:\+|00)?86{_G})?1[3-9]\d(?:{_G}\d){{8}}(?!\d)"),
        (Kind.PHONE, r"(?<!\d)(?:(?:\+|00)?86[.· \-]?)?1[3-9]\d[.·]\d{4}[.·]\d{4}(?!\d)"),
        (Kind.PHONE, rf"(?<!\d)\(?0(?:10|2\d|[3-9]\d\d)\)?{_G}{_LOCAL}"
                     r"(?:(?:-|转|分机)\d{1,5})?(?!\d)"),
        (Kind.PHONE, r"(?<!\d)[48]00(?:[ \-]?\d){7}(?!\d)"),
        (Kind.PHONE, rf"(?:{_PHONE_CUES})[^\d,。;]{{0,6}}({_LOCAL}|1[3-9]\d{{7,10}})(?!\d)"),
        (Kind.PHONE, rf"(?<![{_SPOKEN}])[一幺][三四五六七八九][{_SPOKEN}]{{9}}(?![{_SPOKEN}])"),
        (Kind.WECHAT, rf"(?<![A-Z])(?:微信|威信|VX|WX|WEIXIN|V信){_IS}"
                      r"([A-Z][A-Z0-9_\-]{5,19}|\d{6,12})"),
        (Kind.QQ, rf"(?:QQ|扣扣|企鹅)群?{_IS}([1-9]\d{{4,11}})(?!\d)"),
        (Kind.PLATE, rf"[{PROVINCES}] ?[A-Z][ ·.\-]{{0,2}}(?=[A-Z ·\-]*\d)"
                     rf"(?:[A-Z0-9]{{4,5}}{_LAST}|(?:[A-Z0-9][ ·\-]?){{4,5}}{_LAST})"),
        (Kind.PLATE, rf"(?:车牌|牌照|车号|牌号){_IS}"
                     rf"([{PROVINCES}]?[A-Z0-9][A-Z0-9 ·\-]{{3,8}}[A-Z0-9])"),
        (Kind.HOUSE, rf"(?:{_ON_ROAD}(?!{_THINGS})|(?<![\d{NUMERALS}A-Z.]){_ALONE}){_PART}*"),
        (Kind.HOUSE, r"(?<=[苑园村庭府城湾居寓庄区]) ?\d{1,3}(?:-\d{1,4}){1,3}"
                     r"(?![\d\-.:年月日号])"),
        (Kind.HOUSE, rf"门牌{_IS}({_NO}(?:-\d{{1,4}})*号?)"),
    )
)  # fmt: skip
# Numbers of papers and firms before which no ID is meant.
OFFICIAL = re.compile(r"(?:信用代码|注册号|工单号?|编号|单号|流水号)[^0-9A-Z证]{0,4}$")
HOUSE_NUMBER = re.compile(
    rf"[0-9A-Z]+|[{NUMERALS}]+(?=[号幢栋单室座弄楼层])|(?<=[之附])[{NUMERALS}]+"
)
