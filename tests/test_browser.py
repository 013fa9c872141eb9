"""A page that asks the network for something, or that reports an error, fails its test."""

import pytest

from .browser import Tabs

pytestmark = pytest.mark.browser


@pytest.fixture
def ended(chromium, idle_tabs, tmp_path):
    """Return a function that opens a page with some script, and ends its test."""

    def end(script, *, read=False):
        file = tmp_path / "page.html"
        file.write_text(f"<html data-ready=true><script>{script}</script></html>", encoding="utf-8")
        tabs = Tabs(chromium, idle_tabs)
        tab = tabs.page()
        tab.open(file.as_uri())
        tab.wait("window.done !== false")
        found = tab.complaints() if read else []
        tabs.end()
        return found

    return end


def test_a_quiet_page_passes(ended):
    assert ended("console.log('drawn')") == []


@pytest.mark.parametrize(
    "script",
    ["new Image().src = 'http://example.org/a.png'", "fetch('https://example.org/').catch(() => 0)",
     "navigator.sendBeacon('https://example.org/', 'x')", "new WebSocket('ws://example.org/')"],
)  # fmt: skip
def test_a_request_fails(ended, script):
    with pytest.raises(AssertionError, match=r"example\.org"):
        ended(script)


@pytest.mark.parametrize(
    "script",
    ["throw new Error('broken')", "Promise.reject(new Error('broken'))", "console.error('broken')",
     "console.warn('broken')", "console.assert(false, 'broken')",
     "window.done = false; setTimeout(() => { window.done = true; throw new Error('broken'); })"],
)  # fmt: skip
def test_an_error_fails_until_the_test_has_read_it(ended, script):
    with pytest.raises(AssertionError, match="broken"):
        ended(script)
    (said,) = ended(script, read=True)
    assert "broken" in said
