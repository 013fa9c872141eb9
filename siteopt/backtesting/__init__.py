"""Back-test: a plausibility check of a scenario against a list of real sites."""

from __future__ import annotations

from siteopt.backtesting.backtest import Backtest, backtest
from siteopt.backtesting.page import write_backtest
from siteopt.backtesting.site_list import read_site_list

__all__ = ["Backtest", "backtest", "read_site_list", "write_backtest"]
