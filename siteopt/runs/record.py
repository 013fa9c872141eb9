"""Kinds of the values read from ``run.json`` and ``portfolio.json``.

Earlier versions wrote fewer keys, so that none is required here; a missing key that is read is an
error of one line that names the file and the key (:class:`Said`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from siteopt._plain_data import json_of
from siteopt._shown import shown
from siteopt.errors import LayerError, LayerFileError
from siteopt.runs.tables import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Said", "portfolio_of", "record_of"]

_LONGEST: Final = 40
"""Signs of a value that a message shows."""


class _One(NamedTuple):
    """A kind of value that has no parts."""

    what: str
    fits: Callable[[Any], bool]


class _Object(NamedTuple):
    """An object: kinds of the keys that are read, and what else is wrong with it, if anything.

    Whatever other keys there are stay unread.
    """

    kinds: Mapping[str, _Kind]
    fault: Callable[[Mapping[str, Any]], str] = lambda _: ""


class _Each(NamedTuple):
    """An object whose keys are names: the kind of all of its values, and how a key is wrong."""

    kind: _Kind
    fault: Callable[[str], str] = lambda _: ""


class _List(NamedTuple):
    """A list: the kind of its items."""

    kind: _Kind


class _OrNull(NamedTuple):
    """A value that may be null."""

    kind: _Kind


_Kind = _One | _Object | _Each | _List | _OrNull


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= LARGEST  # type: ignore[arg-type]


_TEXT: Final = _One("a text", lambda value: isinstance(value, str))
_FLAG: Final = _One("true or false", lambda value: isinstance(value, bool))
_WHOLE: Final = _One("a whole number", _is_whole)
_COUNT: Final = _One("a whole number from 0", lambda value: _is_whole(value) and value >= 0)
_NUMBER: Final = _One(f"a number of at most {LARGEST:g}", _is_number)
_TEXTS: Final = _List(_TEXT)


def _file_name_fault(name: str) -> str:
    is_plain = name not in {"", ".", ".."} and not set(name) & set("/\\:")
    return "" if is_plain else "is no name of a file of the run"


def _same_fault(part: Mapping[str, Any]) -> str:
    if not {"value", "by_voltage"} & part.keys():
        return "has neither value nor by_voltage"
    return (
        "" if part.get("by_voltage", True) else "by_voltage is empty; a number a voltage is needed"
    )


def _cost_fault(site: Mapping[str, Any]) -> str:
    for key, value in site.items():
        if key.endswith("_bn_krw") and not (value is None or _is_number(value)):
            return f"{key} is {_shown(value)}; a number is needed"
    return ""


_NAMED: Final = {"ko": _TEXT, "en": _TEXT}
_SCENARIO: Final = _Object({
    "name": _TEXT,
    "title": _Object(_NAMED),
    "candidates": _OrNull(_Object({"parcels": _OrNull(_TEXT), "complex_exempt": _TEXTS})),
    "sites": _Object({"must": _TEXTS, "begun": _List(_Object({"site_id": _TEXT}))}),
    "screening": _Object({
        "exclusions": _List(_Object({
            "id": _TEXT, "kind": _TEXT, "layer": _TEXT, "buffer_m": _NUMBER, "distance_m": _NUMBER,
            "from_m": _NUMBER, "to_m": _NUMBER, "threshold": _NUMBER, "low": _NUMBER,
            "high": _NUMBER, "classes": _List(_WHOLE), "width_m": _NUMBER, "area_ha": _NUMBER,
        })),
    }),
    "solver": _Object({"gap": _NUMBER}),
    "build": _Object({"it_min_mw": _NUMBER, "it_max_mw": _NUMBER, "block_mw": _NUMBER}),
    "spacing_km": _OrNull(_NUMBER),
})  # fmt: skip
_RECORD: Final = _Object({
    "status": _TEXT, "sites": _COUNT, "eligible_km2": _NUMBER,
    "scenario": _SCENARIO,
    "screening": _List(_Object({
        "reason": _TEXT, "title_ko": _TEXT, "title_en": _TEXT,
        "area_km2": _NUMBER, "only_km2": _NUMBER,
    })),
    "inputs": _List(_Object({"id": _TEXT, "file": _TEXT, "sha256": _TEXT, "replaced": _FLAG})),
    "notes": _TEXTS,
    "versions": _Each(_TEXT),
    "timings_s": _Each(_NUMBER),
    "files": _Each(_TEXT, _file_name_fault),
    "same_everywhere": _List(_Object(
        {
            "kind": _TEXT, "figure": _TEXT, "where": _TEXT, "value": _NUMBER,
            "by_voltage": _Each(_NUMBER),
        },
        _same_fault,
    )),
})  # fmt: skip

_BRANCHES: Final = {"branches_en": _TEXTS, "branches_ko": _TEXTS}
_CLEAN_SCORES: Final = _Object({"hourly_clean_pct": _NUMBER, "annual_clean_pct": _NUMBER})
_PORTFOLIO: Final = _Object({
    "scenario": _TEXT, "status": _TEXT,
    "objective_bn_krw": _NUMBER, "bound_bn_krw": _NUMBER, "objective_suitable_mw": _NUMBER,
    "bound_suitable_mw": _NUMBER, "gap": _NUMBER, "year": _OrNull(_WHOLE),
    "it_min_mw": _NUMBER, "block_it_mw": _NUMBER,
    "sites": _List(_Object(
        {
            "site_id": _TEXT, "rank": _WHOLE, "name_ko": _TEXT, "name_en": _TEXT,
            "it_mw": _NUMBER, "voltage_kv": _NUMBER, "bn_krw_per_mw": _NUMBER,
            "province_code": _TEXT, "option_id": _TEXT, "lon": _NUMBER, "lat": _NUMBER,
            "open_year": _OrNull(_WHOLE),
            "steps": _List(_Object({"year": _WHOLE, "it_mw": _NUMBER, "opens": _FLAG})),
        },
        _cost_fault,
    )),
    "limits": _List(_Object({
        "family": _TEXT, "limit": _TEXT, "used": _NUMBER, "at_most": _OrNull(_NUMBER),
        "binds": _FLAG,
    })),
    "years": _List(_Object({
        "year": _WHOLE, "it_mw": _NUMBER, "target_it_mw": _NUMBER, "capital_bn_krw": _NUMBER,
        "opens": _TEXTS, "grows": _TEXTS,
    })),
    "grid": _OrNull(_Object({
        "model": _TEXT, "security": _TEXT,
        "further_by_province": _List(_Object({
            "province_en": _TEXT, "province_ko": _TEXT, "snapshot_id": _OrNull(_TEXT),
            "further_mw": _OrNull(_NUMBER), **_BRANCHES,
        })),
        "flow_limits": _List(_Object({
            "snapshot_id": _TEXT, "year": _OrNull(_WHOLE), "slack_mw": _NUMBER,
            "further_branches": _COUNT, "mw_per_mw": _Each(_NUMBER), **_BRANCHES,
        })),
    })),
    "energy": _OrNull(_Object({
        "matching": _TEXT, "price_krw_kwh": _NUMBER,
        "typical_days": _CLEAN_SCORES, "year_replayed": _CLEAN_SCORES,
        "curve_price_krw_kwh": _OrNull(
            _Object({"value": _NUMBER, "low": _NUMBER, "high": _NUMBER})
        ),
    })),
    "certainty": _OrNull(_Object({
        "draws": _WHOLE, "robust_share_pct": _NUMBER, "robust": _Each(_TEXTS),
        "committed_mean_bn_krw": _NUMBER, "committed_p95_bn_krw": _NUMBER,
    })),
})  # fmt: skip


def _faults(value: Any, kind: _Kind, place: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield what is wrong with a value, with its place."""
    match kind:
        case _One(what, fits) if not fits(value):
            yield f"{place} is {_shown(value)}; {what} is needed"
        case _OrNull(inner) if value is not None:
            yield from _faults(value, inner, place)
        case _List(inner):
            if not isinstance(value, list):
                yield f"{place} is {_shown(value)}; a list is needed"
                return
            for number, item in enumerate(value, start=1):
                yield from _faults(item, inner, f"{place}.no. {number}")
        case _Object() | _Each():
            if not isinstance(value, dict):
                yield f"{place} is {_shown(value)}; an object is needed"
                return
            yield from _faults_inside(value, kind, place)


