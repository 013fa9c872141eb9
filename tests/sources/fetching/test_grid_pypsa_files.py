"""Files of PyPSA networks that are not as they must be."""

from __future__ import annotations

import sys

import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources.fetching.grid_pypsa_files import read_pypsa


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "buses.csv").write_text(
        "name,v_nom,carrier\n01,345,\nNA,154,AC\n", encoding="utf-8"
    )
    (tmp_path / "loads.csv").write_text("name,bus,p_set\n1,01,\n", encoding="utf-8")
    return tmp_path


def test_names_stay_as_they_are_and_empty_numbers_are_none(folder):
    found = read_pypsa(folder)
    assert found.table("buses").index.tolist() == ["01", "NA"]
    assert found.table("buses")["carrier"].tolist() == ["", "AC"]
    assert found.table("loads")["bus"].tolist() == ["01"]
    assert found.table("loads")["p_set"].isna().all()
    assert found.table("lines").empty
    assert len(found.snapshots) == 0


def test_snapshots_that_are_no_times_are_passed_over(folder):
    (folder / "snapshots.csv").write_text(",snapshot\n0,now\n", encoding="utf-8")
    assert len(read_pypsa(folder).snapshots) == 0
    (folder / "snapshots.csv").write_text(",snapshot\n0,2030-01-01 05:00\n", encoding="utf-8")
    assert read_pypsa(folder).snapshots[0].hour == 5


def test_faults_are_said_in_one_line(folder, tmp_path):
    with pytest.raises(LayerFileError, match=r"has no buses\.csv"):
        read_pypsa(tmp_path / "..")
    with pytest.raises(LayerFileError, match="not there; give a folder"):
        read_pypsa(tmp_path / "none.nc")
    (folder / "snapshots.csv").write_text(",snapshot\n0,2030-01-01\n", encoding="utf-8")
    (folder / "loads-p_set.csv").write_text(",1\n0,5\n1,6\n", encoding="utf-8")
    with pytest.raises(LayerError, match="loads-p_set has 2 rows; the network has 1 snapshots"):
        read_pypsa(folder)
    (folder / "loads-p_set.csv").unlink()
    (folder / "loads.csv").write_text("name,bus\n1,a\n1,b\n", encoding="utf-8")
    with pytest.raises(LayerError, match="loads: 1 appears twice"):
        read_pypsa(folder)
    (folder / "loads.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LayerFileError, match=r"loads\.csv: cannot be read as CSV"):
        read_pypsa(folder)


def test_netcdf_that_is_none(tmp_path, monkeypatch):
    pytest.importorskip("netCDF4")
    (tmp_path / "a.nc").write_bytes(b"<html>")
    with pytest.raises(LayerFileError, match=r"a\.nc: cannot be read as netCDF"):
        read_pypsa(tmp_path / "a.nc")
    monkeypatch.setitem(sys.modules, "netCDF4", None)
    with pytest.raises(LayerFileError, match=r"install siteopt\[netcdf\]"):
        read_pypsa(tmp_path / "a.nc")
