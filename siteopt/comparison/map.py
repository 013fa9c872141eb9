"""Map of a comparison: one HTML file in Korean and English that needs no network."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt._files import write_whole
from siteopt.comparison.causes import cause_of
from siteopt.comparison.land import land_picture_of
from siteopt.comparison.result_diff import unit_of
from siteopt.errors import LayerFileError
from siteopt.layers import open_layers
from siteopt.report import _assets
from siteopt.report._base import base_map, encoded
from siteopt.report._land import land_picture
from siteopt.report.map import offline_page
from siteopt.report.summary import rank_words
from siteopt.report.texts import LANGUAGES, page_texts, text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from siteopt.comparison.result import Differences
    from siteopt.report.texts import Language
    from siteopt.runs.results import Run

__all__ = ["render_comparison_map", "write_comparison_map"]

_SHARED_SCRIPTS: Final = (
    "format.js",
    "ink.js",
    "labels.js",
    "base.js",
    "points.js",
    "tabs.js",
    "frame.js",
)
_SHARED_TEXTS: Final = ("page.", "legend.", "station.", "confidence.", "unit.", "source.odbl")
_ROWS: Final = 200
"""Changed rows of layers that the page lists."""
_WORKING_TREE: Final = "working tree"
_JOINS: Final = {"together": " + ", "either": " or "}


def write_comparison_map(
    found: Differences, runs: tuple[Run, Run], data: Path | None, path: Path
) -> None:
    """Write the map of a comparison.

    Parameters
    ----------
    found : Differences
        What differs.
    runs : tuple of Run
        The two runs.
    data : Path or None
        Data folder for borders, rivers, lines and stations; the embedded one where it is None.
    path : Path
        The HTML file; it appears whole or not at all. The same runs give the same bytes.

    Raises
    ------
    LayerFileError
        If it cannot be written.
    """
    page = render_comparison_map(found, runs, data)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, page.encode())
    except OSError as error:
        raise LayerFileError(
            f"{path}: cannot be written ({error.strerror}); give another file to --map"
        ) from error


def render_comparison_map(found: Differences, runs: tuple[Run, Run], data: Path | None) -> str:
    """Return the page of a comparison; arguments as :func:`write_comparison_map`."""
    content = _payload(found, runs, data)
    return offline_page(
        content, text("comparison.compare.title", "ko", scenario=content["scenario"][0]),
        frame=_own("frame.html"), style=_assets.own_css() + _own("comparison.css"),
        script=_assets.own_js(_SHARED_SCRIPTS) + _own("comparison.js") + _own("panel.js"),
    )  # fmt: skip


def _own(name: str) -> str:
    place = files("siteopt.comparison").joinpath("assets", name)
    return "\n" + place.read_text(encoding="utf-8")


def _payload(found: Differences, runs: tuple[Run, Run], data: Path | None) -> dict[str, Any]:
    layers = open_layers(folder=data)
    picture = land_picture_of(*runs)
    shared = {k: both for k, both in page_texts().items() if k.startswith(_SHARED_TEXTS)}
    title = runs[1].record["scenario"]["title"]
    return {
        "texts": {
            key: [both["ko"], both["en"]]
            for key, both in {**shared, **page_texts("comparison")}.items()
        },
        "scenario": [title["ko"], title["en"]],
        "sides": [_side(found.before), _side(found.after)],
        "same": found.is_same,
        "unit": unit_of(runs[1]),
        "figures": _figures(found, runs),
        "sites": _sites(found, runs),
        "ranks": _ranks(found, runs[1]),
        "causes": [
            {"change": row["change"], "subject": row["subject"], **_cause(row)}
            for row in _rows(found.causes)
        ],
        "costs": [{**row, "input": _input(str(row["input"]))} for row in _rows(found.cost_shares)],
        "cost_method": found.cost_method,
        "runs_made": found.runs_made,
        "provinces": _rows(found.provinces),
        "reasons": _rows(found.reasons),
        "inputs": _inputs(found),
        "rows": _rows(found.rows.head(_ROWS)),
        "rows_count": len(found.rows),
        "titles": {item.id: [item.title_ko, item.title_en] for item in _entries(layers)},
        "keys": _keys(found, runs),
        "notes": list(found.notes),
        "land": None if picture is None else land_picture(picture),  # type: ignore[arg-type]
        "base": base_map(layers),
    }


def _side(name: str) -> list[str]:
    """Return what a side is called in Korean and English."""
    called = page_texts("comparison")[f"side.{_WORKING_TREE}"]
    return [name.replace(_WORKING_TREE, called[language]) for language in LANGUAGES]


def _entries(layers: Any) -> list[Any]:  # noqa: ANN401 - siteopt.layers.Layers
    return [layers.entry(layer_id) for layer_id in layers.ids]


def _figures(found: Differences, runs: tuple[Run, Run]) -> dict[str, Any]:
    """Return objective, chosen sites and eligible land of both runs."""
    objective = [float(run.portfolio[f"objective_{unit_of(run)}"]) for run in runs]
    sure = dict(zip(found.figures["figure"], found.figures["sure"], strict=True))
    return {
        "objective": objective,
        "objective_sure": bool(sure.get("objective", False)),
        "chosen": [len(run.portfolio["sites"]) for run in runs],
        "eligible_km2": [float(run.record["eligible_km2"]) for run in runs],
    }


def _sites(found: Differences, runs: tuple[Run, Run]) -> list[dict[str, Any]]:
    """Return every site that one of the plans has, those that changed first."""
    plans = [{site["site_id"]: site for site in run.portfolio["sites"]} for run in runs]
    changed = list(found.sites["site_id"])
    changes = dict(zip(changed, found.sites.to_dict("records"), strict=True))
    rest = [site for site in plans[1] if site not in changes]
    return [
        _site(site_id, plans, changes.get(site_id), found)
        for site_id in [*changed, *rest]
    ]  # fmt: skip


def _site(
    site_id: str,
    plans: list[dict[str, dict[str, Any]]],
    row: dict[Any, Any] | None,
    found: Differences,
) -> dict[str, Any]:
    was, now = (plan.get(site_id) for plan in plans)
    known = now or was or {}
    change = str(row["change"]) if row else "both"
    return {
        "id": site_id,
        "name": [known["name_ko"], known["name_en"]],
        "province": known.get("province_code"),
        "lat": known["lat"],
        "lon": known["lon"],
        "change": change,
        "sure": bool(row["sure"]) if row else True,
        "it_mw": [site["it_mw"] if site else None for site in (was, now)],
        "kv": [site.get("voltage_kv") if site else None for site in (was, now)],
        "rank": [_rank(site) for site in (was, now)],
        "open_year": [site.get("open_year") if site else None for site in (was, now)],
        "routes": [_routes(site) for site in (was, now)],
        **_cause(cause_of(found.causes, change, site_id)),
    }


def _rank(site: dict[str, Any] | None) -> str | None:
    return rank_words(site) if site and site.get("rank") is not None else None


def _routes(site: dict[str, Any] | None) -> list[str]:
    stretches = (site or {}).get("connection", [])
    return [encoded(np.asarray(one["lon_lat"], dtype=np.float64)) for one in stretches]


def _ranks(found: Differences, after: Run) -> list[dict[str, Any]]:
    places = after.ranking[["site_id", "lat", "lon", "province_code", "chosen"]]
    table = found.ranks.merge(places, on="site_id", how="left")
    return [
        {
            "id": row["site_id"], "name": [row["name_ko"], row["name_en"]],
            "rank": [row["rank_before"], row["rank_after"]], "lat": row["lat"], "lon": row["lon"],
            "province": row["province_code"], "chosen": bool(row["chosen"]),
            **_cause(cause_of(found.causes, "rank", str(row["site_id"]))),
        }
        for row in _rows(table)
    ]  # fmt: skip


def _cause(row: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs of a cause, each as kind and name, and how they bring it about."""
    if not row:
        return {"cause": [], "how": ""}
    join = _JOINS.get(row["how"])
    labels = row["cause"].split(join) if join else [row["cause"]]
    return {"cause": [_input(label) for label in labels if label], "how": row["how"]}


