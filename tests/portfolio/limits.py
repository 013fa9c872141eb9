"""Limits as tests read them: by the names that files have."""

import pandas as pd

from siteopt.portfolio import constraints
from siteopt.report.diagnosis import message_of
from siteopt.report.limit_names import limit_text, named_limits


def named(table):
    """Return a table of limits with its names, and the names as index."""
    return named_limits(table).set_index("limit", drop=False)


def names_of(rows):
    """Return the names of rows."""
    return tuple(limit_text(key) for key in rows.keys)


def changes_of(found):
    """Return what each kind of limits in conflict would have to give, as a table."""
    units = {kind.name: kind.unit for kind in constraints.kinds()}
    rows = [
        (name, change.now, change.least, change.enough, units[name],
         [(limit_text(key), gives) for key, gives in change.where])
        for name, change in found.changes.items()
    ]  # fmt: skip
    columns = ["limit", "now", "gives_least", "gives_enough", "unit", "where"]
    return pd.DataFrame(rows, columns=columns)


def message(case, found):
    """Return a diagnosis in one line."""
    return message_of(case.problem(), found)
