"""The people about one case at work on the real pages, and the days that pass."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, Locator, expect

from domain.table import BY_KEY
from services import clock
from services.fields import RECORDS, Kind
from tests.browser.conftest import Site, english

PDF = b"%PDF-1.7\n%x\n"
# Of a day not yet chosen, over which its style writes 年月日; of the name of a file attached.
HIDDEN = ("yyyy", "mm", "dd", "pdf")
DIGEST = set("0123456789abcdef")  # of a paper in the catalogue of an archive
EACH = (Kind.FINDINGS, Kind.ANSWERS, Kind.NOTES)
CHOSEN = (Kind.CHOICE, Kind.CHOICES, Kind.UNIT, Kind.UNITS, Kind.FINDINGS)


class Office:
    """The people about one case, each in a browser of their own, and the days that pass."""

    def __init__(self, enter: Callable[..., Site], ahead: Path) -> None:
        self._enter, self._ahead, self._days = enter, ahead, 0
        self._people: dict[str, Site] = {}
        self._out: set[str] = set()  # whose session ended with the day
        self._last = ""  # who saw the case as it is
        self.where = ""
        self.taken: set[str] = set()

    @property
    def number(self) -> str:
        """The number of the case."""
        return self.at(self._last).page.locator(".xf-line .xf-no").first.inner_text()

    @property
    def today(self) -> date:
        """The day it is for the server."""
        return clock.now().date() + timedelta(days=self._days)

    def turn_to(self, where: str) -> None:
        """Everybody turns to another case."""
        self.where, self._last = where, ""

    def later(self, days: int) -> None:
        """Days pass: everybody goes home, and signs in again when next needed."""
        for site in self._people.values():
            site.page.goto("about:blank")
        self._days += days
        self._ahead.write_text(str(self._days * 86400))
        self._out, self._last = set(self._people), ""

    def at(self, login: str, width: int = 1440) -> Site:
        """The browser of a person, with the case as it is now."""
        name = login if width == 1440 else f"{login} {width}"
        if name not in self._people:
            self._people[name] = self._enter(login, width)
        elif name in self._out:
            self._people[name].enter(login)
        self._out.discard(name)
        site = self._people[name]
        if self.where and self._last != name:
            if self.where in site.page.url:
                site.page.evaluate("document.activeElement.blur()")
                site.page.keyboard.press("r")  # what others did meanwhile
                site.settled()
            else:
                site.open(self.where)
            self._last = name
        return site

    def do(self, login: str, key: str, width: int = 1440, **typed: Any) -> Site:
        """A person takes a step, its form filled field by field, and is told that it is done."""
        site = self.at(login, width)
        told = site.page.get_by_test_id("stToast").filter(has_text=f"已办理“{BY_KEY[key].label}”")
        for old in told.all():
            old.get_by_role("button").click()
            old.wait_for(state="detached")
        self._take(site, key, typed)
        wrong = site.page.get_by_test_id("stMain").get_by_test_id("stAlert")
        told.or_(wrong).first.wait_for()
        assert wrong.all_inner_texts() == []
        self.taken.add(key)
        return site

    def _take(self, site: Site, key: str, typed: Mapping[str, object]) -> None:
        label = BY_KEY[key].label
        button = site.page.get_by_role("button", name=f"办理：{label}", exact=True)
        pill = site.page.get_by_role("radio", name=label, exact=True)
        button.or_(pill).first.wait_for()
        if pill.count():
            pill.click()
        button.wait_for()
        form = site.page.get_by_test_id("stForm").filter(has=button)
        for name, value in typed.items():
            self._fill(site, form, name, value)
        button.click()

    def refused(self, login: str, key: str, why: str, **typed: Any) -> None:
        """A person may open the form, and is told why not."""
        site = self.at(login)
        self._take(site, key, typed)
        site.page.get_by_test_id("stAlert").filter(has_text=why).first.wait_for()
        site.page.goto("about:blank")  # what was typed goes with the page
        self._last = ""

    def attach(self, login: str, name: str) -> None:
        """A person puts a file to the case."""
        site = self.at(login)
        site.page.get_by_role("tab", name="附件").click()
        file: FilePayload = {"name": name, "mimeType": "application/pdf", "buffer": PDF}
        site.page.locator("input[type=file]").set_input_files(file)
        site.page.get_by_role("button", name="保存附件").click()
        site.says("附件已保存")

    def _fill(self, site: Site, form: Locator, name: str, value: Any) -> None:
        record = RECORDS[name]
        several = list(value) if isinstance(value, list | tuple) else [value]
        for ordinal, one in enumerate(several, 1):
            label = f"{record.label}：第{ordinal}项" if record.kind in EACH else record.label
            if record.kind in CHOSEN:
                site.pick(label, str(one))
            elif record.kind is Kind.FLAG:
                flag = form.get_by_text(label)
                expect(flag).to_have_count(1)  # what is drawn anew stands there twice for a moment
                flag.click()
            elif isinstance(one, date):
                form.get_by_role("spinbutton", name=label).first.click()
                site.page.keyboard.type(f"{one:%Y%m%d}")
                site.page.keyboard.press("Escape")
            else:
                form.get_by_role("textbox", name=label).fill(str(one))

    def papers(self, login: str) -> dict[str, bytes]:
        """A person issues every letter that waits for the unit; each comes as a PDF, by number."""
        site, out = self.at(login), dict[str, bytes]()
        page = site.page
        page.get_by_role("tab", name="文书", exact=True).click()
        issue = page.get_by_role("button", name="出具", exact=True)
        none = page.get_by_text("目前没有需要出具的文书")
        told = page.get_by_test_id("stToast").filter(has_text="已出具")
        while True:
            site.settled()
            if none.is_visible():
                return out
            self._ready(site, issue)
            if not out:
                self.picture(site, f"letters_{login}")
            issue.click()
            told.first.wait_for()
            number = told.first.inner_text().split("已出具")[1].strip()
            told.first.get_by_role("button").click()
            told.first.wait_for(state="detached")
            site.settled()
            out[number] = site.fetched("下载文书")  # the newest is offered

    def _ready(self, site: Site, issue: Locator) -> None:
        """What leaves for others is looked at first."""
        confirm = site.page.get_by_role("button", name="确认脱敏")
        for _ in range(20):
            if issue.is_visible() and issue.is_enabled():
                return
            if confirm.is_visible():
                confirm.click()
            site.settled()

    def picture(self, site: Site, name: str) -> None:
        """The whole page, however long; nothing on it is English or wider than the screen."""
        size, main = site.page.viewport_size, site.page.get_by_test_id("stMain")
        assert size
        site.settled()
        found = (word for word in english(site.text()) if not word.isupper())  # query codes
        words = [w for w in found if w not in HIDDEN and not set(w) <= DIGEST]
        assert not words, words
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
        site.page.set_viewport_size({**size, "height": 3200})
        main.evaluate("e => e.scrollTo(0, 0)")
        site.page.wait_for_timeout(300)
        site.shot(f"life_{name}")
        site.page.set_viewport_size(size)
