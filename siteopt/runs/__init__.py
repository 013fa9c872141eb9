"""Runs: the stages in their order, their execution, and finished runs opened again.

The package is not called ``run``: that is the function :func:`siteopt.run`.
"""
