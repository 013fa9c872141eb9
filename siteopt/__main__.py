"""``python -m siteopt``: the command line."""

from __future__ import annotations

from siteopt.entry import main

if __name__ == "__main__":
    main()
