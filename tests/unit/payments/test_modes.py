"""Payment modes, and what Goody is told for each."""

import pytest

from payments.modes import RULES, PaymentMode


@pytest.mark.parametrize("mode", PaymentMode)
def test_every_mode_has_rules_and_a_constant_of_goodys(mode: PaymentMode) -> None:
    constant = RULES[mode].payment_method_id
    assert constant is None if mode is PaymentMode.CARD else constant is not None and constant.startswith("COMMERCE_")


def test_hosted_payment_is_told_by_goodys_own_constant() -> None:
    assert RULES[PaymentMode.HOSTED_PAYMENT].payment_method_id == "COMMERCE_HOSTED_PAYMENT"
