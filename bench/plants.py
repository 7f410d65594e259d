"""Complaints with planted phones, IDs, plates, names and houses, for measuring the masker.

The narratives are the demonstration's. Names, numbers and the sentences that hold them are made
here and share nothing with the masker's lists, so that a measure of it is no circle.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from random import Random

from domain.mask_patterns import Kind
from rules import load
from services.demo.days import Days
from services.demo.plan import Planner
from services.demo.words import Words

# Frequent surnames by their rough share, then rare and compound ones.
FREQUENT = (
    "王王王李李李张张张刘刘陈陈杨杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅"
    "沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾"
    "侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
RARE = (
    "仇佟隋兰鞠逄晏冼桑荆柏瞿费桂裴冉芮臧缪展卞茅岳尚应宗向时成戚单詹娄甄蓝闵惠苗车花俞路辛凌燕"
    "盛郁柴蒙舒耿涂古祁巩麻翟屠茆衡揭仲殷居明宫"
)
COMPOUND = ("欧阳", "司马", "诸葛", "上官", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒",
            "东方", "端木")  # fmt: skip
ONE = (
    "伟芳娜静敏强磊洋艳勇军杰涛超明刚平辉燕玲鹏红凯飞鑫波斌宇浩丹霞梅琳莹倩俊翔晶峰健蕾颖帆彬翀"
    "彧垚淼"
)
TWO = tuple(
    word
    for row in (
        "秀英 桂英 秀兰 玉兰 桂兰 秀珍 凤英 玉珍 玉英 兰英 建华 建国 建军 志强 志明 国强 国庆 卫东",
        "援朝 跃进 红卫 红梅 小红 小军 小燕 海燕 海涛 晓东 晓红 春梅 春花 淑珍 淑英 淑华 桂芳 桂珍",
        "永康 永强 文革 文斌 学兵 学军 大勇 大庆 来福 福根 根生 金宝 宝珠 招娣 来弟 银花 荷花 菊芳",
        "巧云 巧珍 成友 守仁 德胜 德才 广才 兆林 兆祥 加林 以德 正荣 正洪 步高 步青 礼华 如意 如海",
        "士兵 士良 维民 为民 振华 振宇 雪梅 雪峰 丽娟 丽华 丽丽 婷婷 佳佳 娟娟 雯雯 梓涵 浩宇 子轩",
        "子涵 雨桐 诗涵 欣怡 宇航 浩然 奕辰 沐宸 一诺 若汐 可馨 思远 俊杰 嘉豪 志远 明轩 静怡 晨曦",
        "天佑 立群 乃康 其昌 克勤 克俭 慧敏 惠芬 月娥 月琴 彩霞 彩云 素芬 素贞 爱民 爱华 敬东 传宝",
        "传芳 继红 继光 绍武 庭芳 耀祖 光荣 光明 长根 长发 有财 有才 有余 满仓 二宝 三毛 阿毛 阿根",
        "和平 和生 永和 建平 治国 向阳 向前 斯琪 奕帆 梦瑶 紫萱 皓轩 翊航 煜祺 懿轩 曦冉 钰婷 芷若",
        "昊天 泽宇 沛然 凌云 鹤鸣 鸿飞 大为 小平",
    )
    for word in row.split()
)

PHONE_FRAMES = (
    "有事请打我电话{}。", "联系电话：{}。", "我的手机号是{}，白天都在。", "可拨打{}找我了解情况。",
    "（电话{}）", "来电号码{}，要求回复。", "对方留的号码是{}。", "手机{}", "保安让我打{}投诉。",
    "门口招牌上写着{}", "请勿泄露本人号码{}！", "{}是我爱人的号，打不通就打这个。", "电联：{}；",
    "微信同手机{}。", "回电{}或来家里都行。",
)  # fmt: skip
ID_FRAMES = (
    "身份证号{}。", "本人证件号码：{}。", "（身份证{}）", "我的身份证是{}，可以核实。",
    "公民身份号码{}，", "实名举报，{}。", "身份证：{} ", "户口本上的号{}。", "登记的证件号为{}；",
)  # fmt: skip
PLATE_FRAMES = (
    "拉渣土的车是{}。", "车牌{}，一直没熄火。", "昨晚看到一辆{}的罐车来装废水。", "车号：{}",
    "有{}等几辆货车进出。", "{}这辆车天天夜里来。", "驾驶{}的人就是他们厂的。", "拍到了{}的照片。",
    "（{}）倒完就跑。",
)  # fmt: skip
NAME_FRAMES = (
    "我叫{}，就住在旁边。", "本人{}，实名举报。", "联系人：{}。", "联系人{}",
    "举报人：{}，住附近。", "邻居{}也闻到了。", "邻居{}家的孩子一直咳嗽。",
    "村民{}的鱼塘死了鱼。", "老板{}说随便去告。", "老板叫{}，态度恶劣。", "法人代表{}拒不整改。",
    "法定代表人为{}。", "厂长{}在场。", "房东{}不管。", "{}先生反映多次没人管。",
    "{}女士称夜里睡不着。", "{}师傅开的车。", "去找{}主任也没用。",
    "我们和{}经理沟通过，没有结果。", "与{}沟通无果。", "跟{}协商了几次。", "这个厂由{}承包。",
    "是{}和他儿子开的。", "是{}开的厂。", "{}一家人都搬走了。", "{}等人可以作证。",
    "经询问{}，情况属实。", "请联系{}，谢谢。", "村支书{}收了好处。", "网格员{}上门看过。",
    "车主{}骂人。", "包工头{}，外地人。", "举报人签名：{}", "{}，男，58岁。",
    "业主{}的窗户正对着排烟口。", "负责人{}答应月底前搬走。", "被{}打了一顿。", "姓名：{}；",
    "当时{}在现场。", "后来{}来过一次。", "附近的{}老人都住院了。", "我儿子{}今年高考。",
    "{}同志接的电话。", "把垃圾倒在{}家门口。",
)  # fmt: skip
HOUSE_FRAMES = (
    "我家住{}。", "就在{}对面。", "{}的住户都闻得到。", "（住{}）", "{}，三楼。",
    "影响到{}的老人。", "请到{}来测。", "油烟机正对{}。",
)  # fmt: skip
# The road numbers of the firms in the demonstration's own addresses.
ROAD = re.compile(r"路(\d{1,3}号)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FULL = str.maketrans(
    "0123456789XABCDEFGHJKLMNPQRSTUVWYZ-",
    "０１２３４５６７８９ＸＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＳＴＵＶＷＹＺ－",
)


@dataclass(frozen=True, slots=True)
class Plant:
    """What stands at `start:end` of a text and has to be marked as `kind`."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Planted:
    """A complaint with its plants; the text between them names nobody."""

    text: str
    plants: tuple[Plant, ...] = ()

    def with_roads(self) -> "Planted":
        """The same with the house numbers its narrative has of itself among the plants."""
        roads = (Plant(*match.span(1), Kind.HOUSE) for match in ROAD.finditer(self.text))
        return Planted(self.text, (*self.plants, *roads))


