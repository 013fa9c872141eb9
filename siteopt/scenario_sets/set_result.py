"""A finished scenario set: its tables, and the runs of its variants."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from siteopt._csv import read_csv
from siteopt._ownership import plain_bytes
from siteopt._plain_data import json_of
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.runs.results import Run, open_run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SetResult", "is_set_folder", "open_set"]

_RECORD: Final = "set.json"
_TEXTS: Final = ("province_code", "district_code", "station_id", "site_id", "place")


@dataclass(frozen=True, eq=False)
class SetResult:
    """What a scenario set found.

    Attributes
    ----------
    folder : Path
        Folder of the set; the run of a variant is in the folder of its id there.
    record : dict
        ``set.json``.
    variants : DataFrame
        One row a variant: ``variant``, ``title_ko``, ``title_en``, ``probability``, ``scenario``,
        ``sets``, ``status``, ``cost_bn_krw``, ``bound_bn_krw``, ``gap``, ``sites``, ``provinces``,
        ``note``.
    sites : DataFrame
        One row a site that any plan chooses: where it is, ``plans`` (variants whose plan has it),
        ``probability`` of these, ``no_regret`` (in the plan of every variant), ``it_mw_<plan>``.
    regret : DataFrame
        One row a plan: ``plan``, ``sites``, ``expected_bn_krw``, ``max_regret_bn_krw``,
        ``worst_variant``, ``breaks``, ``regret_<variant>_bn_krw``; empty where it is infinite.
    agreement : DataFrame
        One row a site, station, district and province: ``level``, ``place``, ``plans``,
        ``no_regret``, ``it_mw_least``, ``it_mw_most``.
    """

    folder: Path
    record: dict[str, Any]
    variants: pd.DataFrame
    sites: pd.DataFrame
    regret: pd.DataFrame
    agreement: pd.DataFrame

    @property
    def solved(self) -> list[str]:
        """Variants that have a plan."""
        return [str(name) for name in self.record["solved"]]

    @property
    def no_regret(self) -> pd.DataFrame:
        """Places that are in the plan of every variant, at every level."""
        return self.agreement[self.agreement["no_regret"].astype(bool)].reset_index(drop=True)

    def run(self, variant: str) -> Run:
        """Return the run of a variant.

        Parameters
        ----------
        variant : str
            Its id.

        Raises
        ------
        ScenarioError
            If the set has no such variant, or it has no plan.
        """
        if variant not in self.solved:
            raise ScenarioError(
                f"{variant}: no variant with a plan; there are {', '.join(self.solved) or 'none'}"
            )
        return open_run(self.folder / variant)


def is_set_folder(folder: Path | str) -> bool:
    """Return whether a folder holds a finished scenario set.

    Parameters
    ----------
    folder : Path or str
        Any place.
    """
    try:
        return (Path(folder) / _RECORD).is_file()
    except (OSError, ValueError):
        return False


def open_set(folder: Path | str) -> SetResult:
    """Open a finished scenario set.

    Parameters
    ----------
    folder : Path or str
        The folder that ``siteopt run SET --out`` wrote.

    Returns
    -------
    SetResult
        Tables of the set; runs of its variants are opened when they are asked for.

    Raises
    ------
    LayerFileError
        If a file of the set is not there or is not as the set wrote it.

    Examples
    --------
    >>> import siteopt
    >>> found = siteopt.open_set("runs/futures")  # doctest: +SKIP
    >>> found.no_regret[["level", "place"]]  # doctest: +SKIP
    """
    path = Path(folder)
    record = json_of(_bytes(path, _RECORD), path / _RECORD)
    if not isinstance(record, dict) or "variants" not in record or "files" not in record:
        raise LayerFileError(f"{path / _RECORD}: not the record of a set; run the set again")
    return SetResult(
        path, record,
        *(_table(path, name, record) for name in ("variants", "sites", "regret", "agreement")),
    )  # fmt: skip


def _table(path: Path, name: str, record: dict[str, Any]) -> pd.DataFrame:
    content = _bytes(path, f"{name}.csv")
    if record["files"].get(f"{name}.csv") != hashlib.sha256(content).hexdigest():
        raise LayerFileError(f"{path / name}.csv: not as the set wrote it; run the set again")
    kinds = dict.fromkeys(_TEXTS, str) | {"note": str, "sets": str, "scenario": str, "breaks": str}
    found = read_csv(content, kinds)
    texts = [column for column in kinds if column in found]
    found[texts] = found[texts].fillna("")
    return found


def _bytes(path: Path, name: str) -> bytes:
    try:
        return plain_bytes(path / name)
    except OSError as error:
        raise LayerFileError(
            f"{path}: no finished set ({name} cannot be read); write one with "
            f"`siteopt run SET --out {path}`"
        ) from error
