"""The main ways through the work, each person in a browser of their own."""

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pypdf
from playwright.sync_api import Dialog, FilePayload, Page, expect

from scoring.period import Period, PeriodKind
from services import clock
from tests.browser.conftest import Site

SignIn = Callable[..., Site]


def last_month() -> Period:
    """The last full month."""
    return Period.of(clock.now().date(), PeriodKind.MONTH).previous()


def register(site: Site, content: str, *, place: str = "glq", subject: str = "某某印染厂") -> str:
    """Enter a telephone case by keyboard alone; the address of the case."""
    page = site.open("/entry", "反映内容")
    keys = page.keyboard
    page.get_by_label("反映内容").focus()
    keys.insert_text(content)
    keys.press("Tab")
    keys.insert_text("停止夜间排放\n公开监测结果")
    keys.press("Tab")
    site.says("草稿已保存")
    keys.type(place)
    page.get_by_role("option").first.wait_for()
    keys.press("Enter")
    for text in ("中山北路12号", subject):
        keys.press("Tab")
        keys.insert_text(text)
    keys.press("Tab")  # the title stays blank
    keys.press("Tab")
    keys.insert_text("恶臭")
    page.get_by_role("option").first.wait_for()
    keys.press("Enter")
    keys.press("Escape")
    site.settled()  # the usual industry comes back with the type
    page.get_by_label("信访人姓名").focus()
    keys.insert_text("王小明")
    keys.press("Tab")
    keys.insert_text("13912345678")
    keys.press("Tab")
    site.says("★ 项目已齐")
    keys.press("Alt+s")
    site.says("登记成功")
    where = page.get_by_role("link", name="打开该件").get_attribute("href")
    assert where
    return where


def act(site: Site, where: str, step: str) -> Page:
    """Open a case with the form of a step."""
    page = site.open(where, "办理")
    button = page.get_by_role("button", name=f"办理：{step}")
    pill = page.get_by_role("radio", name=step, exact=True)
    button.or_(pill).first.wait_for()
    if pill.count():
        pill.click()
    button.wait_for()
    return page


def take(site: Site, step: str) -> None:
    """Press the button of the step and see it done."""
    site.page.get_by_role("button", name=f"办理：{step}").click()
    site.says(f"已办理“{step}”")
    site.settled()


def told(site: Site, proof: str) -> None:
    """How and when the petitioner was told, with its proof."""
    site.pick("方式", "邮寄")
    day = site.page.get_by_role("spinbutton", name="送达日期").first
    day.click()
    site.page.keyboard.type(f"{clock.now():%Y%m%d}")
    site.page.keyboard.press("Escape")
    site.page.get_by_role("textbox", name="送达凭证").fill(proof)


def test_a_case_from_the_telephone_to_the_rating(sign_in: SignIn) -> None:
    clerk = sign_in("nj_clerk")
    where = register(clerk, "每天夜里有刺鼻异味，家里无法开窗。")
    number = re.search(r"JS320100\d{8}P\d{5}", clerk.text())
    code = re.search(r"[0-9A-Z]{4} [0-9A-Z]{4}", clerk.text())
    assert number and code
    clerk.shot("way_registered")
    act(clerk, where, "分类")
    clerk.pick("法定途径", "行政程序")
    take(clerk, "分类")
    act(clerk, where, "交办")
    clerk.pick("承办单位", "鼓楼")
    take(clerk, "交办")

    county, handler = sign_in("njgl_clerk"), sign_in("njgl_handler")
    act(county, where, "签收")
    take(county, "签收")
    act(handler, where, "受理")
    take(handler, "受理")
    act(handler, where, "告知")
    told(handler, "录音编号 20261124-01")
    take(handler, "告知")
    page = act(handler, where, "提交结论")
    for ordinal in (1, 2):
        handler.pick(f"逐项认定：第{ordinal}项", "属实")
    handler.pick("处理措施", "责令改正")
    page.get_by_role("textbox", name="调查事实").fill("现场监测臭气浓度超标，已责令整改。")
    handler.shot("way_conclusion")
    take(handler, "提交结论")

    reviewer = sign_in("njgl_reviewer")
    act(reviewer, where, "办结审定")
    reviewer.pick("总体认定", "属实")
    take(reviewer, "办结审定")
    page = act(reviewer, where, "答复")
    for ordinal in (1, 2):
        page.get_by_role("textbox", name=f"逐项答复：第{ordinal}项").fill("已责令停止夜间排放。")
    page.get_by_role("textbox", name="依据").fill("《中华人民共和国大气污染防治法》第八十条")
    take(reviewer, "答复")
    act(handler, where, "送达")
    told(handler, "签收单 88 号")
    take(handler, "送达")
    page = act(clerk, where, "回访")
    page.get_by_text("是否联系上").click()
    clerk.pick("问题是否解决", "已解决")
    clerk.pick("满意度", "满意")
    take(clerk, "回访")
    act(clerk, where, "办结审核通过")
    take(clerk, "办结审核通过")

    clerk.open(where, "时限")
    results = clerk.page.locator(".xf-clocks td[data-label=结果]").all_inner_texts()
    assert len(results) >= 7
    assert {text.strip() for text in results} <= {"按期完成", "信访人权利期间"}
    clerk.shot("way_finished")