def narratives(seed: int) -> Iterator[str]:
    """Title, narrative, demands and answer of the demonstration's cases, one after the other."""
    days = Days(100_000, date(2026, 11, 20), load().calendar)
    planner = Planner(seed, days, {s.key: s.channel for s in load().subchannels})
    for index in range(days.cases):
        plan = planner.plan(index)
        words, found = Words(plan), ("substantiated", "unsubstantiated")[index % 2]
        answer = words.replied(plan.rng, {"1": found}, ["order_correct"])["answers"]["1"]
        yield f"{words.title}。{words.content}{'；'.join(words.demands)}。{answer}"


def corpus(count: int, seed: int) -> list[Planted]:
    """So many complaints, each with a phone, an ID, a plate, a house and one to three names."""
    rng = Random(seed)
    return [_planted(rng, text).with_roads() for text in islice(narratives(seed), count)]


def _planted(rng: Random, text: str) -> Planted:
    making: list[tuple[Kind, tuple[str, ...], Callable[[Random], str]]] = [
        (Kind.PHONE, PHONE_FRAMES, phone), (Kind.ID, ID_FRAMES, id_number),
        (Kind.PLATE, PLATE_FRAMES, plate), (Kind.HOUSE, HOUSE_FRAMES, house),
        *[(Kind.NAME, NAME_FRAMES, name)] * rng.randint(1, 3),
    ]  # fmt: skip
    rng.shuffle(making)
    pieces = [piece + "。" for piece in text.split("。") if piece]
    places = sorted(rng.randint(0, len(pieces)) for _ in making)
    built, plants, last = "", [], 0
    for place, (kind, frames, make) in zip(places, making, strict=True):
        built += "".join(pieces[last:place])
        before, after = rng.choice(frames).split("{}")
        after = after or rng.choice("，\n 。")
        made, last = make(rng), place
        start = len(built) + len(before)
        plants.append(Plant(start, start + len(made), kind))
        built += before + made + after
    return Planted(built + "".join(pieces[last:]), tuple(plants))


