"""Content security policy of a page: only its own inline scripts may run.

The content security policy names each script and style sheet by its hash. The hashes are taken
before anything of a layer or a scenario is in the page, so that a script that came in with such a
text has none, even where it got past the escaping.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

__all__ = ["head", "policy"]

_INLINE: Final = re.compile(r"<(script|style)([^>]*)>(.*?)</\1>", re.DOTALL)
_VIEWPORT: Final = '<meta name="viewport" content="width=device-width, initial-scale=1">'


def head(page: str) -> str:
    """Return the policy and the viewport for the head of a page.

    Parameters
    ----------
    page : str
        The page with all its scripts and style sheets, and without anybody's data.
    """
    return f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">{_VIEWPORT}'


def policy(page: str) -> str:
    """Return the content security policy of a page; see :func:`head`.

    Parameters
    ----------
    page : str
        HTML of the page.
    """
    found: dict[str, list[str]] = {"script": [], "style": []}
    for kind, attributes, content in _INLINE.findall(page):
        if "application/zlib" not in attributes:
            found[kind].append(_hash(content))
    rules = [f"{kind}-src {' '.join(hashes)}" for kind, hashes in found.items() if hashes]
    return "; ".join(
        ["default-src 'none'", *rules, "img-src data:", "base-uri 'none'", "form-action 'none'"]
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
