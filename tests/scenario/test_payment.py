"""Who pays: one payer or shares that sum to the whole."""

import pytest
from pydantic import ValidationError

from siteopt.scenario import Payment


def test_one_payer_bears_all_and_several_their_shares():
    payment = Payment(banks="state", station345={"operator": 30, "kepco": 70})
    assert payment.shares_pct("line") == {"operator": 100}
    assert payment.shares_pct("banks") == {"state": 100}
    assert payment.shares_pct("station345") == {"operator": 30, "kepco": 70}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"banks": {"operator": 50, "state": 40}}, "must sum to 100 %, but they sum to 90"),
        ({"banks": "city"}, "'operator', 'kepco' or 'state'"),
        ({"banks": {"city": 100}}, "'operator', 'kepco' or 'state'"),
        ({"roads": "state"}, "Extra inputs"),
    ],
)
def test_what_cannot_be_is_named(given, message):
    with pytest.raises(ValidationError, match=message):
        Payment.model_validate(given)
