"""The same scenario gives the same files, byte for byte, whatever was kept and wherever it runs."""

import json

import pytest

import siteopt
from siteopt._file_names import MAP, RECORD, REPORT, SITES, SITES_PARQUET, WORKBOOK

pytestmark = pytest.mark.national


def content(folder):
    found = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
    record = json.loads(found.pop(RECORD))
    assert record.pop("timings_s")
    return found, record


def assert_same(one, other):
    (files, record), (again, record_again) = content(one), content(other)
    assert files.keys() == again.keys() >= {MAP, REPORT, SITES, SITES_PARQUET, WORKBOOK}
    assert [name for name, bytes_ in files.items() if bytes_ != again[name]] == []
    assert record == record_again


def test_taken_from_the_cache(small_run, tmp_path):
    first = siteopt.run(small_run.scenario_file, tmp_path / "whole", cache=small_run.cache)
    assert_same(first.folder, small_run.run.folder)


@pytest.mark.slow
def test_from_an_empty_cache_in_another_folder(small_run, tmp_path):
    file = tmp_path / "elsewhere" / "small.toml"
    file.parent.mkdir()
    file.write_bytes(small_run.scenario_file.read_bytes())
    told = []
    run = siteopt.run(file, tmp_path / "out", cache=tmp_path / "cache", tell=told.append)
    assert all(outcome.ran for outcome in told)
    assert_same(run.folder, small_run.run.folder)
