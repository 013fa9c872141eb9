"""Fuzz all readers: ``python -m tests.fuzz --cases 10000``; one case: ``--kind K --seed N``."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.fuzz.all_kinds import KINDS
from tests.fuzz.worker import OUTCOMES, run_cases

_GOOD = ("accepted", "refused")
_SHOWN = 40


def main() -> int:
    """Run cases; return 1 where one is a failure."""
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    words.add_argument("--cases", type=int, default=500, help="how many, over all kinds")
    words.add_argument("--seed", type=int, help="of the first case; of the one case with --kind")
    words.add_argument("--kind", choices=sorted(KINDS), action="append", help="these kinds only")
    words.add_argument("--processes", type=int, default=1)
    words.add_argument("--verbose", action="store_true", help="tell every case")
    asked = words.parse_args()
    kinds = {name: kind for name, kind in KINDS.items() if not asked.kind or name in asked.kind}
    first = asked.seed or 0
    count = 1 if asked.seed is not None and len(kinds) == 1 else asked.cases
    names = list(kinds)
    cases = [(names[n % len(names)], first + n // len(names)) for n in range(count)]
    begin = time.perf_counter()
    table = {name: Counter[str]() for name in names}
    failures = []
    for name, seed, outcome, why, told in run_cases(kinds, cases, asked.processes):
        table[name][outcome] += 1
        if outcome not in _GOOD:
            failures.append((name, seed, outcome, why, told))
        if asked.verbose or count == 1:
            print(f"{outcome}: {name} {seed}: {told}: {why}")
    for name, seed, outcome, why, told in failures[: None if asked.verbose else _SHOWN]:
        print(
            f"{outcome}: {told!r:.160}: {why}\n  python -m tests.fuzz --kind {name} --seed {seed}"
        )
    print(f"{'kind':16}" + "".join(f"{name:>11}" for name in ("cases", *OUTCOMES)))
    total = Counter[str]()
    for name, counts in table.items():
        total += counts
        print(_row(name, counts))
    print(_row("all", total))
    print(f"{time.perf_counter() - begin:.1f} s")
    return 1 if failures else 0


def _row(name: str, counts: Counter[str]) -> str:
    return f"{name:16}" + "".join(
        f"{n:11,}" for n in (counts.total(), *(counts[o] for o in OUTCOMES))
    )


if __name__ == "__main__":
    sys.exit(main())
