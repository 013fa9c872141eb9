"""Archives of strangers stay in their folder and within their bounds."""

from __future__ import annotations

import stat
import zipfile

import pytest

from siteopt.errors import FetchError
from siteopt.sources.fetching.archives import ArchiveBounds, extract

SHAPES = (".shp", ".dbf")


def archive(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as out:
        for name, content in members:
            out.writestr(name, content)
    return path


def refused(path, folder, bounds=None):
    folder.mkdir()
    with pytest.raises(FetchError) as caught:
        extract(path, folder, SHAPES, bounds)
    assert not list(folder.iterdir())
    assert not [file for file in path.parent.iterdir() if file not in {path, folder}]
    return str(caught.value)


def test_wanted_kinds_come_out_flat_and_in_order(tmp_path):
    members = [("a/b/zones.shp", b"2"), ("a/zones.DBF", b"1"), ("read me.txt", b"3")]
    (tmp_path / "out").mkdir()
    found = extract(archive(tmp_path / "a.zip", members), tmp_path / "out", SHAPES)
    assert [file.name for file in found] == ["zones.DBF", "zones.shp"]
    assert found[1].read_bytes() == b"2"


def test_names_in_cp949_are_read(tmp_path):
    # zipfile writes UTF-8 only: bytes of the same length are put in place of the name
    archive(tmp_path / "a.zip", [("xxxxxx.shp", b"1")])
    raw = (tmp_path / "a.zip").read_bytes().replace(b"xxxxxx", "국립공".encode("cp949"))
    (tmp_path / "a.zip").write_bytes(raw)
    (tmp_path / "out").mkdir()
    assert extract(tmp_path / "a.zip", tmp_path / "out", SHAPES)[0].name == "국립공.shp"


@pytest.mark.parametrize("name", ["../a.shp", "x/../../a.shp", "/a.shp", "..\\a.shp", "C:\\a.shp"])
def test_nothing_is_written_outside_the_folder(tmp_path, name):
    said = refused(archive(tmp_path / "a.zip", [("b.shp", b"1"), (name, b"2")]), tmp_path / "out")
    assert "outside its folder" in said


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "is a link" in refused(
        archive(tmp_path / "a.zip", [(link, b"target")]), tmp_path / "out"
    )


def test_a_thousandfold_expansion_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.shp", b"\0" * 50_000_000)])
    assert path.stat().st_size < 100_000
    assert "fill the disk" in refused(path, tmp_path / "out")


def test_bounds_of_count_and_bytes(tmp_path):
    path = archive(tmp_path / "a.zip", [(f"{n}.shp", b"12345") for n in range(5)])
    assert "5 files, more than 4" in refused(path, tmp_path / "out", ArchiveBounds(members=4))
    (tmp_path / "out").rmdir()
    assert "expands" in refused(path, tmp_path / "out", ArchiveBounds(bytes_max=24))


def test_two_files_of_one_name_are_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [("x/a.shp", b"1"), ("y/a.shp", b"2")])
    assert "two files are called a.shp" in refused(path, tmp_path / "out")


def test_a_broken_or_encrypted_archive_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.shp", b"12345" * 1_000)], zipfile.ZIP_STORED)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"1234512345", b"1234512344", 1))
    assert "cannot be unpacked" in refused(path, tmp_path / "out")
    (tmp_path / "out").rmdir()
    path.write_bytes(raw[: len(raw) // 2])
    assert "cannot be unpacked" in refused(path, tmp_path / "out")
    (tmp_path / "out").rmdir()
    locked = bytearray(raw)
    locked[6] |= 1  # the flag of encryption, in the local header and in the directory
    locked[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(locked))
    assert "cannot be unpacked" in refused(path, tmp_path / "out")
