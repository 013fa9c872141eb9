"""Places by name and coordinates, and the files of the places that a scenario names."""

from __future__ import annotations

import base64
import itertools
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from siteopt._csv import read_csv
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers.cells import ArrayCells
from siteopt.layers.gazetteer import gazetteer_of
from siteopt.report import ranking_table
from siteopt.report._place_index import area_runs, places_payload
from siteopt.report.places.answer import answer_area, answer_place, answer_point
from siteopt.report.places.coordinates import in_degrees, in_metres, read_coordinates
from siteopt.report.places.lookup import one_place
from siteopt.report.places.named import place_answers
from siteopt.report.places.sources import places_of_tables
from siteopt.runs.results import open_run
from siteopt.stages.keys import scenario_token
from tests.report.small_places import X0, Y0, names, placed_run, shaped_run
from tests.report.written import write_run

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report.places.tables import PlaceTables


@pytest.fixture(scope="module")
def tables() -> PlaceTables:
    run = placed_run()
    return places_of_tables(run, ranking_table(run))


def listed(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("126.45,34.77", (126.45, 34.77)),
        ("34.77, 126.45", (126.45, 34.77)),
        ("(126.45 34.77)", (126.45, 34.77)),
        ("36°30′N 127°15′36″E", (127.26, 36.5)),
        ("동경 127도 15분 36초, 북위 36도 30분", (127.26, 36.5)),
        ("-53,-37", (-53.0, -37.0)),
    ],
)
def test_coordinates_are_read_as_people_write_them(text: str, wanted: tuple[float, float]) -> None:
    assert read_coordinates(text) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    "text", ["1050000,1800000", "x=1050000, y=1800000", "EPSG:5179 1800000 1050000"]
)
def test_metres_are_those_of_epsg_5179(text: str) -> None:
    lon, lat = read_coordinates(text)
    assert in_metres(lon, lat) == pytest.approx((1_050_000, 1_800_000), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("126.45,north", "not LON,LAT in degrees, such as 126.45,34.77"),
        ("100,127.5", "latitude 127.5 is beyond the pole"),
        ("950000,19", "look like metres, but not of EPSG:5179"),
        ("1,2,3", "not LON,LAT"),
    ],
)
def test_other_numbers_say_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        read_coordinates(text)


def test_a_name_is_one_place_or_the_ones_it_may_be(tables: PlaceTables) -> None:
    assert one_place("담양군 봉산면 신촌리", tables.index, "").key == "4618031021"
    assert one_place("전남나주시금천읍", tables.index, "").key == "46170250"
    assert one_place("풍산", tables.index, "").label == "경상북도 안동시 풍산읍"
    with pytest.raises(ScenarioError, match=r"신촌리: 3 places have this name: 전라남도 나주시 금천읍 신촌리 \(village 4617025021\).*give the units above it"):  # fmt: skip
        one_place("신촌리", tables.index, "")
    with pytest.raises(ScenarioError, match=r"산: .* places have this in their name"):
        one_place("산", tables.index, "")
    with pytest.raises(
        ScenarioError, match="없는곳: no site of this run and no place of that name; what"
    ):
        one_place("없는곳", tables.index, "what")


def test_an_area_is_told_by_its_cells(tables: PlaceTables) -> None:
    place = one_place("안동시", tables.index, "")
    found = answer_area(place, tables)
    assert found is not None
    lattice, codes = tables.lattice, tables.codes
    x, y = lattice.centres_m(*np.indices(lattice.shape))
    inside = (x > X0 + 30_000) & (x < X0 + 60_000) & (y > Y0) & (y < Y0 + 40_000)
    assert found.figures["area_km2"] == pytest.approx(inside.sum() * 0.25)
    assert found.figures["eligible_km2"] == pytest.approx((inside & (codes == 0)).sum() * 0.25)
    rows = tables.verdicts.rows
    there = [site for site in rows if rows[site]["district_code"] == "47170"]
    assert (found.figures["candidates"], found.figures["site_id"]) == (len(there), there[0])
    assert found.figures["rival_id"] == tables.verdicts.of(there[0]).rival
    assert "slope" not in found.figures["failed"]
    assert any("하천: 20%" in line for line in found.lines("ko"))


def test_an_area_smaller_than_the_cells_is_told_by_its_point(tables: PlaceTables) -> None:
    found = answer_place(one_place("좁은동", tables.index, ""), tables)
    assert "area_km2" not in found.figures
    assert found.kind == "area"


def test_a_point_names_where_it_is_what_excludes_it_and_what_is_near(tables: PlaceTables) -> None:
    lon, lat = in_degrees(X0 + 12_000, Y0 + 7_000)
    found = answer_point(lon, lat, tables)
    assert found.figures["failed"] == ("rivers",)
    assert found.figures["area_name_ko"] == "금천읍"
    near = tables.verdicts.rows
    metres = {
        site: np.hypot(x - X0 - 12_000, y - Y0 - 7_000) for site, (x, y) in tables.sites.items()
    }
    assert found.figures["site_id"] == min(metres, key=lambda site: metres[site])
    assert found.figures["complex_id"] == "C1"
    told = found.lines("ko")
    assert "  ".join(told).count("[미충족 · 해당]") == 1
    assert "  ".join(told).count("[충족 · 해당 없음]") == 2
    assert any("후보지 아님(사유: 최소 규모를 지을 면적이 되지 않음)" in line for line in told)
    assert len(near) == 24


