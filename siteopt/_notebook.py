"""Objects in notebooks: a frame for a page, and what draws the picture of an object.

Jupyter asks an object for ``_repr_mimebundle_``: HTML for a live notebook, a PNG for a PDF or a
forge that shows no frame, text for a terminal. Objects of the lower packages know nothing of
pictures, so the report registers here what draws them.
"""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Container

__all__ = ["Card", "Shown", "framed", "shown_by"]


class Card(NamedTuple):
    """What a notebook shows of an object."""

    text: str
    """Plain text."""
    png: bytes
    """A picture."""
    page: str
    """A small HTML page."""
    height_px: int = 560
    """Height of the page."""


_CARDS: Final[dict[type, Callable[[Any], Card]]] = {}


def shown_by(kind: type, card: Callable[[Any], Card]) -> None:
    """Register what makes the card of objects of a class.

    Parameters
    ----------
    kind : type
        A subclass of `Shown`.
    card : callable
        Takes the object.
    """
    _CARDS[kind] = card


def framed(page: str, height_px: int) -> str:
    """Return a page in a frame of its own, without any right beyond its own scripts.

    Parameters
    ----------
    page : str
        A whole HTML page.
    height_px : int
        Height of the frame.
    """
    return (
        f'<iframe srcdoc="{html.escape(page)}" width="100%" height="{height_px}" '
        'style="border:0" sandbox="allow-scripts"></iframe>'
    )


class Shown:
    """Base of objects that notebooks show as page, picture and text."""

    __slots__ = ()

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Return ``text/plain``, ``image/png`` and ``text/html``, as far as they are asked for."""
        card = _CARDS.get(type(self))
        if card is None:
            return {"text/plain": repr(self)}
        found = card(self)
        bundle = {
            "text/plain": found.text,
            "image/png": base64.b64encode(found.png).decode("ascii"),
            "text/html": framed(found.page, found.height_px),
        }
        return {
            kind: content
            for kind, content in bundle.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }
