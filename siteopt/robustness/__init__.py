"""Robustness of an answer: what is left of it when all assumptions move together.

A module below `siteopt.runs`: it is given the results of stages and knows nothing of their order.
"""
