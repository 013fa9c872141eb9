"""What a MW at a bus takes of a flow limit, as the report gets it."""

from types import SimpleNamespace

import numpy as np

from siteopt.portfolio.optimal_plan import _flow_prices
from siteopt.portfolio.problem.problem import FlowName


def test_every_limit_has_a_price_at_every_bus():
    price = np.array([[1.0, 0.5, 0.0], [0.25, -1.0, 2.0]])
    problem = SimpleNamespace(
        flow_name=(FlowName("peak", (("a", ""),)), FlowName("peak", (("b", ""),))), bus_id=np.array(["7", "8", "9"]),
        flow_price=price,
    )  # fmt: skip
    table = _flow_prices(problem).pivot_table(index="subject", columns="bus_id", values="price")
    assert table.index.tolist() == ["1", "2"]
    assert table.columns.tolist() == ["7", "8", "9"]
    assert np.array_equal(table.to_numpy(), price)
