"""A real server over the demonstration, a real browser without any network but it."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, sync_playwright

from services import clock
from services.demo import build
from settings import settings
from tests.seed import CASES, SEED
from tests.serving import Server, serving

PASSWORD = "Demo@2026"
SHOTS = Path(os.environ.get("BROWSER_SHOTS", "var/shots"))
WIDTHS = {1440: 900, 390: 844}
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# Latin letters that stand in Chinese offices' papers too, and our own codes.
LATIN = re.compile(
    r"Alt|Tab|S|gs|ec|PDF|Excel|xlsx|XLSX|csv|CSV|zip|ZIP|APP|VOCs|GB18030|GBK|UTF-8|MB|KB|N|ID|IP|"
    r"[A-F][0-9]?|JS\d+[LVWPO]\d+|[a-z]{2,6}_[a-z0-9]+|[0-9a-f]{6,64}"
)


@dataclass
class Site:
    """One browser context of one person at one width; remembers what must not happen."""

    server: Server
    page: Page
    width: int
    faults: list[str] = field(default_factory=list)

    def enter(self, login: str) -> None:
        """Sign in through the form."""
        self.page.goto(f"{self.server.url}/login")
        self.page.locator("input[name=login]").fill(login)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def open(self, path: str, ready: str | None = None) -> Page:
        """Go to a page and wait until it stands."""
        self.page.goto(self.server.url + path)
        self.page.locator(".xf-head").wait_for()
        self.settled()
        if ready:
            self.page.get_by_text(ready).first.wait_for()
        return self.page

    def settled(self) -> None:
        """Wait until the script of the page has run."""
        still = "[data-testid=stApp][data-test-script-state=notRunning]"
        self.page.wait_for_timeout(300)  # until what was just done has reached the server
        self.page.locator(still).wait_for(state="attached")
        self.page.wait_for_timeout(150)

    def says(self, words: str) -> None:
        """Wait until the page says this."""
        self.page.get_by_text(words).first.wait_for()

    def pick(self, label: str, words: str) -> None:
        """Choose from a list by typing, once the page stands still."""
        self.settled()
        box = self.page.get_by_role("combobox", name=label)
        box.scroll_into_view_if_needed()
        box.fill(words)
        box.press("ArrowDown")  # scrolling closes a list that opened by itself
        self.page.get_by_role("option").filter(has_text=words).first.click()
        self.page.keyboard.press("Tab")

    def follow(self, link: Locator) -> None:
        """Follow one of our links and wait for the page behind it."""
        before = self.page.url
        link.click()
        self.page.wait_for_url(lambda url: url != before)
        self.settled()

    def fetched(self, button: str) -> bytes:
        """The file a button makes and the frame fetches by itself."""
        with self.page.expect_download(timeout=60_000) as coming:
            self.page.get_by_role("button", name=button, exact=True).click()
        return Path(coming.value.path()).read_bytes()

    def shot(self, name: str) -> None:
        """Keep a picture of the page for people to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}_{self.width}.png"))

    def text(self) -> str:
        """The visible text of the main part; icons are drawn by the names of their glyphs."""
        drawn = set(self.page.locator("[data-testid=stMain] [translate=no]").all_inner_texts())
        lines = self.page.locator("[data-testid=stMain]").inner_text().splitlines()
        return "\n".join(line for line in lines if line.strip() not in drawn)

    def names(self) -> str:
        """What the parts of the main part are called for those who listen or hover."""
        parts = self.page.locator("[data-testid=stMain] :is([aria-label], [title], [placeholder])")
        told = "e => ['aria-label', 'title', 'placeholder'].map(n => e.getAttribute(n) || '')"
        return "\n".join(parts.evaluate_all(f"all => all.flatMap({told})"))


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demonstration as it is today; its database is copied, never served."""
    home = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XF_DATA_DIR", str(home))
        patch.setenv("XF_DEMO", "1")
        patch.delenv("DATABASE_URL", raising=False)
        settings.cache_clear()
        build(CASES, SEED, clock.now().date(), workers=1)
    settings.cache_clear()
    return home


@contextmanager
def demonstrating(
    demonstration: Path, home: Path, ahead: Path | None = None, **more: str
) -> Iterator[Server]:
    """A server over a copy of the demonstration in `home`."""
    shutil.copytree(demonstration, home, dirs_exist_ok=True)
    shutil.copy(demonstration / "demo.sqlite3", home / "test.sqlite3")
    url = f"sqlite:///{home / 'test.sqlite3'}"
    with serving(home, ahead, XF_DEMO="1", DATABASE_URL=url, **more) as server:
        yield server


@pytest.fixture(scope="session")
def site_server(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all browser tests but those that need a clock of their own."""
    with demonstrating(demonstration, tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as play:
        found = shutil.which("chromium") or "/usr/bin/chromium"
        made = play.chromium.launch(executable_path=found, args=CHROMIUM)
        yield made
        made.close()


@pytest.fixture
def sign_in(
    browser: Browser, site_server: Server, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Site]]:
    """Sign people in, each in a browser of their own; at the end nothing must have gone wrong."""
    with signing_in(browser, site_server, request) as enter:
        yield enter


@contextmanager
def signing_in(
    browser: Browser, server: Server, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Site]]:
    """The same on any server; what failed leaves a picture of every browser."""
    sites: list[Site] = []
    failed = request.session.testsfailed

    def enter(login: str, width: int = 1440) -> Site:
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, locale="zh-CN"
        )
        context.set_default_timeout(20_000)
        site = Site(server, context.new_page(), width)
        site.page.on("console", lambda message: _console(site, message))
        site.page.on("request", lambda request: _request(site, request))
        sites.append(site)
        site.enter(login)
        return site

    yield enter
    if request.session.testsfailed > failed:
        for number, site in enumerate(sites):
            site.shot(f"failed_{request.node.name}_{number}")
    for site in sites:
        site.page.context.close()
        assert site.faults == []


def _console(site: Site, message: ConsoleMessage) -> None:
    # Opened at a page's address, Streamlit first asks for its own paths below that page.
    if message.type == "error" and "/_stcore/" not in message.location["url"]:
        site.faults.append(f"{message.text} {message.location['url']}")


def _request(site: Site, request: Request) -> None:
    inside = request.url.startswith((site.server.url, "data:", "blob:", "ws://127.0.0.1"))
    if not inside:
        site.faults.append(f"a request to the outside: {request.url}")


def english(text: str) -> list[str]:
    """The English words in a text that people read."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", text)
    return [word for word in words if not LATIN.fullmatch(word)]
