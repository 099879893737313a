"""The two heater switches: which closes first, which opens first."""

from massager.core import limits
from massager.core.safety.heater_interlock import HeaterInterlock
from massager.core.signals import Outputs


def after(permilles):
    switches = HeaterInterlock()
    outputs = Outputs()
    for permille in permilles:
        switches.apply(permille, outputs)
    return outputs


PROOF = limits.HEATER_PROOF_TICKS

APPLY_ROWS = (
    # name, what is asked for tick by tick, enable, permille
    ("nothing asked", [0] * 50, False, 0),
    ("the high side closes first", [500], True, 0),
    ("and is alone through its proof", [500] * PROOF, True, 0),
    ("then the power", [500] * (PROOF + 1), True, 500),
    ("no more: the low side opens at once", [500] * (PROOF + 1) + [0], True, 0),
    ("the high side is seen alone", [500] * (PROOF + 1) + [0] * PROOF, True, 0),
    ("then both are open", [500] * (PROOF + 1) + [0] * (PROOF + 1), False, 0),
    ("a pause shorter than that", [500] * (PROOF + 1) + [0, 0, 700], True, 700),
    ("after it, proof again", [500] * 20 + [0] * 20 + [700], True, 0),
)


def test_apply(row):
    _, permilles, enable, permille = row
    outputs = after(permilles)
    assert (outputs.heater_enable, outputs.heater_permille) == (enable, permille)


def test_open_is_at_once_and_asks_for_proof_again():
    switches = HeaterInterlock()
    outputs = Outputs()
    for _ in range(PROOF + 1):
        switches.apply(500, outputs)
    switches.open(outputs)
    assert (outputs.heater_enable, outputs.heater_permille) == (False, 0)
    switches.apply(500, outputs)
    assert (outputs.heater_enable, outputs.heater_permille) == (True, 0)
