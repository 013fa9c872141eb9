"""Map of a scenario set: one HTML file in Korean and English that needs no network."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.report import _assets
from siteopt.report._base import base_map
from siteopt.report.map import offline_page
from siteopt.report.texts import page_texts

if TYPE_CHECKING:
    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario_sets.set_result import SetResult

__all__ = ["render_set_map"]

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
_PAGE: Final = "scenario_set"


def render_set_map(found: SetResult, layers: LayersLike) -> str:
    """Return the page of a set; the same set gives the same text.

    Parameters
    ----------
    found : SetResult
        A finished set.
    layers : LayersLike
        For borders, rivers, lines and stations.
    """
    content = _payload(found, layers)
    return offline_page(
        content, content["title"][0],
        frame=_own("frame.html"), style=_assets.own_css() + _own("set.css"),
        script=_assets.own_js(_SHARED_SCRIPTS) + _own("set.js") + _own("set_panel.js"),
    )  # fmt: skip


def _own(name: str) -> str:
    place = files("siteopt.scenario_sets").joinpath("assets", name)
    return "\n" + place.read_text(encoding="utf-8")


def _payload(found: SetResult, layers: LayersLike) -> dict[str, Any]:
    record = found.record
    shared = {k: both for k, both in page_texts().items() if k.startswith(_SHARED_TEXTS)}
    title = record["set"]["title"]
    own = page_texts(_PAGE)
    plans = [_plan(str(name), found, own) for name in found.regret["plan"]]
    return {
        "texts": {key: [both["ko"], both["en"]] for key, both in {**shared, **own}.items()},
        "title": [title["ko"], title["en"]],
        "equal": record["set"]["equal_probabilities"],
        "solved": len(found.solved),
        "solved_ids": found.solved,
        "finest": record["agreement"]["finest_level"],
        "proofs": record["robust"],
        "plans": plans,
        "variants": [_variant(row) for row in found.variants.to_dict("records")],
        "agreement": [_place(row, found) for row in found.agreement.to_dict("records")],
        "regret": [_regret(row, found.solved) for row in found.regret.to_dict("records")],
        "sites": [
            _site(row, [one["id"] for one in plans]) for row in found.sites.to_dict("records")
        ],
        "base": base_map(layers),
    }


def _plan(name: str, found: SetResult, own: dict[str, Any]) -> dict[str, Any]:
    """Return what a plan is called: the title of its variant, or that of a robust plan."""
    titled = found.variants[found.variants["variant"] == name]
    if titled.empty:
        both = own[f"plan.{name}"]
        return {"id": name, "title": [both["ko"], both["en"]]}
    return {"id": name, "title": [titled["title_ko"].iloc[0], titled["title_en"].iloc[0]]}


def _variant(row: dict[Any, Any]) -> dict[str, Any]:
    sets = "; ".join(part for part in (row["scenario"], row["sets"]) if part)
    return {
        "id": row["variant"],
        "title": [row["title_ko"], row["title_en"]],
        "probability": float(row["probability"]),
        "sets": sets,
        "status": row["status"],
        "cost": _known(row["cost_bn_krw"]),
        "note": row["note"],
    }


def _place(row: dict[Any, Any], found: SetResult) -> dict[str, Any]:
    level, place = str(row["level"]), str(row["place"])
    names = found.record["names"][level].get(place, [place, place])
    return {
        "level": level,
        "name": names,
        "no_regret": bool(row["no_regret"]),
        "it_mw_least": float(row["it_mw_least"]),
    }


def _regret(row: dict[Any, Any], solved: list[str]) -> dict[str, Any]:
    return {
        "plan": row["plan"],
        "expected": _known(row["expected_bn_krw"]),
        "max": _known(row["max_regret_bn_krw"]),
        "worst": row["worst_variant"],
        "breaks": [name for name in solved if pd.isna(row[f"regret_{name}_bn_krw"])],
        "each": {name: _known(row[f"regret_{name}_bn_krw"]) for name in solved},
    }


def _site(row: dict[Any, Any], plans: list[str]) -> dict[str, Any]:
    return {
        "id": row["site_id"],
        "name": [str(row["name_ko"]), str(row["name_en"])],
        "province": str(row["province_code"]),
        "lat": float(row["lat"]),
        "lon": float(row["lon"]),
        "plans": int(row["plans"]),
        "it_mw": {name: float(row[f"it_mw_{name}"]) for name in plans if row[f"it_mw_{name}"]},
    }


def _known(value: Any) -> float | None:  # noqa: ANN401 - a figure or none
    return None if value is None or pd.isna(value) else round(float(value), 6)
