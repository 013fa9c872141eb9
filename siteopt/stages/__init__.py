"""Incremental computation of stages: a suspending scheduler with constructive traces and early cutoff.

Mokhov, Mitchell, Peyton Jones: Build Systems a la Carte, Proc. ACM Program. Lang. 2 (ICFP), 2018.
A stage is a function of what it reads. While it runs, a recorder notes every key that it reads
and the hash behind it: the trace. Its result is stored under the hash of its content. A later run
takes the result of a trace whose keys all have the same hashes, and nothing is declared by hand
that could be forgotten. A result that comes out the same stops the chain (early cutoff).
"""
