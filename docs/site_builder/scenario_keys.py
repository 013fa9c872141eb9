"""Every key of a scenario file, read from its models: what it is, its bounds and its default."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from site_builder.tables import cell, table
from siteopt.scenario import scenario_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["scenario_text"]

_BOUNDS: Final = {
    "exclusiveMinimum": "above",
    "minimum": "at least",
    "exclusiveMaximum": "below",
    "maximum": "at most",
}
_WORDS: Final = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
}
_INLINE: Final = {"Text": "`{ ko = text, en = text }`"}
"""Parts that are written in one line, and how."""


def scenario_text() -> str:
    """Return a table of keys for each part of a scenario, headed as TOML writes it."""
    schema = scenario_schema()
    models = schema["$defs"]
    texts = [_part("At the top", schema, models)]
    texts += [_part(f"`{name}`", model, models) for name, model in _parts(schema, models, "")]
    return "\n\n".join(texts)


def _parts(
    model: dict[str, Any], models: dict[str, Any], above: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the parts below a model, each with its heading in TOML."""
    for key, field in model["properties"].items():
        path = f"{above}.{key}" if above else key
        for heading, name in _named(path, field):
            if name in _INLINE:
                continue
            part = models[name]
            kind = part["properties"].get("kind", {}).get("const")
            yield heading + (f' kind = "{kind}"' if kind else ""), part
            yield from _parts(part, models, path)


def _named(path: str, field: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the models that a key holds, with the heading under which TOML writes them."""
    for name in _models(field):
        yield f"[{path}]", name
    for name in _models(field.get("items", {})):
        yield f"[[{path}]]", name
    for name in _models(_values(field)):
        yield f"[{path}.NAME]", name


def _models(field: dict[str, Any]) -> list[str]:
    """Return the names of the models that a value can be."""
    choices = [field, *field.get("oneOf", []), *field.get("anyOf", [])]
    return [choice["$ref"].rsplit("/", 1)[-1] for choice in choices if "$ref" in choice]


def _values(field: dict[str, Any]) -> dict[str, Any]:
    """Return what the values of a table are."""
    patterns = field.get("patternProperties")
    found = next(iter(patterns.values())) if patterns else field.get("additionalProperties", {})
    return found if isinstance(found, dict) else {}


def _part(heading: str, model: dict[str, Any], models: dict[str, Any]) -> str:
    rows = []
    for key, field in model["properties"].items():
        inner = [models[name] for name in _models(field) if name not in _INLINE]
        said = field.get("description") or (inner[0]["description"] if inner else "")
        default = _default(key, field, model)
        rows.append([f"`{key}`", cell(_kind(field)), default, cell(said)])
    told = cell(model.get("description", ""))
    return f"## {heading}\n\n{told}\n\n" + table(["key", "is", "default", ""], rows)


def _default(key: str, field: dict[str, Any], model: dict[str, Any]) -> str:
    """Return the default of a key; a part has its defaults in its own table."""
    if key in model.get("required", []):
        return "must be given"
    default = field.get("default")
    if default is None:
        return "none"
    if isinstance(default, dict | list):
        return "its own" if default else "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _kind(field: dict[str, Any]) -> str:
    """Return in words what a value must be, with its bounds."""
    named = _models(field)
    if named:
        return _INLINE.get(named[0], "part")
    if "anyOf" in field:
        choices = [_kind(item) for item in field["anyOf"] if item.get("type") != "null"]
        return " or ".join(choices)
    if "enum" in field or "const" in field:
        return " or ".join(
            f"`{json.dumps(value)}`" for value in field.get("enum", [field.get("const")])
        )
    if field.get("type") == "array":
        return f"list: {_kind(field['items'])}"
    if field.get("type") == "object":
        return f"table: {_kind(_values(field))}"
    kind = "file" if field.get("format") == "path" else _WORDS.get(field.get("type", ""), "part")
    bounds = [f"{word} {field[key]:g}" for key, word in _BOUNDS.items() if key in field]
    return ", ".join([kind, *bounds])
