"""An import in a real browser: a file chosen, looked at and imported; axe on every step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from delivery.models import Goal
from people.models import Person, Role
from tests import builders
from tests.browser.conftest import PHONE, WIDE, violations

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
FILE = b"slug,title,level,first_day,last_day\nevents,All events on v3,company,2027-01-01,2027-06-30\n"


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", PHONE)], ids=["wide", "phone"])
def test_a_file_is_looked_at_and_imported(
    page: Page, log_in: LogIn, live_server, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(builders.person("Mara Lindqvist", Role.DIRECTOR))
    page.goto(f"{live_server.url}/import/")
    assert violations(page) == []
    for data, heading in ((FILE[:-12], "1 cell or line to mend"), (FILE, "1 new, 0 changed, 0 unchanged")):
        page.get_by_label("What are the lines?").select_option("goals")
        page.get_by_label("File", exact=True).set_input_files({"name": "g.csv", "mimeType": "text/csv", "buffer": data})
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_text("Imported 1 row: 1 new, 0 changed.")).to_be_visible()
    assert Goal.objects.get().title == "All events on v3"