def total(site: Site) -> int:
    """How many cases the list says it has."""
    status = site.page.locator(".xf-pages[role=status] b").first
    status.wait_for()
    return int(status.inner_text().replace(",", ""))


def test_a_tile_opens_its_list_and_the_list_its_case(sign_in: SignIn) -> None:
    site = sign_in("js_supervisor")
    tile = site.open("/overdue", "已超期").locator("a.xf-tile").first
    count = int(re.sub(r"\D", "", tile.locator(".xf-tile-number").inner_text()))
    assert count > 0
    site.follow(tile)
    assert total(site) == count
    first = site.page.locator(".xf-cases a.xf-no").first
    number = first.inner_text()
    site.follow(first)
    site.says("流转")
    assert site.page.locator(".xf-line .xf-no").inner_text() == number
    site.shot("case")


def test_a_click_on_the_map_goes_down_to_the_cases(sign_in: SignIn) -> None:
    site = sign_in("js_leader")
    page = site.open("/maps", "南京市")
    regions = page.locator("[data-testid=stVegaLiteChart] .layer_1_marks path")
    regions.first.wait_for()
    regions.first.click()  # 320100 comes first in the file of boundaries
    page.get_by_text("江苏省 › 南京市").wait_for()
    site.settled()
    site.shot("maps_city")
    row = page.locator(".xm-bars tbody tr").first
    name, count = row.locator(".name").inner_text(), row.locator("td").last.inner_text()
    site.follow(row.locator("td").last.get_by_role("link"))
    assert total(site) == int(count.replace(",", ""))
    assert name.lstrip("1").strip() in page.locator(".xf-cases").inner_text()


LEDGER = """市民热线工单导出,,,,,
单子号,来电时刻,说了什么,要什么,哪个区,归类
GD-9001,2026-11-20 08:30,厂里夜间排放黑烟,停止排放,鼓楼那边,烟
GD-9002,2026-11-20 09:30,工地夜间打桩吵闹,停止夜间施工,玄武那边,吵
"""
OURS = {"收到时间": "来电时刻", "来源编号": "单子号", "内容": "说了什么", "诉求": "要什么",
        "所在地": "哪个区", "污染类型": "归类"}  # fmt: skip
WORDS = {"鼓楼那边": "鼓楼区", "玄武那边": "玄武区", "烟": "烟", "吵": "噪声"}


def test_a_ledger_with_its_own_words_comes_in_once(sign_in: SignIn) -> None:
    site = sign_in("nj_clerk")
    _upload(site, LEDGER)
    page = site.page
    for label, header in OURS.items():
        site.pick(label, header)
    for word, ours in WORDS.items():
        site.pick(f"{word}（1 行）", ours)
    page.get_by_role("button", name="检查整份文件").click()
    site.says("可导入")
    site.shot("file_checked")
    page.get_by_role("button", name=re.compile("导入.*2 件")).click()
    site.says("新增 2 件")
    _upload(site, LEDGER)
    page.get_by_role("button", name="检查整份文件").click()
    site.says("没有新增内容")


def _upload(site: Site, text: str) -> None:
    page = site.open("/file_intake", "台账文件")
    site.pick("这份台账来自哪个子渠道", "12345")
    file: FilePayload = {"name": "工单.csv", "mimeType": "text/csv", "buffer": text.encode("gbk")}
    page.locator("input[type=file]").set_input_files(file)
    site.says("列对应")
    site.settled()


def test_a_month_is_scored_down_to_the_item(sign_in: SignIn) -> None:
    site, month = sign_in("js_assessor"), last_month()
    page = site.open(f"/scores?period={month}", "考核期")
    page.get_by_role("button", name=re.compile("运行考核评分|重新评分")).click()
    cities = page.locator("a.xf-go[href^='/sheet?']")
    cities.first.wait_for(timeout=60_000)
    site.settled()
    site.shot("scores_league")
    assert cities.count() >= 13
    with zipfile.ZipFile(io.BytesIO(site.fetched("13 市评分单（zip）"))) as bundle:
        names = [name for name in bundle.namelist() if name.endswith(".pdf")]
    assert len(names) == 13
    places = [cities.nth(n).get_attribute("href") or "" for n in range(13)]
    failing = page.locator("table.xs-lines a.xf-go")
    for place in places:  # a small city may have no fault in a month
        site.open(place, "项指标")
        if failing.count():
            break
    site.shot("sheet_city")
    card = site.fetched("评分单 PDF")
    assert len(pypdf.PdfReader(io.BytesIO(card)).pages) >= 1
    link = failing.first
    count = int(link.inner_text().removesuffix("件"))
    site.follow(link)
    site.says(f"扣分事项 {count} 件")
    assert page.locator("table.xf-cards tbody tr").count() == min(count, 100)
    site.shot("sheet_line")


