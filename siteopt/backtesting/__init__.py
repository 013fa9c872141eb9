"""Back-test: a plausibility check of a scenario against a list of real sites.

`siteopt.backtest` is its one function for others.
"""
