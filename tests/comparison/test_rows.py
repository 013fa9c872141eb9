"""What changed inside a layer, counted by hand."""

import json
import re

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt.comparison.rows import compare_layer, layer_summary
from siteopt.report.texts import texts

HEAD = "station_id,name_ko,lon,lat,voltage_max_kv\n"
ROWS = ["S1,일,127.0,36.0,154", "S2,이,127.5,36.5,345", "S3,삼,128.0,35.5,154"]


def table(folder, name, rows, head=HEAD):
    path = folder / name
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_rows_added_removed_moved_and_changed_are_counted(tmp_path):
    before = table(tmp_path, "a.csv", ROWS)
    # S1 moves 0.001 degrees north (111 m), S2 has another voltage and name, S3 goes, S4 comes
    after = table(
        tmp_path, "b.csv",
        ["S1,일,127.0,36.001,154", "S2,둘,127.5,36.5,765", "S4,사,128.1,35.6,154"],
    )  # fmt: skip
    found = compare_layer("stations", before, after)
    rows = found.rows.set_index(["change", "row", "column"])
    assert sorted(rows.index) == [
        ("added", "S4", ""), ("changed", "S2", "name_ko"), ("changed", "S2", "voltage_max_kv"),
        ("moved", "S1", "geometry"), ("removed", "S3", ""),
    ]  # fmt: skip
    assert rows.loc[("moved", "S1", "geometry"), "distance_m"] == pytest.approx(111.0, abs=0.5)
    assert rows.loc[("changed", "S2", "voltage_max_kv"), ["before", "after"]].tolist() == [
        "345", "765",
    ]  # fmt: skip
    assert found.matters
    assert found.summary == (
        "1 rows added; 1 rows removed; 1 rows moved by up to 111 m; "
        "1 rows with other values: name_ko (1), voltage_max_kv (1)"
    ).replace("1 rows", "1 row")
    assert layer_summary(found.facts, "ko").startswith(
        "1행 추가; 1행 삭제; 1행 위치·형상 변경(최대 111 m)"
    )


def test_the_same_rows_written_another_way_matter_only_by_their_order(tmp_path):
    before = table(tmp_path, "a.csv", ROWS)
    other = [row.replace("127.0", "127.000").replace("345", "345.0") for row in ROWS]
    assert not compare_layer("stations", before, table(tmp_path, "b.csv", other)).matters
    turned = compare_layer("stations", before, table(tmp_path, "c.csv", ROWS[::-1]))
    assert turned.rows.empty
    assert turned.matters
    assert turned.summary == "the same rows in another order"


@pytest.mark.parametrize(("column", "matters"), [("value", True), ("source", False), ("low", True)])
def test_a_note_of_a_parameter_does_not_matter(tmp_path, column, matters):
    names = ["key", "value", "low", "high", "unit", "kind", "source", "confidence"]
    cells = ["cost", "5", "1", "9", "bn", "cost", "x", "high"]
    other = [("7" if name == column else cell) for name, cell in zip(names, cells, strict=True)]
    files = [
        table(tmp_path, f"{at}.csv", [",".join(row)], ",".join(names) + "\n")
        for at, row in enumerate((cells, other))
    ]
    found = compare_layer("parameters", *files)
    assert found.matters is matters
    assert found.rows["column"].tolist() == [column]


def test_a_layer_without_a_known_key_is_compared_row_by_row(tmp_path):
    files = [
        table(tmp_path, name, rows, "place,mw\n")
        for name, rows in (("a.csv", ["x,1", "x,1", "y,2"]), ("b.csv", ["x,1", "y,2", "y,3"]))
    ]
    found = compare_layer("my_table", *files)
    assert found.rows[["change", "row"]].to_numpy().tolist() == [
        ["added", "y · 3"], ["removed", "x · 1 #2"],
    ]  # fmt: skip


def test_shapes_move_by_their_farthest_point(tmp_path):
    def polygons(name, east):
        ring = [[127, 36], [east, 36], [east, 36.1], [127, 36.1], [127, 36]]
        feature = {"type": "Feature", "properties": {"park_id": "P", "name_ko": "공원"},
                   "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
        return path

    found = compare_layer("parks", polygons("a.geojson", 127.1), polygons("b.geojson", 127.2))
    assert found.rows["change"].tolist() == ["moved"]
    # a tenth of a degree of longitude at 36 degrees north is 9.0 km
    assert found.rows["distance_m"].iloc[0] == pytest.approx(9_017, abs=15)


def raster(folder, name, cells, cell_m=1000.0):
    values = np.asarray(cells, dtype=np.float32)
    with rasterio.open(
        folder / name, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype="float32", crs="EPSG:5179", nodata=-1, transform=from_origin(1e6, 1.8e6, cell_m, cell_m),
    ) as file:  # fmt: skip
        file.write(values, 1)
    return folder / name


def test_cells_of_a_raster_are_compared_one_by_one(tmp_path):
    before = raster(tmp_path, "a.tif", [[1, 2, 3, 4], [5, 6, 7, -1]])
    after = raster(tmp_path, "b.tif", [[1, 4, 2, 4], [5, 6, -1, 8]])
    found = compare_layer("slope", before, after)
    assert found.matters
    assert dict(found.facts)["cells"] == {
        "n": "2", "pct": "33", "mean": "+0.5", "low": "-1", "high": "+2",
    }  # fmt: skip
    assert [key for key, _ in found.facts] == ["cells", "lost", "found"]
    assert not compare_layer("slope", before, before).matters
    coarse = compare_layer("slope", before, raster(tmp_path, "c.tif", [[1, 2]], 2000.0))
    assert "other cells: 2 x 4 cells of 1000 m, now 1 x 2 cells of 2000 m" in coarse.summary


def test_a_layer_that_one_side_lacks_is_said_so(tmp_path):
    path = table(tmp_path, "a.csv", ROWS)
    assert compare_layer("stations", None, path).summary == "new layer"
    assert compare_layer("stations", path, None).summary == "layer removed"


def test_every_text_has_both_languages_and_the_same_figures():
    for key, both in texts().items():
        named = [sorted(re.findall(r"\{(\w+)\}", both[language])) for language in ("ko", "en")]
        assert named[0] == named[1], key
        assert bool(both["ko"]) == bool(both["en"]), key