def test_the_month_in_excel_carries_no_formula(sign_in: SignIn) -> None:
    site = sign_in("js_clerk")
    site.open(f"/monthly?month={last_month()}", "属实率")
    book = openpyxl.load_workbook(io.BytesIO(site.fetched("下载 Excel")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 100
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


HOSTILE = (
    "![](http://evil.example/x.png)", "<script>alert(1)</script>", "=1+1", "<para>",
    "<img src=x onerror=alert(1)>",
)  # fmt: skip


def test_hostile_text_comes_back_as_typed(sign_in: SignIn) -> None:
    site = sign_in("nj_clerk")
    page, dialogs = site.page, list[str]()

    def opened(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    bad = "".join(HOSTILE)
    site.open("/entry", "反映内容")
    short = {"录音编号": HOSTILE[1], "信访人姓名": HOSTILE[4], "收到时间": "昨天 9:30"}
    long = dict.fromkeys(("反映内容", "诉求", "详细地址", "被反映对象", "标题"), bad)
    for label, text in (short | long).items():
        page.get_by_label(label).first.fill(text)
        page.keyboard.press("Tab")
        site.settled()
    site.pick("所在地", "玄武区")
    site.shot("hostile_entry")
    assert page.get_by_label("标题").input_value() == bad
    page.get_by_role("button", name="登记", exact=False).last.click()
    site.says("登记成功")
    where = page.get_by_role("link", name="打开该件").get_attribute("href") or ""
    site.open(where, "诉求与答复")
    for tab in ("来件", "办理过程"):
        page.get_by_role("tab", name=tab).click()
    shown = site.text()
    for text in HOSTILE:
        assert shown.count(text) >= 4, text
    site.shot("hostile_case")
    site.open("/cases?sort=newest", bad[:40])
    assert bad in page.locator(".xf-cases").inner_text()
    site.open("/overdue?light=orange", bad[:40])
    assert bad in page.locator(".xf-long").inner_text()
    site.shot("hostile_board")
    assert page.locator("[data-testid=stMain] img:not([src^='data:'])").count() == 0
    assert dialogs == []


def test_two_people_on_one_case_take_one_step(sign_in: SignIn) -> None:
    clerk = sign_in("nj_clerk")
    where = register(clerk, "锅炉房夜间冒黑烟，持续一周。", place="xwq", subject="某某锅炉房")
    act(clerk, where, "分类")
    clerk.pick("法定途径", "行政程序")
    take(clerk, "分类")
    slow, quick = sign_in("nj_supervisor"), sign_in("nj_reviewer")
    mine = "信访人补充称锅炉房已停用，须再核实。"
    for site, words in ((slow, mine), (quick, "线索不清，已电话联系。")):
        page = act(site, where, "不予受理")
        site.pick("不予受理理由", "线索不详")
        page.get_by_role("textbox", name="事实和说明").fill(words)
        page.get_by_role("textbox", name="联系记录").fill("11月24日电话联系一次")
    take(quick, "不予受理")
    slow.page.get_by_role("button", name="办理：不予受理").click()
    slow.says("您填写的内容没有保存，可从这里复制")
    slow.says(mine)
    slow.says("不予受理理由：线索不详")
    slow.shot("way_refused")
    history = quick.open(where, "办理过程")
    history.get_by_role("tab", name="办理过程").click()
    assert history.locator(".xf-history b", has_text="不予受理").count() == 1


def test_signing_out_in_one_tab_ends_the_others(sign_in: SignIn) -> None:
    site = sign_in("sz_handler")
    site.open("/overdue", "各单位各时限")
    other = site.page.context.new_page()
    other.goto(f"{site.server.url}/cases")
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url(re.compile("/login"))
    site.page.wait_for_url(re.compile("/login"))
    assert "各单位各时限" not in site.page.content()
    # That nobody is there any more is what the page was told.
    site.faults = [fault for fault in site.faults if not fault.endswith("/whoami")]


def test_an_identity_opens_once_for_a_reason(sign_in: SignIn) -> None:
    site = sign_in("nj_clerk")
    where = register(site, "河水发黑发臭，鱼虾死亡。", place="qhq", subject="某某电镀厂")
    page = site.open(where, "来件编号")
    assert "王小明" not in page.content() and "13912345678" not in page.content()
    page.get_by_role("button", name="查看信访人身份").click()
    page.get_by_label("查看理由").fill("电话核实举报地点")
    page.get_by_role("button", name="查看一次").click()
    site.says("13912345678")
    site.says("这是您今天第")
    site.shot("way_identity")
    page = site.open(where, "来件编号")
    expect(page.get_by_text("13912345678")).to_have_count(0)
    page.get_by_role("tab", name="办理过程").click()
    assert page.locator(".xf-history b", has_text="查看信访人身份").count() == 1
