"""Primal search: restricted MIPs (kernel search), gap closing, lazy flow limits, cross-check.

Kernel search: Angelelli, Mansini and Speranza (2010).
"""
