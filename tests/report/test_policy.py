"""What a page may do: its own scripts run, and a script that came in with a name does not."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report import map as map_module
from siteopt.report.map import offline_page
from siteopt.report.preview import render_preview
from tests.report.written import payload_of, write_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.report import RunTables

INSERTED = (
    "</title></script><script>window.owned=1</script><style>body{--owned:1}</style>"
    '<img src=x onerror="window.owned=2"><p style="--owned:1" onclick="window.owned=3">x</p>'
    '<a id="leads" href="javascript:window.owned=4">x</a>'
)


class Parts(HTMLParser):
    """Policy, inline scripts and style sheets of a page, and attributes that would be code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.policies: list[str] = []
        self.viewports: list[str] = []
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self.code: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.code += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            assert not any(self.inline.values()), "what stands before a policy is free of it"
            self.policies.append(given["content"])
        if given.get("name") == "viewport":
            self.viewports.append(given["content"])
        self._inside = "" if given.get("type") == "application/zlib" else tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's form
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in self.inline:
            self.inline[self._inside].append(data)


def hashed(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def rules(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in map(str.split, policy.split(";"))}


def check(page: str) -> None:
    parts = Parts(page)
    (policy,) = parts.policies
    found = rules(policy)
    assert found.pop("img-src") == ["data:"]
    for kind, contents in parts.inline.items():
        assert found.pop(f"{kind}-src", []) == [hashed(one) for one in contents], kind
    assert set(found) == {"default-src", "base-uri", "form-action"}
    assert all(sources == ["'none'"] for sources in found.values())
    assert parts.code == []
    assert parts.viewports == ["width=device-width, initial-scale=1"]


def test_the_policy_of_the_map_names_its_scripts_and_nothing_else(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    check(page)
    assert "unsafe-" not in page.partition("<script")[0]


def test_the_policy_of_the_preview_likewise(run_tables: RunTables) -> None:
    sites = run_tables.sites
    scores = sites.set_index("site_id")[[]].assign(suitability=0.5)
    provinces = run_tables.layers.vector("provinces")
    page = render_preview(sites, scores, provinces, run_tables.scenario)  # type: ignore[arg-type]
    check(page)
    assert Parts(page).inline["script"] == []


@pytest.mark.parametrize("mark", ["@siteopt data@", "@siteopt title@", "@siteopt head@"])
def test_a_text_that_looks_like_a_place_in_the_page_is_a_text(mark: str) -> None:
    page = offline_page({"text": mark}, mark, frame="", style="p{}", script="void 0;")
    assert page.count(mark) == 1  # in the title
    assert payload_of(page) == {"text": mark}
    check(page)


@pytest.mark.browser
def test_a_script_that_gets_past_the_escaping_does_not_run(
    browser: Any,
    make_run: Callable[..., RunTables],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second wall: with the first one torn down the browser itself refuses."""
    monkeypatch.setattr(map_module.html, "escape", lambda text: f"{text}{INSERTED}")
    write_map(make_run(), tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert INSERTED in text
    opened = browser.page()
    opened.open((tmp_path / "map.html").as_uri())
    opened.run("document.querySelector('[onclick]').click()")
    opened.run("document.querySelector('#leads').click()")
    assert opened.run("window.owned === undefined")
    assert opened.run("getComputedStyle(document.body).getPropertyValue('--owned')") == ""
    assert opened.requests() == []
    refused = [one for one in opened.complaints() if "Content Security Policy" in one]
    assert len(refused) >= 4
    assert len(re.findall("script-src", "".join(refused))) >= 3
