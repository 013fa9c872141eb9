"""Text of the pages that is made from the catalogue, the scenario models and the README."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from siteopt.layers import read_catalogue
from siteopt.scenario import scenario_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siteopt.layers import Entry

__all__ = ["layer_text", "readme_text", "scenario_text", "with_made_text"]

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


def _cell(text: str) -> str:
    """Return a text that cannot break a table of Markdown."""
    return " ".join(text.replace("|", r"\|").replace("<", "&lt;").split())


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def layer_text(_asked: str = "") -> str:
    """Return every layer of the catalogue: a table of all, then each in full."""
    entries = list(read_catalogue(_ROOT / "data"))
    overview = _table(
        ["layer", "", "licence", "vintage", "confidence"],
        [
            [
                f"[`{item.id}`](#{_anchor(item.id)})",
                f"{_cell(item.title_ko)}<br>{_cell(item.title_en)}",
            ]
            + [_cell(text) for text in (item.licence, item.vintage, item.confidence)]
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
        f"### `{entry.id}`: {_cell(entry.title_en)} ({_cell(entry.title_ko)})",
        "",
        *(f"{name}\n: {_cell(text)}\n" for name, text in said.items() if text),
    ]
    return "\n".join(lines)


def scenario_text(_asked: str = "") -> str:
    """Return every key of a scenario file: a table for each of its parts."""
    schema = scenario_schema()
    parts = {"the scenario itself": schema} | _parts(schema["$defs"])
    texts = []
    for title, part in parts.items():
        rows = [
            [f"`{key}`", _cell(_kind(field)), _default(field, part, key), _cell(_said(field))]
            for key, field in part["properties"].items()
        ]
        told = _cell(part.get("description", ""))
        texts.append(f"## {title}\n\n{told}\n\n" + _table(["key", "is", "default", ""], rows))
    return "\n\n".join(texts)


def _parts(models: dict[str, Any]) -> dict[str, Any]:
    return {name: model for name, model in sorted(models.items()) if "properties" in model}


def _said(field: dict[str, Any]) -> str:
    return str(field.get("description", ""))


def _default(field: dict[str, Any], part: dict[str, Any], key: str) -> str:
    """Return the default of a key; whole parts have theirs in their own table."""
    if key in part.get("required", []):
        return "must be given"
    default = field.get("default")
    if default is None:
        return "none"
    if isinstance(default, dict):
        return "as below" if default else "empty"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _kind(field: dict[str, Any]) -> str:
    """Return in words what a value must be, with its bounds."""
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "enum" in field:
        return " or ".join(f'"{value}"' for value in field["enum"])
    if "const" in field:
        return f'"{field["const"]}"'
    for joined in ("anyOf", "oneOf"):
        if joined in field:
            kinds = [_kind(item) for item in field[joined] if item.get("type") != "null"]
            return " or ".join(kinds)
    return _named_kind(field)


def _named_kind(field: dict[str, Any]) -> str:
    kind = str(field.get("type", "value"))
    if kind == "array":
        return f"list of {_kind(field['items'])}"
    if kind == "object":
        return f"table of {_kind(_values(field))}"
    if kind == "string":
        return {"path": "file", None: "text"}.get(field.get("format"), "text")
    words = {"number": "number", "integer": "whole number", "boolean": "true or false"}
    return ", ".join([words.get(kind, kind), *_bounds(field)])


def _values(field: dict[str, Any]) -> dict[str, Any]:
    patterns = field.get("patternProperties")
    found = next(iter(patterns.values())) if patterns else field.get("additionalProperties", {})
    return found if isinstance(found, dict) else {}


def _bounds(field: dict[str, Any]) -> Iterator[str]:
    words = {
        "exclusiveMinimum": "above",
        "minimum": "at least",
        "exclusiveMaximum": "below",
        "maximum": "at most",
    }
    for key, word in words.items():
        if key in field:
            yield f"{word} {field[key]:g}"


def readme_text(asked: str) -> str:
    """Return sections of the README, named by their headings with ``;`` between.

    Raises
    ------
    ValueError
        If the README has no section of that name.
    """
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    sections = {
        part.split("\n", 1)[0]: part for part in re.split(r"^## ", readme, flags=re.MULTILINE)[1:]
    }
    wanted = [name.strip() for name in asked.split(";")]
    missing = [name for name in wanted if name not in sections]
    if missing:
        raise ValueError(f"README.md has no section {missing[0]!r}; it has {', '.join(sections)}")
    # Pages lie in docs/, where the README's own links begin.
    return "\n".join("## " + sections[name] for name in wanted).replace("](docs/", "](")


def _data_readme(_asked: str) -> str:
    return (_ROOT / "data" / "README.md").read_text(encoding="utf-8")


_MAKERS: Final[dict[str, Callable[[str], str]]] = {
    "layers": layer_text,
    "scenario keys": scenario_text,
    "readme": readme_text,
    "changing data": _data_readme,
}
