"""Column checks: cells of a table against the schema of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.layers._rows import first_true, row_namer, shown
from siteopt.layers._signs import check_signs, same_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.layers.schemas import Field, LayerSchema

__all__ = ["right_of", "typed"]

_Frame = TypeVar("_Frame", bound="pd.DataFrame")


def typed(frame: _Frame, schema: LayerSchema, path: Path) -> _Frame:
    """Return a frame with the types of its schema; the first fault is a LayerError."""
    import pandera.errors  # noqa: PLC0415 - 0.3 s, and only checks need it

    name = row_namer(frame, schema, path)
    missing = [key for key, item in schema.fields.items() if item.required and key not in frame]
    if missing:
        raise LayerError(
            f"{path.name}: column {missing[0]} is missing; the layer needs "
            f"{', '.join(key for key, item in schema.fields.items() if item.required)}"
        )
    check_signs(frame, path.name, name, schema.text_columns)
    ready = frame.reset_index(drop=True)
    for key, item in schema.fields.items():
        if key in ready:
            ready[key] = _prepared(ready[key], item, key, path, name)
    if schema.rest is not None:
        _check_rest(ready, schema, schema.rest, path, name)
    try:
        out = schema.pandera.validate(ready, lazy=True)
    except pandera.errors.SchemaErrors as error:
        raise LayerError(_describe(error.failure_cases, ready, schema, path, name)) from None
    keys = pd.DataFrame({key: _in_one_form(out[key]) for key in schema.key})
    at = first_true(keys.duplicated().to_numpy())
    if at is not None:
        raise LayerError(
            f"{path.name}: {name(at)}: appears twice; {' and '.join(schema.key)} must tell rows "
            "apart"
        )
    return cast("_Frame", out)


def _in_one_form(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Return cells of a key in one form for all ways to write the same text."""
    texts = [cell for cell in cells.tolist() if isinstance(cell, str)]
    return cells if all(map(str.isascii, texts)) else cells.map(same_text)


def _check_rest(
    frame: pd.DataFrame, schema: LayerSchema, item: Field, path: Path, name: Callable[[int], str]
) -> None:
    """Raise LayerError at the first number of the unnamed columns that is not ``item``.

    A profile has a column a bus; checking them one by one takes pandera seconds.
    """
    others = [key for key in frame.columns if key not in schema.fields]
    cells = frame[others]
    try:
        values = cells.to_numpy(dtype=np.float64)
    except ValueError:
        values = cells.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    low = -np.inf if item.low is None else item.low
    high = np.inf if item.high is None else item.high
    most = np.inf if item.plausible is None else item.plausible[0]
    good = np.isfinite(values) & (values >= low) & (values <= high) & (np.abs(values) <= most)
    at = first_true(~good.all(axis=1))
    if at is not None:
        key = others[int(np.flatnonzero(~good[at])[0])]
        found = shown(frame[key].iloc[at])
        beyond = item.plausible is not None and np.abs(values[at]).max() > most
        right = _asked(item) if beyond else right_of(item)
        raise LayerError(f"{path.name}: {name(at)}: {key} is {found}; {right}")


