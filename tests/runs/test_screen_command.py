from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siteopt.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["siteopt", *words])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.national
def test_the_command_prints_areas_and_margins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "land.tif")
    words = ("screen", "national-2035", "--out", out, "--cell-m", "2000", "--nearly")
    assert called(monkeypatch, *words) == 0
    printed = capsys.readouterr().out
    assert "station_distance" in printed
    assert "10000 m" in printed
    assert "land 100,576.0 km2, eligible " in printed
    assert f"written: {out}, {out[:-4]}-nearly.tif, and tables beside them (.csv)" in printed
    assert " nan" not in printed


def test_a_cell_size_out_of_range_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("screen", "national-2035", "--out", str(tmp_path / "land.tif"), "--cell-m", "5")
    assert called(monkeypatch, *words) == 2
    error = capsys.readouterr().err
    assert "cell_m" in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())
