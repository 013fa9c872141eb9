import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import read_catalogue
from siteopt.sources import build as module
from siteopt.sources.build import build_layers

FACTS = (
    "key,value,low,high,unit,kind,source,confidence,price_year,price_year_basis\n"
    "my_cost,60,30,120,M KRW/km,cost,s,c,2021,stated\n"
)
MARKET = "key,value,unit,region,as_of,source,confidence\n" + "".join(
    f"{key},100,KRW/kWh,mainland,2024-10-24,s,published\n"
    for key in (
        "solar_auction_award", "onshore_wind_auction_ceiling", "offshore_wind_auction_ceiling",
        "industrial_tariff_large",
    )
)  # fmt: skip


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Return sources, facts and out; only the parameters are built."""
    monkeypatch.setattr(module, "BUILDERS", ("parameters",))
    (tmp_path / "sources").mkdir()
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "parameters.csv").write_text(FACTS)
    (tmp_path / "facts" / "clean_energy_market.csv").write_text(MARKET)
    return tmp_path / "sources", tmp_path / "facts", tmp_path / "out"


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_build_writes_files_and_catalogue_and_the_same_bytes_twice(folders):
    entries = build_layers(*folders)
    first = content(folders[2])
    assert "parameters" in [entry.id for entry in entries]
    assert set(first) == {"catalogue.toml", *(entry.file for entry in entries)}
    assert list(read_catalogue(folders[2])) == entries
    build_layers(*folders)
    assert content(folders[2]) == first


def test_tables_kept_by_hand_survive_and_files_that_are_no_layer_go(folders):
    build_layers(*folders)
    reference = folders[2] / "reference"
    mine = "key,value,low,high,unit,kind,source,confidence\nmy_view,1,,,-,assumption,s,c\n"
    (reference / "assumptions.csv").write_text(mine)
    (reference / "old.csv").write_text("x\n")
    build_layers(*folders)
    assert (reference / "assumptions.csv").read_text() == mine
    assert not (reference / "old.csv").exists()


def test_a_layer_that_fails_its_check_leaves_what_was_there(folders):
    build_layers(*folders)
    before = content(folders[2])
    (folders[1] / "parameters.csv").write_text(FACTS.replace("my_cost", ""))
    with pytest.raises(LayerError, match=r"parameters.csv: row 6 .*key is empty"):
        build_layers(*folders)
    assert content(folders[2]) == before
    assert sorted(path.name for path in folders[2].iterdir()) == ["catalogue.toml", "reference"]


def test_missing_folders_and_files_are_named(folders):
    sources, facts, out = folders
    with pytest.raises(LayerFileError, match=r"--sources: .*nowhere is not a folder"):
        build_layers(sources / "nowhere", facts, out)
    (facts / "parameters.csv").unlink()
    with pytest.raises(LayerFileError, match=r"parameters.csv: not there; the builder 'param"):
        build_layers(sources, facts, out)
    assert content(out) == {}
