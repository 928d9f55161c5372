"""Keys alone: what somebody presses who has no mouse, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator, Page, expect

MOST_TABS: Final = 150


@dataclass
class Keyboard:
    """``strokes``: keys gone down so far, Shift, Ctrl and Tab among them."""

    page: Page
    strokes: int = 0

    def press(self, *keys: str) -> None:
        """Each of ``keys``, such as Tab or Control+Enter."""
        for key in keys:
            self.strokes += len(key.split("+"))
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """A capital letter takes two keys."""
        self.strokes += len(text) + sum(letter.isupper() for letter in text)
        self.page.keyboard.type(text)

    def tab_to(self, there: Locator, most: int = MOST_TABS) -> None:
        """The Tab key alone, at most so many times."""
        there.wait_for(state="attached")
        for _ in range(most + 1):
            if there.evaluate("element => element === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{most} Tabs do not lead to {there}.")

    def next_is(self, there: Locator) -> None:
        """One Tab, and focus is ``there``."""
        self.press("Tab")
        expect(there).to_be_focused()
