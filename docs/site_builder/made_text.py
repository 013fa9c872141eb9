"""Text of the pages that is made from catalogue, scenario models, README, changelog and a run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from site_builder.answer import answer_text
from site_builder.scenario_keys import scenario_text
from site_builder.tables import cell, table
from siteopt.layers import read_catalogue
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers import Entry

__all__ = ["gallery_text", "layer_text", "readme_text", "with_made_text"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_MADE: Final = re.compile(r"^<!-- made: (?P<what>[a-z ]+?)(?:: (?P<asked>.+?))? -->$", re.MULTILINE)


def with_made_text(page: str) -> str:
    """Return a page with what stands for made text replaced by it.

    Raises
    ------
    KeyError
        If the page asks for text that nobody makes.
    """
    return _MADE.sub(lambda found: _MAKERS[found["what"]](found["asked"] or ""), page)


def layer_text(_asked: str = "") -> str:
    """Return every layer of the catalogue: a table of all, then each in full."""
    entries = list(read_catalogue(_ROOT / "data"))
    overview = table(
        ["layer", "", "licence", "vintage", "confidence"],
        [
            [
                f"[`{item.id}`](#{_anchor(item.id)})",
                f"{cell(item.title_ko)}<br>{cell(item.title_en)}",
            ]
            + [cell(text) for text in (item.licence, item.vintage, item.confidence)]
            for item in entries
        ],
    )
    return "\n\n".join([overview, *(_layer(item) for item in entries)])


def _anchor(layer_id: str) -> str:
    return "layer-" + layer_id.replace("_", "-")


def _layer(entry: Entry) -> str:
    said = {
        "Good for": entry.good_for,
        "Not good for": entry.not_good_for,
        "Source": entry.source,
        "Licence": entry.licence,
        "Notice": entry.notice,
        "Vintage": entry.vintage,
        "Confidence": entry.confidence,
        "Unit": entry.unit,
        "File": f"`data/{entry.file}` ({entry.kind}{', ' + entry.crs if entry.crs else ''})",
    }
    lines = [
        f"({_anchor(entry.id)})=",
        f"### `{entry.id}`: {cell(entry.title_en)} ({cell(entry.title_ko)})",
        "",
        *(f"{name}\n: {cell(text)}\n" for name, text in said.items() if text),
    ]
    return "\n".join(lines)


def readme_text(asked: str, page: str = "README.md") -> str:
    """Return sections of the README or a page beside it, by their headings with ``;`` between.

    Raises
    ------
    ValueError
        If the page has no section of that name.
    """
    text = (_ROOT / page).read_text(encoding="utf-8")
    sections = {
        part.split("\n", 1)[0]: part for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    }
    wanted = [name.strip() for name in asked.split(";")]
    missing = [name for name in wanted if name not in sections]
    if missing:
        raise ValueError(f"{page} has no section {missing[0]!r}; it has {', '.join(sections)}")
    # Pages lie in docs/, where the README's own links begin.
    return "\n".join("## " + sections[name] for name in wanted).replace("](docs/", "](")


def _data_readme(_asked: str) -> str:
    return (_ROOT / "data" / "README.md").read_text(encoding="utf-8")


def _changelog(_asked: str) -> str:
    """Return the changelog without its title, its links as seen from docs/."""
    told = (_ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return told.split("\n", 1)[1].replace("](docs/", "](").replace("](README.ko.md)", "](ko.md)")


def gallery_text(_asked: str = "") -> str:
    """Return a picture of every tab that the page of the run had, with its titles."""
    named = json.loads((_ROOT / "docs" / "gallery" / "pictures.json").read_text(encoding="utf-8"))
    parts = []
    for name in named["tabs"]:
        title_en, title_ko = (text(f"tab.{name}", language) for language in ("en", "ko"))
        picture = f"![The tab {title_en}](gallery/tab-{name}.webp)"
        parts.append(f":::{{container}}\n{picture}\n\n*{title_en} ({title_ko})*\n:::")
    return "\n\n".join(["::::{container} gallery", *parts, "::::"])


_MAKERS: Final[dict[str, Callable[[str], str]]] = {
    "layers": layer_text,
    "scenario keys": lambda _asked: scenario_text(),
    "readme": readme_text,
    "contributing": lambda asked: readme_text(asked, "CONTRIBUTING.md"),
    "changing data": _data_readme,
    "changelog": _changelog,
    "answer": answer_text,
    "gallery tabs": gallery_text,
}