def _input(label: str) -> list[str]:
    kind, _, name = label.partition(" ")
    return [kind, name]


def _inputs(found: Differences) -> list[dict[str, Any]]:
    """Return the inputs that differ; of a layer what changed inside it, where that is known."""
    inside = {row["layer"]: row for row in _rows(found.layers)}
    inputs = [
        row for row in _rows(found.inputs) if row["input"] not in inside or row["kind"] != "layer"
    ]
    plain = [
        {"input": [row["kind"], row["input"]], "description": [f"{row['before']} → {row['after']}"] * 2,
         "matters": True}
        for row in inputs
    ]  # fmt: skip
    return plain + [
        {"input": ["layer", name], "description": [row["change_ko"], row["change"]],
         "matters": bool(row["matters"])}
        for name, row in inside.items()
    ]  # fmt: skip


def _keys(found: Differences, runs: tuple[Run, Run]) -> dict[str, list[str]]:
    """Return what the keys of the scenario that differ are called, in Korean and English."""
    scenarios = [run.record["scenario"] for run in runs]
    names = {row["input"] for row in _rows(found.inputs) if row["kind"] == "scenario"}
    labels = [*found.causes["cause"], *found.cost_shares["input"]]
    for label in labels:
        parts = str(label).replace(" or ", " + ").split(" + ")
        names |= {part.partition(" ")[2] for part in parts if part.startswith("scenario ")}
    return {name: title for name in sorted(names) if (title := _key_title(name, scenarios))}


def _key_title(name: str, scenarios: list[dict[str, Any]]) -> list[str] | None:
    """Return the title of a key; None where the key itself must do."""
    known = page_texts("comparison")
    if f"key.{name}" in known:
        return [known[f"key.{name}"]["ko"], known[f"key.{name}"]["en"]]
    for head, fields in (
        ("screening.exclusions", "exclusion"),
        ("provinces.shares", "share"),
        ("weights", ""),
    ):
        if not name.startswith(f"{head}."):
            continue
        item, _, rest = name.removeprefix(f"{head}.").partition(".")
        title = (
            _exclusion_title(item, scenarios) if fields == "exclusion" else {"ko": item, "en": item}
        )
        column = known.get(f"key.{fields}.{rest.split('.')[0]}", {"ko": rest, "en": rest})
        return [
            f"{known[f'key.{head}'][language].format(title=title[language])} {column[language]}".strip()
            for language in LANGUAGES
        ]
    return None


def _exclusion_title(item: str, scenarios: list[dict[str, Any]]) -> dict[Language, str]:
    for scenario in reversed(scenarios):
        for rule in scenario["screening"]["exclusions"]:
            if rule["id"] == item:
                return {"ko": f"‘{rule['title']['ko']}’", "en": f"“{rule['title']['en']}”"}
    return {"ko": item, "en": item}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [
        {str(key): value.item() if isinstance(value, np.generic) else value
         for key, value in row.items()}
        for row in whole.to_dict("records")
    ]  # fmt: skip
