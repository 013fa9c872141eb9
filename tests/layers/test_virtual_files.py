"""Rasters behind GDAL's virtual file systems: named on the command line alone, read as others."""

import http.server
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt._data import data_folder
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.layers import raster_reading
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.raster_file import RasterFile
from siteopt.layers.raster_reading import cells_hash, open_raster, read_raster
from siteopt.layers.store import Layers
from siteopt.layers.virtual_files import gdal_name, is_virtual, layers_of_options, virtual_file
from siteopt.scenario import load_scenario
from siteopt.stages.keys import Keys


def write(path: Path, seed: int = 1, compress: str | None = "DEFLATE") -> Path:
    values = np.random.default_rng(seed).integers(0, 60, (700, 600)).astype(np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", width=600, height=700, count=1, dtype="uint8", crs="EPSG:5179",
        transform=from_origin(900_000, 2_000_000, 250, 250), tiled=True, compress=compress,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


class RangeHandler(http.server.SimpleHTTPRequestHandler):
    """A server that gives parts of files, as object storage does."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        asked = self.headers.get("Range")
        if not asked or not path.is_file():
            super().do_GET()
            return
        first, _, last = asked.removeprefix("bytes=").partition("-")
        content = path.read_bytes()
        end = min(int(last or len(content) - 1), len(content) - 1)
        part = content[int(first) : end + 1]
        server: Any = self.server
        server.bytes_given += len(part)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{end}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str, Any]]:
    """A folder and the name by which GDAL reads its files over HTTP."""
    folder = tmp_path / "served"
    folder.mkdir()

    def handler(*parts: Any) -> RangeHandler:
        return RangeHandler(*parts, directory=str(folder))

    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.bytes_given = 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "0")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield folder, f"/vsicurl/http://127.0.0.1:{server.server_port}", server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_raster_on_a_server_has_the_values_of_the_file(served: Any) -> None:
    folder, address, _ = served
    local = read_raster(write(folder / "slope.tif"), "slope")
    there = virtual_file(f"{address}/slope.tif")
    raster = open_raster(there, "slope")
    assert raster.lattice == local.lattice
    np.testing.assert_array_equal(raster.values, local.values)


def test_of_a_large_file_on_a_server_only_parts_are_fetched(served: Any) -> None:
    folder, address, server = served
    path = write(folder / "part.tif", compress=None)
    whole = read_raster(path, "mine")
    with RasterFile(virtual_file(f"{address}/part.tif"), "mine") as file:
        part = file.part(slice(0, 200), slice(0, 200))
        np.testing.assert_array_equal(part.values, whole.values[:200, :200])
    assert 0 < server.bytes_given < path.stat().st_size / 2


def test_rasters_in_an_archive_are_read_here_and_there(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address, _ = served
    local = read_raster(write(folder / "slope.tif"), "slope")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(folder / "slope.tif", "in/slope.tif")
    monkeypatch.chdir(folder)
    for name in (
        f"/vsizip/{folder}/a.zip/in/slope.tif",
        "/vsizip/a.zip/in/slope.tif",
        f"/vsizip/{address}/a.zip/in/slope.tif",
        f"/vsizip/{{{address}/a.zip}}/in/slope.tif",
    ):
        raster = open_raster(virtual_file(name), "slope")
        np.testing.assert_array_equal(raster.values, local.values)


def test_what_is_not_there_is_one_line(served: Any) -> None:
    folder, address, _ = served
    (folder / "text.tif").write_text("no raster")
    for name in ("none.tif", "text.tif"):
        with pytest.raises(
            LayerFileError, match=f"{name}: cannot be opened as a GeoTIFF"
        ) as caught:
            open_raster(virtual_file(f"{address}/{name}"), "slope")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/vsimem/a.tif", "/vsimem/ is not read"),
        ("/vsistdin/a.tif", "/vsistdin/ is not read"),
        ("/vsisubfile/0_9,/etc/x.tif", "/vsisubfile/ is not read"),
        ("/vsicurl?url=http://h/a.tif", "is not read"),
        ("/vsis3/bucket/a.gpkg", "only rasters"),
        ("/vsicurl/http://h/a.vrt", "only rasters"),
        ("/vsis3/bucket//a.tif", "has `//`"),
    ],
)
def test_other_systems_and_formats_are_refused(name: str, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        virtual_file(name)


@pytest.mark.parametrize(
    "name",
    [
        "/vsis3/bucket/key/a.tif",
        "/vsicurl/https://h:8080/x/a.tiff",
        "/vsizip//tmp/a.zip/b.tif",
        "/vsizip//vsicurl/https://h/a.zip/b.tif",
        "/vsizip/{/vsis3/bucket/a.zip}/b.tif",
        "/vsigs/b/a.tif",
        "/vsiaz/c/a.tif",
    ],
)
def test_a_name_goes_to_gdal_as_it_was_given(name: str) -> None:
    assert gdal_name(virtual_file(name)) == name


def test_options_name_files_by_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = layers_of_options(["slope=/vsis3/b/s.tif", "mine=a.tif"])
    assert is_virtual(found["slope"])
    assert found["mine"] == tmp_path / "a.tif"
    for wrong in (["slope"], ["=a.tif"], ["a="], ["a=b.tif", "a=c.tif"]):
        with pytest.raises(LayerError, match="--layer"):
            layers_of_options(wrong)


def test_a_scenario_names_no_virtual_file(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    text = (data_folder() / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
    for name in ("/vsicurl/http://127.0.0.1:9/a.tif", "/vsizip//tmp/a.zip/a.tif"):
        with pytest.raises(ScenarioError, match="only the command line may name"):
            load_scenario("national-2035", layers={"slope": name})
        path.write_text(f'{text}\n[layers]\nslope = "{name}"\n', encoding="utf-8")
        with pytest.raises(ScenarioError, match=r"s.toml: .*only the command line may name"):
            load_scenario(path)


def test_a_change_on_the_server_makes_another_key(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with the same name, size and time, and both in memory and part by part."""
    folder, address, _ = served
    keys: dict[tuple[str, int], str] = {}
    for most in (1 << 28, 1000):
        monkeypatch.setattr(raster_reading, "_WHOLE_BYTES", most)
        for name, seed in (("a", 1), ("b", 2), ("c", 1)):
            below = folder / f"{name}{most}"
            below.mkdir()
            path = write(below / "slope.tif", seed, compress=None)
            os.utime(path, (10**9, 10**9))
            own = {"slope": virtual_file(f"{address}/{below.name}/slope.tif")}
            layers = Layers(read_catalogue(), own)
            keys[name, most] = Keys(load_scenario("national-2035"), layers).token("layer: slope")
            assert layers.sha256("slope") == cells_hash(layers.raster("slope"))
        assert keys["a", most] == keys["c", most] != keys["b", most]