def name(rng: Random) -> str:
    """A personal name; one in five has a rare surname, one in twenty a compound one."""
    share = rng.random()
    surname = rng.choice(COMPOUND if share < 0.05 else RARE if share < 0.25 else FREQUENT)
    return surname + (rng.choice(ONE) if rng.random() < 0.25 else rng.choice(TWO))


def house(rng: Random) -> str:
    """A house within an estate or a lane, as people write it."""
    block, room = rng.randint(1, 40), rng.randint(101, 2204)
    return rng.choice((
        f"{block}幢{room}室", f"{block}栋{room}", f"{block}号楼{rng.randint(1, 4)}单元{room}室",
        f"{block}号楼", f"三号楼{room}室", f"{rng.randint(11, 99)}弄{block}号{room}室",
        f"{block}幢", f"十{rng.choice('一二三五六')}幢{room}",
    ))  # fmt: skip


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def phone(rng: Random) -> str:
    """A phone as people write it: mobile, landline or 400."""
    mobile = rng.choice(("13", "15", "16", "17", "18", "19")) + _digits(rng, 9)
    area = rng.choice(("025", "0512", "0516", "010", "0523"))
    local = rng.choice("568") + _digits(rng, 7)
    parts = mobile[:3], mobile[3:7], mobile[7:]
    return rng.choice((
        mobile, mobile, mobile, " ".join(parts), "-".join(parts), mobile.translate(_FULL),
        f"+86{mobile}", f"+86 {mobile}", f"86-{mobile}", f"0086{mobile}",
        f"{mobile[:4]} {mobile[4:7]} {mobile[7:]}", f"{mobile[:3]} {mobile[3:]}",
        "－".join(part.translate(_FULL) for part in parts), "—".join(parts), ".".join(parts),
        f"{area}-{local}", f"{area}{local}", f"({area}){local}", f"（{area}）{local}",
        f"{area} {local[:4]} {local[4:]}", f"{area}-{local}-80{_digits(rng, 1)}",
        f"{area}－{local}".translate(_FULL), f"400-{_digits(rng, 3)}-{_digits(rng, 4)}",
        f"400{_digits(rng, 7)}", f"400 {_digits(rng, 4)} {_digits(rng, 3)}",
    ))  # fmt: skip


def id_number(rng: Random) -> str:
    """An ID number with a right check sign, or one of the old fifteen digits."""
    place = rng.choice(("320102", "320583", "321283", "340123", "411525", "510722", "110101"))
    born = date(rng.randint(1938, 2012), rng.randint(1, 12), rng.randint(1, 28))
    if rng.random() < 0.15:
        return f"{place}{born:%y%m%d}{_digits(rng, 3)}"
    body = f"{place}{born:%Y%m%d}{_digits(rng, 3)}"
    total = sum(int(sign) * _WEIGHTS[at] for at, sign in enumerate(body))
    full = body + "10X98765432"[total % 11]
    return rng.choice((
        full, full, full, full.lower(), full.translate(_FULL),
        f"{full[:6]} {full[6:14]} {full[14:]}", f"{full[:6]}-{full[6:14]}-{full[14:]}",
        f"{full[:3]} {full[3:6]} {full[6:10]} {full[10:]}",
    ))  # fmt: skip


def plate(rng: Random) -> str:
    """A car plate, of a new-energy car in one of four."""
    signs = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    head = rng.choice("苏苏苏皖浙沪鲁豫赣冀粤京"), rng.choice("ABCDEFGHJKLMN")
    tail = rng.choice(signs) + rng.choice(signs) + _digits(rng, 3)
    if rng.random() < 0.25:
        tail = rng.choice("DF") + _digits(rng, 5) if rng.random() < 0.6 else _digits(rng, 5) + "D"
    elif rng.random() < 0.1:
        tail = _digits(rng, 4) + rng.choice("挂学警")
    gap = rng.choice(("", "", "", "·", " ", "-", "•", "・"))
    whole = "".join(head) + gap + tail
    return rng.choice((whole, whole, whole, whole.lower(), whole.translate(_FULL)))
