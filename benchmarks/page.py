"""Speed of the map in a browser: first draw, last draw, and frames while it is panned."""

from __future__ import annotations

import shutil
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ZOOMS: Final = (7.0, 9.0, 11.0)
CENTRE: Final = (36.4, 127.9)
"""Latitude and longitude where panning begins."""
SIZE_PX: Final = (1400, 900)
STEPS: Final = 60
"""Moves of the mouse while it pans, each after the frame of the one before."""
STEP_PX: Final = 9
TURN: Final = 15
"""Moves after which the direction turns."""
_DIRECTIONS: Final = ((1.0, 0.4), (-0.6, 1.0), (-1.0, -0.3), (0.4, -1.0))
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS: Final = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
_WATCH: Final = """
  new MutationObserver(() => {
    if (document.documentElement && document.documentElement.dataset.ready && !window.readyMs) window.readyMs = performance.now();
    if (!window.sitesMs && document.querySelector(".chosen-site")) {
      window.sitesMs = -1;
      requestAnimationFrame(() => requestAnimationFrame(() => { window.sitesMs = performance.now(); }));
    }
  }).observe(document, { attributes: true, childList: true, subtree: true, attributeFilter: ["data-ready"] });
"""
_RECORD: Final = """() => {
  window.frames_ms = [];
  let last = performance.now();
  window.recording = true;
  const note = () => { const now = performance.now(); window.frames_ms.push(now - last); last = now; if (window.recording) requestAnimationFrame(note); };
  requestAnimationFrame(note);
}"""
_STEPPED: Final = """async (steps) => {
  const found = [];
  let last = performance.now();
  for (const [x, y] of steps) {
    siteopt.map.panBy([x, y], { animate: false });
    await new Promise((done) => requestAnimationFrame(done));
    const now = performance.now();
    found.push(now - last);
    last = now;
  }
  return found;
}"""
"""Each step ends a move, so that a page which draws at the end of a move draws in every frame."""
_FRAME: Final = "() => new Promise((done) => requestAnimationFrame(() => done()))"


@dataclass(frozen=True)
class Opened:
    """What one opening of the page took; times from the start of the navigation."""

    first_ms: float
    """The country, its grid and the sites are on the screen."""
    last_ms: float
    """Everything is drawn, also land."""
    dragged_ms: dict[float, list[float]]
    """Intervals between frames while a mouse dragged the map, by zoom."""
    stepped_ms: dict[float, list[float]]
    """The same while the map moved in steps, as with keys."""
    open_cpu_ms: float
    """Processor time of all processes of the browser until everything was drawn."""
    step_cpu_ms: dict[float, float]
    """Processor time of one step: what a loaded machine does not make longer."""


@dataclass(frozen=True)
class Timed:
    """Medians over several openings of a page."""

    path: Path
    size_mb: float
    first_ms: float
    last_ms: float
    dragged_p95_ms: dict[float, float]
    stepped_p95_ms: dict[float, float]
    open_cpu_ms: float
    step_cpu_ms: dict[float, float]


def time_pages(paths: Sequence[Path], runs: int) -> list[Timed]:
    """Open pages in turn, so that a loaded machine is as bad for each.

    Parameters
    ----------
    paths : sequence of Path
        Maps of runs.
    runs : int
        Openings of each.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - other benchmarks need none

    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    seen: dict[Path, list[Opened]] = {path: [] for path in paths}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, chromium_sandbox=False, args=_FLAGS
        )
        try:
            for _ in range(runs):
                for path in paths:
                    seen[path].append(_opened(browser, path))
        finally:
            browser.close()
    return [_timed(path, found) for path, found in seen.items()]


def _opened(browser: Any, path: Path) -> Opened:  # noqa: ANN401 - Playwright's browser
    width, height = SIZE_PX
    context = browser.new_context(viewport={"width": width, "height": height})
    try:
        page = context.new_page()
        begun = _cpu_ms(browser)
        page.add_init_script(_WATCH)
        page.goto(path.resolve().as_uri())
        page.wait_for_selector("html[data-ready=true]", state="attached", timeout=60_000)
        opened = _cpu_ms(browser) - begun
        page.wait_for_timeout(100)
        first, last = page.evaluate("() => [window.sitesMs, window.readyMs]")
        dragged = {zoom: _dragged(page, zoom) for zoom in ZOOMS}
        stepped, step_cpu = {}, {}
        for zoom in ZOOMS:
            _go(page, zoom)
            begun = _cpu_ms(browser)
            stepped[zoom] = page.evaluate(_STEPPED, _path())
            step_cpu[zoom] = (_cpu_ms(browser) - begun) / STEPS
        return Opened(first, last, dragged, stepped, opened, step_cpu)
    finally:
        context.close()


def _path() -> list[tuple[float, float]]:
    turns = (_DIRECTIONS[step // TURN % len(_DIRECTIONS)] for step in range(STEPS))
    return [(across * STEP_PX, down * STEP_PX) for across, down in turns]


def _cpu_ms(browser: Any) -> float:  # noqa: ANN401 - Playwright's browser
    session = browser.new_browser_cdp_session()
    try:
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    finally:
        session.detach()
    return 1000 * sum(float(one["cpuTime"]) for one in processes)


def _go(page: Any, zoom: float) -> None:  # noqa: ANN401 - Playwright's page
    page.evaluate(
        "([place, zoom]) => { siteopt.map.setView(place, zoom, { animate: false }); }",
        [list(CENTRE), zoom],
    )
    for _ in range(3):
        page.evaluate(_FRAME)


def _dragged(page: Any, zoom: float) -> list[float]:  # noqa: ANN401 - Playwright's page
    _go(page, zoom)
    box = page.evaluate("() => siteopt.map.getContainer().getBoundingClientRect().toJSON()")
    x, y = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(_RECORD)
    page.mouse.down()
    for across, down in _path():
        x, y = x + across, y + down
        page.mouse.move(x, y)
    page.mouse.up()
    page.wait_for_timeout(400)  # what is drawn after the release counts too
    page.evaluate("() => { window.recording = false; }")
    found: list[float] = page.evaluate("() => window.frames_ms")
    return found


def _timed(path: Path, seen: list[Opened]) -> Timed:
    def p95(frames: list[dict[float, list[float]]]) -> dict[float, float]:
        return {
            zoom: statistics.median(float(np.quantile(one[zoom], 0.95)) for one in frames)
            for zoom in ZOOMS
        }

    return Timed(
        path, path.stat().st_size / 1e6,
        statistics.median(one.first_ms for one in seen),
        statistics.median(one.last_ms for one in seen),
        p95([one.dragged_ms for one in seen]), p95([one.stepped_ms for one in seen]),
        statistics.median(one.open_cpu_ms for one in seen),
        {zoom: statistics.median(one.step_cpu_ms[zoom] for one in seen) for zoom in ZOOMS},
    )  # fmt: skip