def test_what_other_exclusions_leave_is_judged_only_where_they_leave_it() -> None:
    run = shaped_run()
    shaped = places_of_tables(run, ranking_table(run))

    def marks(x_m: float, y_m: float) -> list[str]:
        lines = answer_point(*in_degrees(X0 + x_m, Y0 + y_m), shaped).lines("en")
        return [line.split("]")[0] + "]" for line in lines if line.startswith("[")]

    open_mark, met = "[not judged: excluded by others]", "[passed]"
    assert marks(12_000, 7_000) == ["[failed]", open_mark, open_mark, met, met]
    assert marks(5_000, 35_000) == ["[failed]", open_mark, met, met, met]
    assert marks(25_000, 35_000) == ["[failed]", met, met, met, met]
    assert marks(25_000, 20_000) == [met] * 5
    told = answer_point(*in_degrees(X0 + 12_000, Y0 + 7_000), shaped).lines("en")
    assert "Of 5 exclusions 1 apply, 2 do not" in told


def test_a_point_in_the_sea_or_far_away_is_not_eligible(tables: PlaceTables) -> None:
    sea = answer_point(*in_degrees(X0 - 2_000, Y0 + 7_000), tables)
    assert (sea.figures["eligible"], sea.figures["failed"]) == (False, ("sea",))
    assert "소재지: 읍·면·동 구역 밖(육지 밖 또는 자료 없음)" in sea.lines("ko")
    far = answer_point(0.0, 0.0, tables)
    assert (far.figures["eligible"], far.verdict("en")) == (
        None,
        "This place lies outside the screened country.",
    )


def test_a_run_without_a_feasible_site_still_answers() -> None:
    run = placed_run()
    ranking = ranking_table(run)
    none = ranking.assign(chosen=False, proof="impossible", reason="connection")
    tables = places_of_tables(run, none)
    found = answer_point(*in_degrees(X0 + 12_000, Y0 + 12_000), tables)
    assert found.figures["site_state"] == "impossible"
    assert any("입지 불가" in line for line in found.lines("ko"))
    empty = places_of_tables(run, none.head(0))
    assert "이 결과에는 후보지가 없습니다." in answer_point(127.6, 36.3, empty).lines("ko")
    assert answer_place(one_place("나주시", empty.index, ""), empty).figures["candidates"] == 0


def test_runs_of_cells_are_the_cells_again() -> None:
    random = np.random.default_rng(7)
    for size in ((1, 1), (7, 9), (40, 33)):
        cells = random.integers(0, 4, size).repeat(2, 0).repeat(3, 1).astype(np.int64)
        borders, order, fresh = area_runs(cells)
        assert np.array_equal(decoded(cells.shape, borders, order, fresh), cells)


