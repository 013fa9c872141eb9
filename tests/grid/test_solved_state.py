"""Agreement of DC flows with a solved state: closed forms, and the embedded case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.grid.case import GridCase, case_of_layers
from siteopt.layers.store import open_layers
from tests.grid.solved_state import solved_injection, solved_state_agreement


def chain(flow_mw=(103.0, 62.0), output_mw=100.0, loads=(0.0, 40.0, 60.0)):
    """Bus 1 feeds 2, and 2 feeds 3; a second unit is off, a DC line carries 10 from 1 to 3."""
    return GridCase(
        pd.DataFrame({"bus_id": [1, 2, 3], "p_load_mw": loads, "g_shunt_mw": 0.0}),
        pd.DataFrame(
            {
                "branch_id": ["a", "b"], "from_bus": [1, 2], "to_bus": [2, 3], "x_pu": 0.1,
                "rate_a_mva": [100.0, 10.0], "ratio": 0.0, "angle_deg": 0.0, "status": 1,
                "flow_mw": flow_mw,
            }
        ),
        pd.DataFrame(
            {"generator_id": ["g", "h"], "bus_id": [1, 2], "output_mw": [output_mw, 99.0],
             "status": [1, 0]}
        ),
        pd.DataFrame(
            {"dc_line_id": ["d"], "from_bus": 1, "to_bus": 3, "status": 1, "flow_mw": 10.0,
             "loss0_mw": 0.5, "loss1_pu": 0.05}
        ),
    )  # fmt: skip


def test_injection_spreads_losses_over_loads():
    # 105 MW made, 100 drawn, 1 lost in the DC line: 4 MW of losses, 40 : 60 over the loads
    injection, losses = solved_injection(chain(output_mw=105.0))
    assert losses == pytest.approx(4.0)
    assert injection == pytest.approx([95, -41.6, -53.4])


def test_agreement_of_a_chain():
    # no loop, so the injections above give the flows: 95 and 53.4
    agreement = solved_state_agreement(chain(flow_mw=(95.0, 55.4), output_mw=105.0))
    assert agreement.rmse_mw == pytest.approx(np.sqrt(2.0))
    assert agreement.within_share == 0.5
    assert agreement.correlation == pytest.approx(1)
    assert agreement.differences["branch_id"].tolist() == ["b", "a"]
    assert agreement.differences["difference_mw"].tolist() == pytest.approx([-2, 0], abs=1e-9)


def test_case_without_a_solved_state_is_named():
    with pytest.raises(LayerError, match="case_branches: flow_mw is empty"):
        solved_state_agreement(chain(flow_mw=(np.nan, 1.0)))
    with pytest.raises(LayerError, match="case_generators: output_mw is empty"):
        solved_state_agreement(chain(output_mw=np.nan))
    with pytest.raises(LayerError, match="p_load_mw is 0 at every bus"):
        solved_state_agreement(chain(loads=0.0))


def test_embedded_case_agrees_with_its_ac_state():
    agreement = solved_state_agreement(case_of_layers(open_layers()))
    assert agreement.correlation > 0.9998
    assert agreement.rmse_mw < 16
    assert agreement.within_share > 0.98
    assert agreement.losses_mw == pytest.approx(832.0, abs=0.1)
    assert agreement.differences["branch_id"].iloc[:3].tolist() == ["L047", "L045", "L043"]
    assert agreement.differences["difference_mw"].abs().iloc[0] < 102
    # losses make the AC flow differ, so a perfect fit would be a comparison with itself
    assert agreement.rmse_mw > 1
