"""Files of a run and its map, written straight from tables, without the stages of a run."""

from __future__ import annotations

import base64
import json
import re
import zlib

from siteopt._file_names import MAP
from siteopt._files import check_folder, publish, write_whole
from siteopt.report import ranking_table
from siteopt.report.files import library_versions, run_record, table_files
from siteopt.report.map import render_map


def write_run(tables, folder, timings_s):
    """Write the files of a run into a folder, all whole or none."""
    check_folder(folder)
    ranking = ranking_table(tables)
    files = {MAP: render_map(tables, ranking).encode(), **table_files(tables, ranking)}
    timed = {name: round(seconds, 3) for name, seconds in timings_s.items()}
    record = run_record(tables) | {"versions": library_versions(), "timings_s": timed}
    publish(files, record, folder)


def write_map(tables, path, ranking=None):
    """Write the map of a run."""
    write_whole(path, render_map(tables, ranking).encode())


def payload_of(page):
    """Return the data of a map as its scripts read them."""
    packed = re.search(r'<script type="application/zlib" id="siteopt-data">(.*?)</script>', page)
    return json.loads(zlib.decompress(base64.b64decode(packed.group(1))))