def decoded(shape: tuple[int, ...], borders: bytes, order: bytes, fresh: bytes) -> Any:
    """Return the cells of `area_runs` by its description alone."""
    begins = np.unpackbits(np.frombuffer(borders, np.uint8))[: shape[0] * shape[1]].reshape(shape)
    numbers, value, scale = [], 0, 1
    for byte in fresh:
        value += byte % 128 * scale
        scale *= 128
        if byte < 128:
            numbers.append(-(value + 1) // 2 if value % 2 else value // 2)
            value, scale = 0, 1
    steps, runs, last = iter(numbers), iter(order), 0
    found = np.zeros(shape, dtype=np.int64)
    for row in range(shape[0]):
        starts = [0, *np.flatnonzero(begins[row]).tolist(), shape[1]]
        before = None
        for start, end in itertools.pairwise(starts):
            above = dict.fromkeys((found[row - 1] if row else found[row] * 0)[start:end].tolist())
            known = [number for number in above if number != before]
            seen = next(runs)
            if seen:
                before = known[seen - 1]
            else:
                last += next(steps)
                before = last
            found[row, start:end] = before
    return found


def test_the_index_of_the_page_is_the_same_for_the_same_run(tables: PlaceTables) -> None:
    first, second = (json.dumps(places_payload(tables)) for _ in range(2))
    assert first == second
    lines = zlib.decompress(base64.b64decode(places_payload(tables)["gazetteer"]["names"])).decode()
    assert lines.splitlines()[0] == "금천읍,신촌,고동"
    assert "풍산읍,하리1!" in lines


LIST = """name,lon,lat,x,y,note
담양군 봉산면,,,,,군청 질의
시험 지점,127.6,36.3,,,
"=HYPERLINK(""x"")",,,1012000,1812000,+82
S0003,,,,,
C2,,,,,
"""


def test_named_places_are_files_of_the_run(tmp_path: Path) -> None:
    run = placed_run(places=listed(tmp_path / "names.csv", LIST))
    answers = place_answers(run, ranking_table(run))
    assert [one.kind for one in answers] == ["area", "point", "point", "site", "complex"]
    write_run(run, tmp_path / "run", {})
    table = read_csv((tmp_path / "run" / "places.csv").read_bytes(), {"key": str})
    assert table["name_ko"].tolist()[:3] == [
        "전라남도 담양군 봉산면",
        "시험 지점",
        '=HYPERLINK("x")',
    ]
    raw = (tmp_path / "run" / "places.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in raw
    told = json.loads((tmp_path / "run" / "places.json").read_text(encoding="utf-8"))
    assert [one["note"] for one in told] == ["군청 질의", "", "+82", "", ""]
    for one, answer in zip(told, answers, strict=True):
        said = [(part["head"], part["lines"]) for part in one["answer_ko"]]
        assert said == answer.said("ko")
    assert table["eligible_pct"][0] == pytest.approx(answers[0].figures["eligible_pct"])
    record = open_run(tmp_path / "run").record
    assert record["scenario"]["report"]["places"] == "names.csv"
    assert [one["file"] for one in record["places"]] == ["names.csv"]
    twice = tmp_path / "again"
    write_run(run, twice, {})
    for name in ("places.csv", "places.json", "map.html"):
        assert (twice / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


def test_a_run_without_a_list_has_no_such_files(tmp_path: Path) -> None:
    write_run(placed_run(), tmp_path / "run", {})
    assert not list((tmp_path / "run").glob("places*"))
    assert "places" not in open_run(tmp_path / "run").record


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place\n금천읍\n", "column name is missing"),
        ("name\n", "no places below"),
        ("name,lon,lat\n,127,36\n", "row 2: name is empty"),
        ("name,lon,lat\n금천읍,,\n가,127.6,\n", "row 3: lat is empty; a number is needed"),
        ("name,x,y\n가,east,1\n", "row 2: x is 'east'; a number is needed"),
        ("name\n금천읍\n없는곳\n", "names.csv: row 3: 없는곳: no site of this run and no place"),
        ("name\n신촌리\n", "names.csv: row 2: 신촌리: 3 places have this name"),
        ("name,lon,lat\n먼 곳,10,20\n", "row 2: 10, 20 lies outside the screened country"),
        ("name\n가\u202e나\n", "row 2: name .* holds U\\+202E"),
        ("name\n" + "가" * 201 + "\n", "row 2: name has 201 signs"),
        ("name\n" + "금천읍\n" * 1001, "1,001 places; at most 1,000"),
    ],
)
def test_a_wrong_list_names_file_and_row(tmp_path: Path, text: str, message: str) -> None:
    run = placed_run(places=listed(tmp_path / "names.csv", text))
    with pytest.raises((ScenarioError, LayerError), match=message) as caught:
        place_answers(run, ranking_table(run))
    assert str(caught.value).startswith("names.csv: ")
    assert "\n" not in str(caught.value)


def test_a_list_that_is_not_there_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(LayerFileError, match="no such file"):
        place_answers(placed_run(places=tmp_path / "names.csv"), ranking_table(placed_run()))


def test_a_gazetteer_must_fit_its_cells() -> None:
    run = placed_run()
    layers: Any = run.layers
    short = names()
    layers.vectors["gazetteer"] = short[short["code"] != "46180310"]
    with pytest.raises(LayerError, match="gazetteer: 4618031021 is of no area"):
        gazetteer_of(layers)
    layers.vectors["gazetteer"] = short[short["code"].str.startswith("4617")]
    with pytest.raises(
        LayerError, match="eupmyeondong: a cell has area 6, and the layer gazetteer has 2"
    ):
        gazetteer_of(layers)


def test_cells_of_another_size_take_the_area_of_their_centre(tables: PlaceTables) -> None:
    coarse = Lattice(X0 - 5_000, Y0 + 45_000, 5_000, n_rows=10, n_cols=14)
    codes = np.zeros(coarse.shape, dtype=np.uint32)
    other = replace(tables, read_cells=lambda: ArrayCells(codes, coarse))
    found = other.cell_areas
    assert found is not None
    x, y = coarse.centres_m(*np.indices(coarse.shape))
    gazetteer = tables.gazetteer
    assert gazetteer is not None
    wanted = [
        (gazetteer.area_at(one, two) if gazetteer.area_at(one, two) is not None else -1) + 1  # type: ignore[operator]
        for one, two in zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)
    ]
    assert found.ravel().tolist() == wanted
    assert set(wanted) == set(range(7))


def test_a_list_counts_by_its_content(tmp_path: Path) -> None:
    path = listed(tmp_path / "names.csv", "name\n금천읍\n")
    before = scenario_token(placed_run(places=path).scenario.report.places)
    assert scenario_token(placed_run(places=path).scenario.report.places) == before
    listed(path, "name\n담양읍\n")
    assert scenario_token(placed_run(places=path).scenario.report.places) != before
