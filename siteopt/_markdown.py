"""Text in Markdown that is shown as it is: names of layers come from anyone's pull request."""

from __future__ import annotations

import re
from typing import Final

from siteopt._shown import shown

__all__ = ["plain"]

_SIGNS: Final = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\|`*_[]#~"}
    | {sign: f"&#{ord(sign)};" for sign in "<>&$"}
    | {"@": "&#64;<!-- -->"}
)
"""Signs that a cell could turn into markup, a formula, a link or the name of a person."""

_ADDRESS: Final = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
"""What makes GitHub take a bare address for a link."""


def plain(text: object) -> str:
    """Return a text for one line of Markdown, or a cell of a table, without any meaning there."""
    told = shown(" ".join(str(text).split())).translate(_SIGNS)
    return _ADDRESS.sub(lambda sign: f"&#{ord(sign.group())};", told)