def _prepared(
    cells: pd.Series[Any], item: Field, key: str, path: Path, name: Callable[[int], str]
) -> pd.Series[Any]:
    """Return cells that pandera can turn into the type of the field; text stays text."""
    if item.kind == "text":
        return cells if isinstance(cells.dtype, pd.StringDtype) else _as_text(cells)
    empty = cells.isna().to_numpy(dtype=np.bool_)
    at = None if item.nullable else first_true(empty)
    if at is not None:
        raise LayerError(f"{path.name}: {name(at)}: {key} is empty; {right_of(item)}")
    if item.kind == "flag":
        return _as_flag(cells, key, path, name)
    if not _may_be_numbers(cells):
        at = first_true(~empty)
        raise LayerError(
            f"{path.name}: {name(at or 0)}: {key} is {cells.iloc[at or 0]}; {right_of(item)}"
        )
    numbers = pd.to_numeric(cells, errors="coerce").astype(np.float64)
    values = numbers.to_numpy()
    wrong = (~np.isfinite(values) & ~empty) | np.isinf(values)
    if item.kind == "whole":
        wrong |= ~empty & (values != np.round(values))
    at = first_true(wrong)
    if at is not None:
        raise LayerError(
            f"{path.name}: {name(at)}: {key} is {shown(cells.iloc[at])}; {right_of(item)}"
        )
    if item.plausible is not None:
        at = first_true(np.abs(values) > item.plausible[0])
        if at is not None:
            raise LayerError(
                f"{path.name}: {name(at)}: {key} is {shown(cells.iloc[at])}; {_asked(item)}"
            )
    return numbers


def _may_be_numbers(cells: pd.Series[Any]) -> bool:
    """Return whether cells are numbers or text: true and false, dates and lists are no numbers."""
    kinds = pd.api.types
    if kinds.is_bool_dtype(cells) or kinds.is_datetime64_any_dtype(cells):
        return False
    return not (
        cells.dtype == object
        and any(isinstance(cell, bool | list | dict | bytes) for cell in cells.tolist())
    )


def _asked(item: Field) -> str:
    """Return the message on a number that is larger than any that there is."""
    most, what = (0.0, "") if item.plausible is None else item.plausible
    return f"larger than any there is ({most:,.0f} at most); {what}?"


def _as_text(cells: pd.Series[Any]) -> pd.Series[Any]:
    whole = pd.api.types.is_float_dtype(cells) and bool((cells.dropna() % 1 == 0).all())
    numbers = cells.astype("Int64") if whole else cells
    return numbers.astype("str").where(cells.notna(), None).astype("str")


_TRUE: Final = ("true", "1", "1.0", "yes")
_FALSE: Final = ("false", "0", "0.0", "no")


def _as_flag(
    cells: pd.Series[Any], key: str, path: Path, name: Callable[[int], str]
) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(cells):
        return cells.astype(bool)
    words = cells.astype("str").str.strip().str.lower()
    at = first_true(~words.isin([*_TRUE, *_FALSE]).to_numpy(dtype=np.bool_))
    if at is not None:
        raise LayerError(
            f"{path.name}: {name(at)}: {key} is {shown(cells.iloc[at])}; true or false"
        )
    return words.isin(_TRUE)


def right_of(item: Field) -> str:
    """Return what a field wants, in words."""
    if item.one_of:
        return f"one of {', '.join(item.one_of)} is needed"
    if item.kind == "text":
        return f"text that matches {item.pattern} is needed" if item.pattern else "text is needed"
    if item.kind == "flag":
        return "true or false is needed"
    kind = "a whole number" if item.kind == "whole" else "a number"
    low = "" if item.low is None else f" of at least {item.low:g}"
    high = "" if item.high is None else f"{' and' if low else ' of'} at most {item.high:g}"
    return f"{kind}{low}{high} is needed"


def _describe(
    cases: pd.DataFrame, frame: pd.DataFrame, schema: LayerSchema, path: Path,
    name: Callable[[int], str],
) -> str:  # fmt: skip
    """Return the first failure of pandera in one line of ours."""
    placed = cases[cases["index"].notna()].copy()
    if placed.empty:
        first = cases.iloc[0]
        return f"{path.name}: {first['column']}: {first['check']} fails; see the layer's schema"
    placed["index"] = placed["index"].astype(int)
    first = placed.sort_values(["index", "column"], kind="stable").iloc[0]
    key, at = str(first["column"]), int(first["index"])
    item = schema.fields.get(key)
    found = shown(frame[key].iloc[at])
    return (
        f"{path.name}: {name(at)}: {key} is {found}; {right_of(item) if item else first['check']}"
    )
