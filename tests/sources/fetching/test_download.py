"""A download comes whole, or the old file stays and a line says why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event

import pytest

from siteopt.errors import FetchError
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.download import Request, download
from tests.sources.fetching.server import send, serving

QUICK = Bounds(connect_s=2.0, silence_s=0.3, total_s=20.0, bytes_max=1_000_000, attempts=3)
BODY = bytes(range(256)) * 1_000


class Pauses(list):
    def __call__(self, seconds):
        self.append(seconds)


def refused(request, target, bounds=QUICK, **given):
    given.setdefault("sleep", Pauses())
    target.write_bytes(b"old")
    with pytest.raises(FetchError) as caught:
        download(request, target, bounds, **given)
    assert target.read_bytes() == b"old"
    assert "\n" not in str(caught.value)
    assert "left as it was" in str(caught.value)
    return str(caught.value)


def test_a_file_comes_whole_with_its_record(tmp_path):
    with serving(lambda handler, *_: send(handler, 200, BODY)) as server:
        request = Request(f"{server.url}/a.bin?key=secret", "any")
        came = download(request, tmp_path / "a.bin", QUICK)
    assert (tmp_path / "a.bin").read_bytes() == BODY
    assert came.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (came.bytes, came.attempts) == (len(BODY), 1)
    assert came.url == f"{server.url}/a.bin"
    assert [file.name for file in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again_with_longer_pauses(tmp_path, status):
    def answer(handler, _asked, number):
        send(handler, status if number < 3 else 200, b"busy" if number < 3 else BODY)

    pauses = Pauses()
    with serving(answer) as server:
        came = download(Request(server.url, "any"), tmp_path / "a", QUICK, sleep=pauses)
    assert came.attempts == 3
    assert pauses == [2.0, 4.0]


def test_the_pause_that_the_server_asks_for_is_kept_within_bounds(tmp_path):
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    asked = {1: "7", 2: in_a_minute, 3: "99999", 4: "soon"}

    def answer(handler, _asked, number):
        if number in asked:
            send(handler, 429, Retry_After=asked[number])
        else:
            send(handler, 200, BODY)

    pauses = Pauses()
    with serving(answer) as server:
        bounds = replace(QUICK, attempts=6, total_s=900.0)
        download(Request(server.url, "any"), tmp_path / "a", bounds, sleep=pauses)
    assert pauses[0] == 7.0
    assert 55.0 < pauses[1] <= 60.0
    assert pauses[2:] == [120.0, 16.0]


def test_a_server_that_stays_busy_is_given_up(tmp_path):
    with serving(lambda handler, *_: send(handler, 429)) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a")
    assert "429" in said
    assert "3 attempts" in said
    assert len(server.asked) == 3


def test_no_pause_goes_beyond_the_time_of_a_download(tmp_path):
    with serving(lambda handler, *_: send(handler, 503, Retry_After="60")) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a")
    assert "next attempt would be after the 20 s" in said
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_what_will_not_change_is_not_asked_again(tmp_path, status):
    with serving(lambda handler, *_: send(handler, status)) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a")
    assert str(status) in said
    assert len(server.asked) == 1


def test_nobody_at_the_address(tmp_path):
    with serving(lambda *_: None) as server:
        pass
    said = refused(Request(server.url, "any"), tmp_path / "a")
    assert "cannot be reached" in said


def test_an_answer_that_was_cut_off_goes_on_where_it_ended(tmp_path):
    def answer(handler, asked, number):
        if number == 1:
            send(handler, 200, BODY[:100_000], Content_Length=str(len(BODY)), ETag='"v1"')
            handler.close_connection = True
            return
        start = int(asked.headers["Range"].removeprefix("bytes=").rstrip("-"))
        send(handler, 206, BODY[start:], ETag='"v1"', Content_Range=f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")  # fmt: skip

    with serving(answer) as server:
        came = download(Request(server.url, "any"), tmp_path / "a", QUICK, sleep=Pauses())
    assert (tmp_path / "a").read_bytes() == BODY
    assert server.asked[1].headers["If-Range"] == '"v1"'
    assert server.asked[1].headers["Range"] == "bytes=100000-"
    assert came.sha256 == hashlib.sha256(BODY).hexdigest()


def test_another_file_at_the_server_is_not_joined_to_the_old_part(tmp_path):
    other = BODY[::-1]

    def answer(handler, _asked, number):
        if number == 1:
            send(handler, 200, BODY[:1_000], Content_Length=str(len(BODY)), ETag='"v1"')
            handler.close_connection = True
        else:
            send(handler, 200, other, ETag='"v2"')

    with serving(answer) as server:
        download(Request(server.url, "any"), tmp_path / "a", QUICK, sleep=Pauses())
    assert (tmp_path / "a").read_bytes() == other


def test_a_later_call_goes_on_after_a_stop(tmp_path):
    def half(handler, *_):
        send(handler, 200, BODY[:50_000], Content_Length=str(len(BODY)), ETag='"v1"')
        handler.close_connection = True

    with serving(half) as server:
        refused(Request(server.url, "any"), tmp_path / "a", replace(QUICK, attempts=1))
    with serving(lambda handler, *_: send(handler, 206, BODY[50_000:], ETag='"v1"')) as server:
        download(Request(server.url, "any"), tmp_path / "a", QUICK)
    assert server.asked[0].headers["Range"] == "bytes=50000-"
    assert (tmp_path / "a").read_bytes() == BODY


def test_a_server_without_marks_of_its_file_is_asked_from_the_start(tmp_path):
    def answer(handler, _asked, number):
        if number == 1:
            send(handler, 200, BODY[:1_000], Content_Length=str(len(BODY)))
            handler.close_connection = True
        else:
            send(handler, 200, BODY)

    with serving(answer) as server:
        download(Request(server.url, "any"), tmp_path / "a", QUICK, sleep=Pauses())
    assert "Range" not in server.asked[1].headers
    assert (tmp_path / "a").read_bytes() == BODY


def test_a_silent_server_is_left(tmp_path):
    hold = Event()

    def answer(handler, *_):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x")
        handler.wfile.flush()
        hold.wait(5)

    with serving(answer) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a", replace(QUICK, attempts=2))
        hold.set()
    assert "fell silent" in said


def test_a_server_that_drips_is_left_when_the_time_is_up(tmp_path):
    hold, now = Event(), iter(range(10_000))

    def answer(handler, *_):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not hold.wait(0.01):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    with serving(answer) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a", clock=lambda: float(next(now)))
        hold.set()
    assert "all the time there is" in said


def test_a_large_answer_is_refused_before_it_comes_or_while_it_does(tmp_path):
    with serving(
        lambda handler, *_: send(handler, 200, b"", Content_Length="10000000000")
    ) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a")
    assert "10,000,000,000 bytes" in said

    def endless(handler, *_):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(1_000):
            handler.wfile.write(b"x" * 10_000)
        handler.close_connection = True

    with serving(endless) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a")
    assert "more than the 1,000,000" in said
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a"]


PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body/></html>"
BAD = {
    "html": ("json", PAGE, "an HTML page in place of json: Sign in"),
    "half json": ("json", b'{"elements": [', "no whole JSON"),
    "number": ("json", b"7", "neither an object nor a list"),
    "empty": ("tiff", b"", "empty"),
    "no tiff": ("tiff", b"not a raster", "no TIFF"),
    "half zip": ("zip", b"PK\x03\x04 and no more", "no whole ZIP"),
    "entities": ("xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>', "DOCTYPE"),
    "no pbf": ("pbf", b"\0\0\0\x0eNothing", "no OSM PBF"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_answer_of_another_kind_is_refused(tmp_path, case):
    kind, body, reason = BAD[case]
    with serving(lambda handler, *_: send(handler, 200, body)) as server:
        said = refused(Request(server.url, kind), tmp_path / "a")
    assert reason in said
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a"]


def test_a_wrong_checksum_is_refused(tmp_path):
    with serving(lambda handler, *_: send(handler, 200, BODY)) as server:
        said = refused(Request(server.url, "any", sha256="0" * 64), tmp_path / "a")
    assert "the source says 000000" in said


def test_a_compressed_answer_is_refused(tmp_path):
    with serving(lambda handler, *_: send(handler, 200, BODY, Content_Encoding="gzip")) as server:
        said = refused(Request(server.url, "any"), tmp_path / "a")
    assert "compressed" in said


def test_a_form_is_posted(tmp_path):
    with serving(lambda handler, *_: send(handler, 200, json.dumps({"a": 1}).encode())) as server:
        download(Request(server.url, "json", {"data": "[out:json];"}), tmp_path / "a", QUICK)
    assert server.asked[0].method == "POST"
    assert server.asked[0].body == b"data=%5Bout%3Ajson%5D%3B"
