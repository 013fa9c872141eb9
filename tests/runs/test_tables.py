"""Tables and raster of a run folder that are not as a run writes them."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt.errors import LayerFileError
from siteopt.runs.tables import complexes_of, open_reasons, ranking_of

HEAD = "site_id,rank,chosen,it_mw,facility_mw,route_km,route_oh_km,stations,name_ko\n"
ROW = "0012,1,True,40,50,6.5,6.5,A1 154 590.0; B2 345 0.0 model 5.0 _/_,가\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + ROW.replace(",40,", ",forty,"), "row 2: it_mw is 'forty'; a number is needed"),
        (HEAD + ROW.replace(",40,", ",inf,"), "row 2: it_mw is inf; a number is needed"),
        (HEAD + ROW.replace(",50,", ",,"), "row 2: facility_mw is empty; a figure, as of it_mw"),
        (
            HEAD + ROW.replace("6.5,6.5", "6.5,"),
            "row 2: route_oh_km is empty; a figure, as of rou",
        ),
        (HEAD + ROW.replace("True", "perhaps"), "row 2: chosen is 'perhaps'; true or false"),
        (HEAD + ROW.replace("590.0", "room"), "row 2: stations is"),
        (HEAD + ROW.replace("가", "가\u202e"), "holds U+202E"),
        (HEAD + ROW.replace("0012", ""), "a row has no site_id"),
        (HEAD + ROW.replace("가", "가,1"), "not the table of a run"),
        (HEAD.replace("site_id", "id") + ROW, "column site_id is missing"),
        ("", "not the table of a run"),
        ("\0", "holds U+0000"),
        (HEAD + '"' + ROW, "not the table of a run"),
    ],
)
def test_a_ranking_that_is_none_is_one_line(tmp_path, text, message):
    path = tmp_path / "ranking.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(LayerFileError) as caught:
        ranking_of(path.read_bytes(), path)
    assert "ranking.csv" in str(caught.value)
    assert message in str(caught.value)


def test_ids_stay_text_and_numbers_are_numbers(tmp_path):
    path = tmp_path / "ranking.csv"
    path.write_text("\ufeff" + HEAD + ROW, "utf-8")
    table = ranking_of(path.read_bytes(), path)
    assert table.loc[0, ["site_id", "chosen", "it_mw", "name_ko"]].tolist() == [
        "0012",
        True,
        40,
        "가",
    ]


def test_complexes_need_what_is_told_of_them(tmp_path):
    path = tmp_path / "complexes.csv"
    path.write_text("complex_id,name_ko,name_en,eligible_ha,area_rule\nC1,가,A,1,x\n", "utf-8")
    with pytest.raises(LayerFileError, match=r"complexes\.csv: column excluded_by is missing"):
        complexes_of(path.read_bytes(), path)


def opened(path):
    return open_reasons(path.read_bytes(), path)


def raster(path, dtype="uint8", *, turned=False, driver="GTiff"):
    place = from_origin(1e6, 1.8e6, 250, 250)
    with rasterio.open(
        path, "w", driver=driver, height=50, width=50, count=1, dtype=dtype, crs="EPSG:5179",
        transform=place @ place.rotation(10) if turned else place,
    ) as target:  # fmt: skip
        target.write(np.ones((50, 50), dtype), 1)
    return path


def test_a_raster_of_reasons_is_a_plain_geotiff(tmp_path):
    with opened(raster(tmp_path / "a.tif")) as source:
        assert source.read(1).sum() == 2500
    for odd in ({"dtype": "float32"}, {"turned": True}):
        with (
            pytest.raises(LayerFileError, match=r"a\.tif: not the raster of a run"),
            opened(raster(tmp_path / "a.tif", **odd)),
        ):
            pass
    with (
        pytest.raises(LayerFileError, match=r"a\.tif: cannot be read as a GeoTIFF"),
        opened(raster(tmp_path / "a.tif", driver="PNG")),
    ):
        pass
    path = raster(tmp_path / "b.tif")
    path.write_bytes(path.read_bytes()[:-1000])
    with (
        pytest.raises(LayerFileError, match=r"b\.tif: cannot be read as a GeoTIFF"),
        opened(path) as source,
    ):
        source.read(1)
