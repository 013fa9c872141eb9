"""Signs that are not seen are refused by name, in every text of a layer."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from siteopt.errors import LayerError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers

HEAD = "plant_id,name_ko,fuel,mw,lon,lat,status,confidence,note\n"


def plants(tmp_path, name="가", note="x", head=HEAD):
    path = tmp_path / "plants.csv"
    path.write_text(f'{head}p1,{name},gas,100,127,36,,low,"{note}"\n', encoding="utf-8", newline="")
    return Layers(read_catalogue(), {"power_plants": path}).vector("power_plants")


@pytest.mark.parametrize("code", [0x01, 0x07, 0x1B, 0x7F, 0x85, 0x9B, 0x61C, 0x200B, 0x200E, 0x200F,
                                  0x202A, 0x202D, 0x202E, 0x2028, 0x2060, 0x2066, 0x2069, 0xFEFF, 0xE0041])  # fmt: skip
@pytest.mark.parametrize("place", ["name", "note", "head"])
def test_a_hidden_sign_is_named_with_its_place(tmp_path, code, place):
    bad = f"a{chr(code)}b"
    given = {"head": HEAD.replace("note", bad)} if place == "head" else {place: bad}
    with pytest.raises(LayerError) as caught:
        plants(tmp_path, **given)
    message = str(caught.value)
    assert message.isprintable()
    assert f"U+{code:04X}" in message
    where = {
        "name": "row 2 (plant_id p1): name_ko holds",
        "note": "note holds",
        "head": "name of column 9",
    }
    assert where[place] in message


def test_a_name_is_one_line_and_a_note_may_be_several(tmp_path):
    assert plants(tmp_path, note="하나\n둘\t셋")["note"].tolist() == ["하나\n둘\t셋"]
    for sign, called in (("\t", "U+0009 (a tab)"), ("\n", "U+000A (a line end)")):
        with pytest.raises(LayerError, match="name_ko holds") as caught:
            plants(tmp_path, name=f'"가{sign}나"')
        assert called in str(caught.value)


def test_korean_hanja_and_signs_that_are_seen_are_fine(tmp_path):
    name = "당진(唐津) 1·2호기 – ㈜한국 ½ α ﾊﾝ ＡＢ 👩\u200d🔧"
    assert plants(tmp_path, name=name)["name_ko"].tolist() == [name]


def test_layers_without_a_schema_are_looked_at_too(tmp_path):
    bad = gpd.GeoDataFrame(
        {"memo": ["x", "a\u202eb"]}, geometry=[shapely.Point(127, 36)] * 2, crs=4326
    )
    bad.to_file(tmp_path / "zone.gpkg")
    with pytest.raises(LayerError, match=r"zone.gpkg: feature 2: memo holds U\+202E"):
        Layers(read_catalogue(), {"zone": tmp_path / "zone.gpkg"}).vector("zone")
    pd.DataFrame({"memo": ["a\u200fb"]}).to_csv(tmp_path / "list.csv", index=False)
    with pytest.raises(LayerError, match=r"list.csv: row 2: memo holds U\+200F"):
        Layers(read_catalogue(), {"list": tmp_path / "list.csv"}).table("list")


def test_ids_that_look_the_same_are_the_same(tmp_path):
    path = tmp_path / "headroom.csv"
    path.write_text(
        "station_id,voltage_kv,headroom_mw,year\n\uac00,154,5,2030\n\u1100\u1161,154,6,2030\n",
        encoding="utf-8",
    )
    with pytest.raises(LayerError, match=r"row 3 .*appears twice"):
        Layers(read_catalogue(), {"headroom": path}).table("headroom")
