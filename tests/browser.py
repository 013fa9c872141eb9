"""The system's Chromium, driven by Playwright: it can resolve no host, and it is never downloaded."""

import faulthandler
import shutil
import time
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--force-color-profile=srgb", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
"""Besides ``--headless``, ``--no-sandbox`` and an empty ``--user-data-dir``, which Playwright adds."""
WAIT_S = 60.0
READY = "html[data-ready=true]"
"""Every map is marked so once it is drawn."""
POLL_MS = 20


def missing():
    """Return what the browser tests need and this machine does not have; None where it has all."""
    if program() is None:
        return "no Chromium"
    # Korean text is measured in the page, so its font must be one that can be named.
    return None if shutil.which("fc-list") else "no fontconfig (fc-list)"


def program():
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def started():
    """Yield a running Chromium with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program(), headless=True, chromium_sandbox=False, args=FLAGS,
            timeout=WAIT_S * 1000,
        )  # fmt: skip
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A page in a context of its own; its requests and everything it complains of are kept.

    ``page`` is Playwright's page.
    """

    def __init__(self, chromium):
        self._context = chromium.new_context()
        self._context.set_default_timeout(WAIT_S * 1000)
        self._requests, self._complaints, self._read = [], [], 0
        self._context.on("request", lambda request: self._requests.append(request.url))
        self._context.on("weberror", lambda error: self._complaints.append(str(error.error)))
        self._context.on("console", self._note)
        self.page = self._context.new_page()
        self.page.on("websocket", lambda socket: self._requests.append(socket.url))
        self.page.on("crash", lambda _: self._complaints.append("the page crashed"))

    def clear(self):
        """Leave the document, and forget what it kept, asked and reported."""
        self.run(
            "(() => { try { localStorage.clear(); } catch { /* a page without an origin */ } })()"
        )
        self.page.goto("about:blank")
        self.page.emulate_media(media="null")
        self._requests, self._complaints, self._read = [], [], 0

    def _note(self, message):
        # Entries of the browser's own log, such as violations of the policy, come in here too.
        if message.type in {"error", "warning", "assert"}:
            self._complaints.append(message.text)

    def open(self, url):
        """Open a map and wait until it is drawn."""
        self.page.goto(url)
        self.page.wait_for_selector(READY, state="attached")

    def wait(self, condition):
        """Wait until an expression is true.

        Playwright's own ``wait_for_function`` evaluates in the page, which its policy forbids.
        """
        end = time.monotonic() + WAIT_S
        while not self.run(condition):
            if time.monotonic() > end:
                raise TimeoutError(f"{condition}; the page reported {self.complaints()}")
            self.page.wait_for_timeout(POLL_MS)

    def run(self, script):
        """Return the value of an expression; a script that never ends ends the test process."""
        faulthandler.dump_traceback_later(WAIT_S, exit=True)
        try:
            return self.page.evaluate(script)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def resize(self, width, height):
        self.page.set_viewport_size({"width": width, "height": height})

    def requests(self):
        """Return the addresses that were asked for, files of the page and inlined data aside."""
        self.run("0")  # what happened before is reported before the answer
        return [url for url in self._requests if not url.startswith(("data:", "file:", "about:"))]

    def complaints(self):
        """Return exceptions, console errors and warnings, and entries of the browser's log."""
        self.run("0")
        self._read = len(self._complaints)
        return list(self._complaints)

    def unread(self):
        """Return the complaints that :meth:`complaints` has not returned yet."""
        self.run("0")
        return self._complaints[self._read :]

    def fonts(self, selector):
        """Return the fonts of the machine that an element's text is drawn with."""
        tools = self._context.new_cdp_session(self.page)
        tools.send("DOM.enable")
        tools.send("CSS.enable")
        root = tools.send("DOM.getDocument")["root"]["nodeId"]
        found = tools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        drawn = tools.send("CSS.getPlatformFontsForNode", {"nodeId": found})["fonts"]
        tools.detach()
        return {font["familyName"] for font in drawn}

    def close(self):
        self._context.close()


class Tabs:
    """The tabs of one test.

    A document is new in each test; the process that draws it is not, for starting one takes more
    time than most tests. A map stores that its first hints were read; the next test knows nothing of it.
    """

    def __init__(self, chromium, idle):
        self._chromium, self._idle = chromium, idle
        self._open, self._own = [], []

    def page(self, width=1440, height=900):
        """Return an empty tab."""
        tab = self._idle.pop() if self._idle else Tab(self._chromium)
        self._open.append(tab)
        tab.resize(width, height)
        return tab

    def own_page(self):
        """Return an empty tab that no other test gets: its context may be changed."""
        self._own.append(Tab(self._chromium))
        return self._own[-1]

    def end(self):
        """Leave all pages; fail on any request, and on a complaint that the test did not read."""
        found = [(tab.requests(), tab.unread()) for tab in [*self._open, *self._own]]
        for tab in self._own:
            tab.close()
        for tab in self._open:
            tab.clear()
        self._idle += self._open
        for requests, complaints in found:
            assert requests == [], requests
            assert complaints == [], complaints
