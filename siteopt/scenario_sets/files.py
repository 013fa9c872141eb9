"""Files of a scenario set: tables of variants, sites and regrets, and the record of the set."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._csv import write_csv
from siteopt._files import write_whole
from siteopt.errors import LayerFileError
from siteopt.report.limit_names import limit_text
from siteopt.scenario_sets.agreement import LEVELS, finest_agreement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt.limit_key import LimitKey
    from siteopt.runs.results import Run
    from siteopt.scenario import ScenarioSet, VariantScenario
    from siteopt.scenario_sets.plan_pool import JudgedPlan, VariantPlans
    from siteopt.scenario_sets.set_result import SetResult
    from siteopt.scenario_sets.variant_runs import VariantRun

__all__ = [
    "AGREEMENT", "RECORD", "REGRET", "SITES", "VARIANTS", "broken_text", "regret_table",
    "set_record", "variant_table", "write_files",
]  # fmt: skip

RECORD: Final = "set.json"
"""Names the other files of a set with their hashes; written last."""
VARIANTS: Final = "variants.csv"
SITES: Final = "sites.csv"
REGRET: Final = "regret.csv"
AGREEMENT: Final = "agreement.csv"

_OF_CONNECTIONS: Final = {
    "option": "no such connection there",
    "connection": "no connection there",
    "size": "size of the connection",
    "time": "lead time of the connection",
}
"""Limits of single connections, which are no rows of the program."""


def broken_text(key: LimitKey) -> str:
    """Return how tables name the limit that a plan breaks.

    Parameters
    ----------
    key : LimitKey
        Of `siteopt.portfolio.robust.fixed_plan.FixedPlanCost`.
    """
    if key.family in _OF_CONNECTIONS:
        return f"{_OF_CONNECTIONS[key.family]} ({key.subject})"
    if not key.scope and key.subject:  # what closes a connection, by its reason
        return f"{key.family} ({key.subject})"
    name = limit_text(key)
    return name if name.startswith(key.family) else f"{key.family}: {name}"


def variant_table(
    variants: Sequence[VariantScenario], runs: Sequence[VariantRun], opened: Mapping[str, Run]
) -> pd.DataFrame:
    """Return one row a variant: what it sets, status, cost and proof.

    Parameters
    ----------
    variants, runs : sequence
        In the order of the set.
    opened : mapping of str to Run
        Runs by variant, of those that have a plan.

    Returns
    -------
    DataFrame
        ``variant``, ``title_ko``, ``title_en``, ``probability``, ``scenario``, ``sets``, ``status``,
        ``cost_bn_krw``, ``bound_bn_krw``, ``gap``, ``sites``, ``provinces``, ``note``.
    """
    rows = []
    for one, made in zip(variants, runs, strict=True):
        run = opened.get(one.variant.id)
        plan: Mapping[str, Any] = {} if run is None else run.portfolio
        chosen = plan.get("sites", [])
        rows.append(
            {
                "variant": one.variant.id,
                "title_ko": one.variant.title.ko,
                "title_en": one.variant.title.en,
                "probability": one.probability,
                "scenario": one.variant.scenario or "",
                "sets": _sets(one),
                "status": made.status,
                "cost_bn_krw": _number(plan.get("objective_bn_krw")),
                "bound_bn_krw": _number(plan.get("bound_bn_krw")),
                "gap": _number(plan.get("gap")),
                "sites": len(chosen),
                "provinces": len({site["province_code"] for site in chosen}),
                "note": made.note,
            }
        )
    return pd.DataFrame(rows)


def _sets(one: VariantScenario) -> str:
    """Return what a variant sets, in a line."""
    parts = [f"{key} = {_toml(value)}" for key, value in one.variant.changes.items()]
    parts += [f"{key} = {value:g}" for key, value in one.variant.parameters.items()]
    return "; ".join(parts)


def _toml(value: Any) -> str:  # noqa: ANN401 - any value of a scenario
    return json.dumps(value, ensure_ascii=False)


def _number(value: Any) -> float:  # noqa: ANN401 - what JSON holds
    return float("nan") if value is None else float(value)


def regret_table(pool: VariantPlans, variants: Sequence[str]) -> pd.DataFrame:
    """Return one row a plan: regret in every variant, largest regret and expected cost.

    Parameters
    ----------
    pool : VariantPlans
        Plans, judged.
    variants : sequence of str
        Variants that have a plan.

    Returns
    -------
    DataFrame
        ``plan``, ``sites``, ``expected_bn_krw``, ``max_regret_bn_krw``, ``worst_variant``,
        ``breaks`` (variant and limit, where the plan breaks one: its regret there is infinite, and
        empty here) and ``regret_<variant>_bn_krw``.
    """
    rows = [_regret_row(one, variants) for one in pool.plans]
    names = [
        "plan", "sites", "expected_bn_krw", "max_regret_bn_krw", "worst_variant", "breaks",
        *(f"regret_{name}_bn_krw" for name in variants),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _regret_row(one: JudgedPlan, variants: Sequence[str]) -> dict[str, Any]:
    broken = {name: cost.broken for name, cost in one.costs.items() if cost.broken is not None}
    return {
        "plan": one.name,
        "sites": int(one.steps["site_id"].nunique()),
        "expected_bn_krw": _finite(one.expected_bn_krw),
        "max_regret_bn_krw": _finite(one.max_regret_bn_krw),
        "worst_variant": one.worst,
        "breaks": "; ".join(f"{name}: {broken_text(key)}" for name, key in broken.items()),
        **{f"regret_{name}_bn_krw": _finite(one.regrets_bn_krw[name]) for name in variants},
    }


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def set_record(
    asked: ScenarioSet,
    variants: pd.DataFrame,
    pool: VariantPlans,
    agreed: pd.DataFrame,
    regret: pd.DataFrame,
) -> dict[str, Any]:
    """Return what ``set.json`` says; without seconds, so that the same inputs give the same bytes.

    Parameters
    ----------
    asked : ScenarioSet
        As the file has it.
    variants, agreed, regret : DataFrame
        Tables of the set.
    pool : VariantPlans
        Plans, judged.
    """
    return {
        "set": {
            "name": asked.name,
            "title": asked.title.model_dump(),
            "base": asked.base,
            "equal_probabilities": not asked.has_probabilities,
        },
        "variants": _records(variants),
        "solved": [
            str(row["variant"]) for row in _records(variants) if row["cost_bn_krw"] is not None
        ],
        "robust": {
            name: {key: _rounded(value) for key, value in proof.items()}
            for name, proof in pool.proofs.items()
        },
        "left_out": pool.left_out,
        "agreement": {
            "finest_level": finest_agreement(agreed),
            "no_regret": {
                level: agreed.loc[
                    (agreed["level"] == level) & agreed["no_regret"].astype(bool), "place"
                ].tolist()
                for level in LEVELS
            },
        },
        "plans": _records(regret),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): _rounded(value) for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any cell
    """Return a cell as JSON has it: figures with nine significant digits, None for none."""
    if isinstance(value, bool | str | list | dict) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    number = float(value)
    return float(f"{number:.9g}") if np.isfinite(number) else None


def write_files(found: SetResult, others: Mapping[str, bytes]) -> None:
    """Write the files of a set, each whole, the record last.

    Parameters
    ----------
    found : SetResult
        What the set found.
    others : mapping of str to bytes
        Page and map, by name.

    Raises
    ------
    LayerFileError
        If the folder cannot be written to.
    """
    tables = {
        VARIANTS: found.variants, SITES: found.sites, REGRET: found.regret,
        AGREEMENT: found.agreement,
    }  # fmt: skip
    files = dict(others)
    for name, table in tables.items():
        files |= _csv_files(name, table)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    found.record["files"] = hashes
    dumped = json.dumps(found.record, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    try:
        found.folder.mkdir(parents=True, exist_ok=True)
        (found.folder / RECORD).unlink(missing_ok=True)
        for name, content in {**files, RECORD: dumped.encode()}.items():
            write_whole(found.folder / name, content)
    except OSError as error:
        raise LayerFileError(
            f"{found.folder}: cannot be written to ({error.strerror}); give another folder to --out"
        ) from error


def _csv_files(name: str, table: pd.DataFrame) -> dict[str, bytes]:
    """Return a table as CSV and the types of its columns, by file name."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / name
        write_csv(table, path)
        types = path.with_suffix(".csvt")
        return {name: path.read_bytes(), types.name: types.read_bytes()}