def _faults_inside(value: dict[str, Any], kind: _Object | _Each, place: str) -> Iterator[str]:
    """Yield what is wrong with the parts of an object, then with the whole of it."""
    for key, item in value.items():
        inner = kind.kind if isinstance(kind, _Each) else kind.kinds.get(key)
        named = f"{place}.{key}".removeprefix(".")
        if isinstance(kind, _Each) and (fault := kind.fault(key)):
            yield f"{named} {fault}"
        if inner is not None:
            yield from _faults(item, inner, named)
    if isinstance(kind, _Object) and (fault := kind.fault(value)):
        yield f"{place} {fault}"


def _shown(value: object) -> str:
    """Return a value in one line, cut where it is long."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    told = shown(repr(value))
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}..."


class Said(dict[str, Any]):
    """An object of a file, whose missing keys are an error that names file and key."""

    def __init__(self, content: dict[str, Any], path: Path, place: str = "") -> None:
        super().__init__(
            {key: _said(item, path, f"{place}.{key}") for key, item in content.items()}
        )
        self._path, self._place = path, place

    def __missing__(self, key: str) -> NoReturn:
        raise LayerFileError(
            f"{self._path}: {f'{self._place}.{key}'.removeprefix('.')} is missing; run again"
        )


def _said(value: Any, path: Path, place: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return Said(value, path, place)
    if isinstance(value, list):
        return [_said(item, path, f"{place}.no. {at}") for at, item in enumerate(value, start=1)]
    return value


def record_of(content: bytes, path: Path) -> dict[str, Any]:
    """Return the parsed content of ``run.json``.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.

    Raises
    ------
    LayerFileError
        If it is no JSON, or a value is of another kind than runs write.
    """
    return _read(content, path, _RECORD)


def portfolio_of(content: bytes, path: Path) -> dict[str, Any]:
    """Return the parsed content of ``portfolio.json``; errors as :func:`record_of`.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.
    """
    return _read(content, path, _PORTFOLIO)


def _read(content: bytes, path: Path, kind: _Object) -> dict[str, Any]:
    try:
        parsed = json_of(content, path)
    except LayerError as error:
        raise LayerFileError(f"{error}; run again") from error
    if not isinstance(parsed, dict):
        raise LayerFileError(f"{path}: not the record of a run; run again")
    fault = next(_faults(parsed, kind, ""), None)
    if fault is not None:
        raise LayerFileError(f"{path}: {fault}; run again")
    return Said(parsed, path)
