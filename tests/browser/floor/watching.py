"""Every tablet of a test is listened to: a script error or a breach of the content policy fails the test."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext

from tests.browser.conftest import WATCH

EXPECTED = ("net::ERR_", "the server responded with a status of")  # the link's faults are no faults of the page

Make = Callable[..., BrowserContext]


class Ear:
    """What the pages of all contexts complained of."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def listening(self, make: Make) -> Make:
        """The same way to make a context, each of whose pages is heard."""

        def made(*args: Any, **kwargs: Any) -> BrowserContext:
            context = make(*args, **kwargs)
            context.add_init_script(WATCH)
            context.on("console", lambda one: self.hear(one.text) if one.type in ("error", "warning") else None)
            context.on("weberror", lambda one: self.hear(str(one.error)))
            return context

        return made

    def hear(self, text: str) -> None:
        if not any(known in text for known in EXPECTED):
            self.heard.append(text)
