"""What a tab holds is written when somebody looks at it, and all of it before paper is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

WRITTEN = "[...document.querySelectorAll('#pages > section')].filter((one) => one.children.length > 1).map((one) => one.id)"


@pytest.fixture
def page(browser: Any, run_tables: RunTables, tmp_path: Path) -> Any:
    write_map(run_tables, tmp_path / "map.html")
    opened = browser.page()
    opened.open((tmp_path / "map.html").as_uri())
    return opened


def test_a_tab_is_written_when_it_is_shown_and_all_before_they_are_printed(page: Any) -> None:
    first, second, printed, tabs = page.run(f"""(() => {{
      siteopt.writePanel();
      const first = {WRITTEN};
      siteopt.showTab('limits');
      const second = {WRITTEN};
      window.dispatchEvent(new Event('beforeprint'));
      return [first, second, {WRITTEN}, siteopt.tabNames()]; }})()""")
    assert first == ["page-summary"]
    assert second == ["page-summary", "page-limits"]
    assert printed == [f"page-{name}" for name in tabs]
    page.run("window.dispatchEvent(new Event('afterprint'))")


def test_the_other_tabs_are_written_between_other_work(page: Any) -> None:
    count = page.run("siteopt.tabNames().length")
    assert len(page.run(WRITTEN)) == count  # the page is ready
    at_once = page.run(f"document.getElementById('language').click(), {WRITTEN}")
    assert at_once == ["page-summary"]
    page.wait(f"{WRITTEN}.length === {count}")
    assert "Limits" in page.run("document.getElementById('page-limits').textContent")
