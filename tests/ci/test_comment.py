"""The comment of a pull request: harmless text, and a place that GitHub says, not the text."""

import importlib.util
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

SHA = "a" * 40
SCRIPT = Path(__file__).parents[2] / ".ci" / "comment.py"


@pytest.fixture(scope="module")
def comment():
    spec = importlib.util.spec_from_file_location("ci_comment", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(comment, folder, content):
    file = folder / "comparison.md"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return comment.read_comparison(file)


def test_what_siteopt_writes_stays_as_it_is(comment, tmp_path):
    written = (
        "## What changes\n\n| site | option |\n|---|---|\n| S2304-3680 | S2304-3680@E12921N3658-154 |\n\n"
        "<details>\n<summary>Ranks</summary>\n\nrank 3 < 5, 영양군<br>\n</details>"
    )
    said = text_of(comment, tmp_path, written.replace("3 < 5", "3 &lt; 5"))
    assert said == f"{comment.MARK}\n{written.replace('3 < 5', '3 &lt; 5')}\n"


@pytest.mark.parametrize(
    ("written", "gone"),
    [
        ("thanks @maintainer", "@maintainer"),
        ("(@org/team)", "@org"),
        ("![x](https://x.example/a.png)", "]("),
        ("[press here](https://x.example)", "]("),
        ("[press here] [1]\n\n[1]: https://x.example", "] ["),
        ("https://x.example/a", "://"),
        ("<img src=x>", "<img"),
        ("<a href='x'>y</a>", "<a"),
        ("<!-- siteopt: comparison -->", "\n<!--"),
        ("a\u202eb\u200bc\x00d", "\u202e"),
    ],
)
def test_what_could_do_harm_is_disarmed(comment, tmp_path, written, gone):
    assert gone not in text_of(comment, tmp_path, written)


@given(written=st.text(max_size=300), repeats=st.integers(1, 400))
def test_any_text_is_a_comment_that_github_takes(comment, tmp_path_factory, written, repeats):
    said = text_of(comment, tmp_path_factory.mktemp("any"), written * repeats)
    assert len(said) <= 65_536
    assert said.startswith(comment.MARK)
    assert said.count("<!--") == 1
    assert not re.search(r"(?<!\w)@\w", said)


def test_a_cut_text_ends_whole_and_says_so(comment, tmp_path):
    rows = "| a | b |\n" * 20_000
    said = text_of(comment, tmp_path, f"<details>\n\n```text\n{rows}")
    assert len(said) <= comment.MOST_SIGNS
    assert said.count("```") == 2
    assert said.count("</details>") == 1
    assert "longer than a comment can be" in said


def test_what_is_no_plain_text_is_refused(comment, tmp_path):
    with pytest.raises(ValueError, match="more than"):
        text_of(comment, tmp_path, b"x" * (comment.MOST_BYTES + 1))
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    with pytest.raises(ValueError, match="no plain file"):
        comment.read_comparison(tmp_path / "link.md")
    assert "\ufffd" in text_of(comment, tmp_path, b"\xff\xfe")


class Service:
    """A stand-in for GitHub's interface that keeps what it was asked."""

    def __init__(self):
        self.pulls = [{"number": 7, "head": {"sha": SHA}, "base": {"ref": "main"}}]
        self.comments = []
        self.asked = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                address = urlsplit(self.path)
                size = int(self.headers.get("Content-Length") or 0)
                content = json.loads(self.rfile.read(size)) if size else None
                query = {key: value[0] for key, value in parse_qs(address.query).items()}
                service.asked.append((self.command, address.path, query, content))
                assert self.headers["Authorization"] == "Bearer secret"
                body = json.dumps(service.answer(self.command, address.path, query)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - names of the library

            def log_message(self, *words):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, method, path, query):
        if path.endswith("/pulls"):
            return self.pulls
        if method == "GET":
            first = (int(query["page"]) - 1) * int(query["per_page"])
            return self.comments[first : first + int(query["per_page"])]
        return {}

    @property
    def written(self):
        return [(method, path) for method, path, _, _ in self.asked if method != "GET"]


@pytest.fixture
def service(monkeypatch):
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{service.server.server_port}")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


@pytest.fixture
def words(tmp_path):
    file = tmp_path / "comparison.md"
    file.write_text("no change in the answer\n", encoding="utf-8")
    return [str(file), "--repository", "o/siteopt", "--head", "fork:my&branch", "--sha", SHA]


def said_by(login, body, number):
    return {"id": number, "user": {"login": login}, "body": body}


def test_the_first_comparison_is_a_new_comment(comment, service, words):
    assert comment.main(words) == 0
    assert service.asked[0][2]["head"] == "fork:my&branch"
    assert service.written == [("POST", "/repos/o/siteopt/issues/7/comments")]
    assert service.asked[-1][3]["body"] == f"{comment.MARK}\nno change in the answer\n"


def test_a_later_one_renews_the_comment_of_ours_and_no_other(comment, service, words):
    service.comments = [said_by("somebody", comment.MARK, number) for number in range(150)]
    service.comments.append(said_by(comment.BOT, f"{comment.MARK}\nold", 999))
    assert comment.main(words) == 0
    assert service.written == [("PATCH", "/repos/o/siteopt/issues/comments/999")]


@pytest.mark.parametrize(
    "pulls",
    [
        [],
        [{"number": 7, "head": {"sha": "b" * 40}, "base": {"ref": "main"}}],
        [{"number": 7, "head": {"sha": SHA}, "base": {"ref": "other"}}],
    ],
)
def test_nothing_is_written_where_the_pull_request_moved_on(comment, service, words, pulls):
    service.pulls = pulls
    assert comment.main(words) == 0
    assert service.written == []


def test_a_branch_that_is_gone_gets_no_comment(comment, service, words):
    words[words.index("--head") + 1] = ":"
    assert comment.main(words) == 0
    assert service.asked == []


@pytest.mark.parametrize(("option", "value"), [("--sha", "main"), ("--repository", "o/s/../x")])
def test_what_is_no_commit_and_no_repository_is_refused(comment, service, words, option, value):
    words[words.index(option) + 1] = value
    with pytest.raises(ValueError, match=re.escape(value)):
        comment.main(words)
    assert service.asked == []


def test_a_dry_run_prints_and_asks_nobody(comment, capsys, words):
    assert comment.main([words[0], "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{comment.MARK}\nno change in the answer\n"
