"""Every page at both widths: it stands, nothing is cut, nothing is English, nothing goes out."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import WIDTHS, Site, english
from ui.navigation import PAGES

# Who looks at a page, where it needs more than its address.
LOOKERS = {"people": "js_admin", "trace": "js_auditor", "scores": "js_assessor",
           "sheet": "js_assessor", "orders": "js_supervisor", "templates": "js_admin"}  # fmt: skip
OPEN = [spec.key for spec in PAGES if not spec.hidden]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", OPEN)
def test_a_page_stands(sign_in: Callable[..., Site], key: str, width: int) -> None:
    site = sign_in(LOOKERS.get(key, "js_clerk"), width)
    page = site.open(f"/{key}")
    title = next(spec.title for spec in PAGES if spec.key == key)
    page.get_by_role("heading", name=title).first.wait_for()
    page.wait_for_timeout(1500)
    site.shot(key)
    text = site.text()
    assert english(text) == []
    assert english(site.names()) == []
    assert "Traceback" not in text and "出错" not in text
    wide = page.evaluate(
        "() => { const m = document.querySelector('[data-testid=stMain]');"
        " return m.scrollWidth - m.clientWidth }"
    )
    assert wide <= 1, "the page scrolls sideways"
