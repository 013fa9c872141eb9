"""Folders for files on the way: where they have no room, one line says so."""

import errno
import tempfile
from types import SimpleNamespace

import pytest

from siteopt import _temporary
from siteopt._temporary import temporary_folder
from siteopt.errors import LayerFileError


def test_a_folder_is_there_and_gone_afterwards():
    with temporary_folder() as folder:
        (folder / "a").write_text("x")
    assert not folder.exists()


def test_no_folder_at_all_names_tmpdir(monkeypatch):
    monkeypatch.setenv("TMPDIR", "/nowhere")

    def none(**_):
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", none)
    with pytest.raises(LayerFileError, match=r"/nowhere: no temporary folder can be made .*TMPDIR"):
        temporary_folder().__enter__()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_one_line(number):
    with (
        pytest.raises(LayerFileError, match=r"the disk has no room for temporary files \(full\)"),
        temporary_folder(),
    ):
        raise OSError(number, "full")


def test_a_library_that_has_another_name_for_a_full_disk(monkeypatch):
    monkeypatch.setattr(_temporary.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with (
        pytest.raises(LayerFileError, match=r"no room for temporary files \(no such table\)"),
        temporary_folder(),
    ):
        raise RuntimeError("no such table")


@pytest.mark.parametrize("error", [RuntimeError("defect"), LayerFileError("a: gone"), KeyError(1)])
def test_what_has_nothing_to_do_with_the_disk_goes_on(error):
    with pytest.raises(type(error)) as caught, temporary_folder():
        raise error
    assert caught.value is error
