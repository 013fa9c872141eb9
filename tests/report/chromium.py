"""A headless Chromium for tests: driven over a pipe, no port, no network, no other package.

``python tests/report/chromium.py runs/national-2035/map.html docs/map-national-2035.png`` takes
the picture of the README: the map in Korean with the card of the first site open.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
WAIT_S = 60.0
# Becomes the browser, after the two ends of the pipes have got the numbers that it wants.
_JOIN = (
    "import os, sys; there, back = int(sys.argv[1]), int(sys.argv[2]); "
    "os.dup2(there, 3); os.dup2(back, 4); os.close(there); os.close(back); "
    "os.execv(sys.argv[3], sys.argv[3:])"
)


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab: what it asked the network for and what it complained about is kept."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser, self._session = browser, session
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)

    def resize(self, width: int, height: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip

    def open(self, url: str) -> None:
        """Open a map and wait until it says that it is drawn."""
        self.call("Page.navigate", url="about:blank")
        self._browser.events.clear()
        self.call("Page.navigate", url=url)
        self.wait("document.documentElement?.dataset.ready === 'true'")

    def wait(self, condition: str) -> None:
        end = time.monotonic() + WAIT_S
        while not self.run(condition):
            if time.monotonic() > end:
                raise TimeoutError(f"{condition}; the page says {self.complaints()}")
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)  # fmt: skip
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"], ensure_ascii=False))
        return answer["result"].get("value")

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode={"Enter": 13, "Tab": 9, " ": 32}[key],
                      text="\r" if key == "Enter" and kind == "keyDown" else "")  # fmt: skip

    def screenshot(self, path: Path) -> None:
        path.write_bytes(
            base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        )

    def pdf(self, path: Path) -> None:
        made = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(made["data"]))

    def requests(self) -> list[str]:
        """Addresses that were asked for, the page's own file and inlined data aside."""
        asked = (e["params"]["request"]["url"] for e in self._events("Network.requestWillBeSent"))
        return [url for url in asked if not url.startswith(("data:", "file:", "about:"))]

    def complaints(self) -> list[str]:
        """Return exceptions, console errors and warnings, and the browser's own log entries."""
        said = [json.dumps(e["params"], ensure_ascii=False)
                for e in self._events("Runtime.exceptionThrown", "Log.entryAdded")]  # fmt: skip
        console = self._events("Runtime.consoleAPICalled")
        return said + [
            json.dumps(e["params"]["args"], ensure_ascii=False)
            for e in console
            if e["params"]["type"] in {"error", "warning", "assert"}
        ]

    def fonts(self, selector: str) -> set[str]:
        """Return the fonts of the machine that an element's text is drawn with."""
        self.call("DOM.enable")
        self.call("CSS.enable")
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        found = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        drawn = self.call("CSS.getPlatformFontsForNode", nodeId=found)["fonts"]
        return {font["familyName"] for font in drawn}

    def _events(self, *methods: str) -> list[dict[str, Any]]:
        self.call("Runtime.evaluate", expression="0")
        return [event for event in list(self._browser.events) if event["method"] in methods]


class Chromium:
    """A running browser; :func:`start` ends it."""

    def __init__(self, process: subprocess.Popen[bytes], reading: int, writing: int) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._writing = writing
        self._number = 0
        threading.Thread(target=self._listen, args=(reading,), daemon=True).start()

    def page(self, width: int = 1440, height: int = 900) -> Page:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.resize(width, height)
        return page

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._writing, data) :]
        while True:
            answer = self._answers.get(timeout=WAIT_S)
            if answer["id"] == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _listen(self, reading: int) -> None:
        rest = b""
        while chunk := os.read(reading, 1 << 16):
            *whole, rest = (rest + chunk).split(b"\0")
            for message in map(json.loads, whole):
                if "id" in message:
                    self._answers.put(message)
                else:
                    self.events.append(message)


@contextmanager
def start(program: str, profile: Path) -> Iterator[Chromium]:
    """Start a browser with an empty profile; it reads fd 3 and writes fd 4."""
    pipes = [*os.pipe(), *os.pipe()]
    there, writing, reading, back = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in pipes)
    for end in pipes:
        os.close(end)

    process = subprocess.Popen(  # noqa: S603 - the browser of this machine
        [sys.executable, "-c", _JOIN, str(there), str(back), program, *FLAGS,
         f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(there, back), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(there)
    os.close(back)
    browser = Chromium(process, reading, writing)
    try:
        yield browser
    finally:
        with suppress(OSError, queue.Empty, RuntimeError):
            browser.call("Browser.close")
        try:
            process.wait(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(writing)


def picture(page_path: Path, out: Path) -> None:
    """Take a picture of a map, 1400 x 900, with the card of the first chosen site open."""
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium on this machine")
    with TemporaryDirectory() as profile, start(program, Path(profile)) as browser:
        page = browser.page(1400, 900)
        page.open(page_path.resolve().as_uri())
        page.run("siteopt.open(siteopt.chosen[0], false), 0")
        box = "document.querySelector('.leaflet-popup').getBoundingClientRect()"
        page.wait(f"{box}.top >= document.querySelector('#top').getBoundingClientRect().bottom")
        time.sleep(1.0)  # the map has slid into place, and the canvases are painted
        page.screenshot(out)


if __name__ == "__main__":
    picture(Path(sys.argv[1]), Path(sys.argv[2]))
