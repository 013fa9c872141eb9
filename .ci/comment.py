"""Writes the comparison into its pull request, as one comment that later pushes renew.

It runs from the main branch, with a token that can write, after the workflow of the pull
request has ended. The comparison was made by code that nobody has looked at: it is taken as
text up to a fixed size, its mentions reach nobody, and it does not say where it goes. That is
asked of GitHub: the open pull request of the branch whose head is the commit that was compared.

Needs nothing but Python. `--dry-run` prints the comment instead.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Final

MARK: Final = "<!-- siteopt: comparison -->"
"""First line of the comment, by which it is found again."""

MOST_BYTES: Final = 1_000_000
"""A file larger than this is no comparison."""

MOST_SIGNS: Final = 60_000
"""GitHub takes comments of up to 65,536 characters."""

BOT: Final = "github-actions[bot]"
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 30
_CUT: Final = (
    "\n\nThe comparison is longer than a comment can be; the artefact of the run has it whole.\n"
)
_NO_TEXT: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
"""Signs that are not seen: control signs, and those that turn the direction of writing."""

_HARMLESS: Final = (
    (re.compile(r"(?<!\w)@"), "\uff20"),  # nobody is called
    (re.compile(r"<(?!/?(?:details|summary|br|b|sub|sup)\s*/?>)"), "&lt;"),  # what we write stays
    (re.compile(r"(?<=\])\("), "&#40;"),  # no link under other words, no picture
    (re.compile(r"(?<=\])\s*\["), " &#91;"),
    (re.compile(r"://"), "&#58;//"),
)
"""What a comment of ours must not do, and how it is written instead."""


def read_comparison(path: Path) -> str:
    """Return the text of a comparison, harmless and of a length that a comment can have.

    Raises
    ------
    ValueError
        If it is no plain file, or too large to be one.
    """
    if path.is_symlink() or not path.is_file():
        raise ValueError(f"{path.name}: no plain file")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name}: more than {MOST_BYTES:,} bytes")
    text = _NO_TEXT.sub("", path.read_bytes().decode("utf-8", errors="replace"))
    for pattern, instead in _HARMLESS:
        text = pattern.sub(instead, text)
    return f"{MARK}\n{_shortened(text.strip())}\n"


def _shortened(text: str) -> str:
    """Return a text that fits into a comment, with what the cut left open closed."""
    room = MOST_SIGNS - len(MARK) - len(_CUT)
    if len(text) <= room:
        return text
    kept = text[: room - 100].rsplit("\n", 1)[0]
    if len(re.findall(r"^```", kept, flags=re.MULTILINE)) % 2:
        kept += "\n```"
    opened = kept.count("<details>") - kept.count("</details>")
    return kept + "\n\n" + "</details>" * min(max(opened, 0), 5) + _CUT


class GitHub:
    """The few calls of GitHub's interface that are needed.

    Parameters
    ----------
    repository : str
        ``OWNER/NAME``.
    token : str
        Can read and write issues and pull requests of it.
    address : str
        Where the interface is.
    """

    def __init__(self, repository: str, token: str, address: str) -> None:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
            raise ValueError(f"{repository}: no repository; must be OWNER/NAME")
        self._home = f"{address.rstrip('/')}/repos/{repository}"
        self._token = token

    def ask(
        self, method: str, path: str, content: dict[str, Any] | None = None, **query: object
    ) -> Any:  # noqa: ANN401 - whatever JSON the interface answers
        """Return the answer to a request."""
        address = f"{self._home}/{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(  # noqa: S310 - the address comes from the workflow
            address,
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return json.load(answer)

    def pull_request(self, head: str, sha: str, base: str) -> int | None:
        """Return the number of the open pull request of a branch whose head is a commit.

        Parameters
        ----------
        head : str
            ``OWNER:BRANCH``.
        sha, base : str
            The commit, and the branch that the pull request asks to change.
        """
        found = self.ask("GET", "pulls", state="open", head=head, base=base, per_page=_PER_PAGE)
        numbers = [
            item["number"]
            for item in found
            if item["head"]["sha"] == sha and item["base"]["ref"] == base
        ]
        return int(numbers[0]) if len(numbers) == 1 else None

    def write(self, number: int, text: str) -> None:
        """Write the comment of a pull request, or renew it."""
        for page in range(1, _MOST_PAGES + 1):
            comments = self.ask("GET", f"issues/{number}/comments", per_page=_PER_PAGE, page=page)
            for comment in comments:
                if comment["user"]["login"] == BOT and comment["body"].startswith(MARK):
                    self.ask("PATCH", f"issues/comments/{comment['id']}", {"body": text})
                    return
            if len(comments) < _PER_PAGE:
                break
        self.ask("POST", f"issues/{number}/comments", {"body": text})


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the comparison into its pull request.")
    parser.add_argument("file", type=Path, help="the comparison, Markdown")
    parser.add_argument("--repository", default="", help="OWNER/NAME")
    parser.add_argument("--head", default="", help="OWNER:BRANCH of the pull request")
    parser.add_argument("--sha", default="", help="the commit that was compared")
    parser.add_argument("--base", default="main", help="the branch that it asks to change")
    parser.add_argument("--dry-run", action="store_true", help="print the comment")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> int:
    """Write the comment, or say why there is none."""
    given = _arguments(words)
    text = read_comparison(given.file)
    if given.dry_run:
        sys.stdout.write(text)
        return 0
    if not re.fullmatch(r"[0-9a-f]{40}", given.sha):
        raise ValueError(f"--sha {given.sha!r}: must be a commit of 40 hexadecimal digits")
    if not re.fullmatch(r"[^:\s]+:\S+", given.head):
        print("no comment: the branch of the pull request is gone")
        return 0
    address = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    github = GitHub(given.repository, os.environ["GITHUB_TOKEN"], address)
    number = github.pull_request(given.head, given.sha, given.base)
    if number is None:
        print(f"no comment: no open pull request has {given.sha[:12]} as its head any more")
        return 0
    github.write(number, text)
    print(f"the comparison is in pull request {number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
