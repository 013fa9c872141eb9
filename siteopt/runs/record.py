"""Types of the values read from ``run.json`` and ``portfolio.json``.

Earlier versions wrote fewer keys, so that none is required here; a missing key that is read is an
error of one line that names the file and the key (:class:`Said`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from siteopt._plain_data import json_of
from siteopt.errors import LayerError, LayerFileError
from siteopt.runs.tables import LARGEST

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Said", "portfolio_of", "record_of"]


def _plain_name(name: str) -> str:
    if name in {"", ".", ".."} or set(name) & set("/\\:"):
        raise ValueError("is no name of a file of the run")
    return name


_Number = Annotated[float, Field(allow_inf_nan=False, ge=-LARGEST, le=LARGEST)]
_Count = Annotated[int, Field(ge=0)]
_FileName = Annotated[str, AfterValidator(_plain_name)]


class _Loose(BaseModel):
    """Known keys have the kind that runs write; whatever else there is stays unread."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)


class _Named(_Loose):
    ko: str = ""
    en: str = ""


class _Candidates(_Loose):
    parcels: str | None = None
    complex_exempt: list[str] = []


class _Begun(_Loose):
    site_id: str = ""


class _Rules(_Loose):
    must: list[str] = []
    begun: list[_Begun] = []


class _Exclusion(_Loose):
    id: str = ""
    kind: str = ""
    layer: str = ""


class _Screening(_Loose):
    exclusions: list[_Exclusion] = []


class _Solver(_Loose):
    gap: _Number = 0.0


class _Build(_Loose):
    it_min_mw: _Number = 0.0
    it_max_mw: _Number = 0.0
    block_mw: _Number = 0.0


class _Scenario(_Loose):
    name: str = ""
    title: _Named = _Named()
    candidates: _Candidates | None = None
    sites: _Rules = _Rules()
    screening: _Screening = _Screening()
    solver: _Solver = _Solver()
    build: _Build = _Build()
    spacing_km: _Number | None = None


class _Reason(_Loose):
    reason: str = ""
    title_ko: str = ""
    title_en: str = ""
    area_km2: _Number = 0.0
    only_km2: _Number = 0.0


class _Input(_Loose):
    id: str = ""
    file: str = ""
    sha256: str = ""
    replaced: bool = False


class _Same(_Loose):
    kind: str = ""
    figure: str = ""
    where: str = ""
    value: _Number = 0.0
    by_voltage: Annotated[dict[str, _Number], Field(min_length=1)] = {}

    @model_validator(mode="after")
    def _has_figures(self) -> Self:
        if not {"value", "by_voltage"} & self.model_fields_set:
            raise ValueError("has neither value nor by_voltage")
        return self


class _Record(_Loose):
    status: str = ""
    sites: _Count = 0
    eligible_km2: _Number = 0.0
    scenario: _Scenario = _Scenario()
    screening: list[_Reason] = []
    inputs: list[_Input] = []
    notes: list[str] = []
    versions: dict[str, str] = {}
    timings_s: dict[str, _Number] = {}
    files: dict[_FileName, str] = {}
    same_everywhere: list[_Same] = []


class _Step(_Loose):
    year: int = 0
    it_mw: _Number = 0.0
    opens: bool = False


class _Site(_Loose):
    site_id: str = ""
    rank: int = 0
    name_ko: str = ""
    name_en: str = ""
    it_mw: _Number = 0.0
    voltage_kv: _Number = 0.0
    bn_krw_per_mw: _Number = 0.0
    province_code: str = ""
    option_id: str = ""
    lon: _Number = 0.0
    lat: _Number = 0.0
    open_year: int | None = None
    steps: list[_Step] = []

    @model_validator(mode="after")
    def _costs_are_numbers(self) -> Self:
        for key, value in (self.model_extra or {}).items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if key.endswith("_bn_krw") and not (is_number or value is None):
                raise ValueError(f"{key} is {value!r}; a number is needed")
        return self


class _Limit(_Loose):
    family: str = ""
    limit: str = ""
    used: _Number = 0.0
    at_most: _Number | None = None
    binds: bool = False


class _Year(_Loose):
    year: int = 0
    it_mw: _Number = 0.0
    target_it_mw: _Number = 0.0
    capital_bn_krw: _Number = 0.0
    opens: list[str] = []
    grows: list[str] = []


class _Further(_Loose):
    province_en: str = ""
    province_ko: str = ""
    snapshot_id: str | None = None
    further_mw: _Number | None = None
    branches_en: list[str] = []
    branches_ko: list[str] = []


class _Flow(_Loose):
    snapshot_id: str = ""
    year: int | None = None
    branches_en: list[str] = []
    branches_ko: list[str] = []
    slack_mw: _Number = 0.0
    further_branches: _Count = 0
    mw_per_mw: dict[str, _Number] = {}


class _Grid(_Loose):
    model: str = ""
    security: str = ""
    further_by_province: list[_Further] = []
    flow_limits: list[_Flow] = []


class _CleanScores(_Loose):
    hourly_clean_pct: _Number = 0.0
    annual_clean_pct: _Number = 0.0


class _Range(_Loose):
    value: _Number = 0.0
    low: _Number = 0.0
    high: _Number = 0.0


class _Energy(_Loose):
    matching: str = ""
    price_krw_kwh: _Number = 0.0
    typical_days: _CleanScores = _CleanScores()
    year_replayed: _CleanScores = _CleanScores()
    curve_price_krw_kwh: _Range | None = None


class _Certainty(_Loose):
    draws: int = 0
    robust_share_pct: _Number = 0.0
    robust: dict[str, list[str]] = {}
    committed_mean_bn_krw: _Number = 0.0
    committed_p95_bn_krw: _Number = 0.0


class _Portfolio(_Loose):
    scenario: str = ""
    status: str = ""
    objective_bn_krw: _Number = 0.0
    bound_bn_krw: _Number = 0.0
    objective_suitable_mw: _Number = 0.0
    bound_suitable_mw: _Number = 0.0
    gap: _Number = 0.0
    year: int | None = None
    it_min_mw: _Number = 0.0
    block_it_mw: _Number = 0.0
    sites: list[_Site] = []
    limits: list[_Limit] = []
    years: list[_Year] = []
    grid: _Grid | None = None
    energy: _Energy | None = None
    certainty: _Certainty | None = None


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
    return _read(content, path, _Record)


def portfolio_of(content: bytes, path: Path) -> dict[str, Any]:
    """Return the parsed content of ``portfolio.json``; errors as :func:`record_of`.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.
    """
    return _read(content, path, _Portfolio)


def _read(content: bytes, path: Path, model: type[BaseModel]) -> dict[str, Any]:
    try:
        parsed = json_of(content, path)
    except LayerError as error:
        raise LayerFileError(f"{error}; run again") from error
    if not isinstance(parsed, dict):
        raise LayerFileError(f"{path}: not the record of a run; run again")
    try:
        model.model_validate(parsed)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(f"no. {one + 1}" if isinstance(one, int) else one for one in fault["loc"])
        raise LayerFileError(
            f"{path}: {place}: {fault['msg'].removeprefix('Value error, ')}; run again"
        ) from error
    return Said(parsed, path)
