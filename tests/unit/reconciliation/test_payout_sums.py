"""Bank transfers that are the sum of what was due."""

import time

from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.kinds import Confidence, Part, Rule
from payments.reconciliation.payout_sums import Due, explain
from payments.statements.kinds import Account, Kind

from .world import day, found, hosted, line, types


def due(*amounts: int) -> list[Due]:
    """Things due, one a day."""
    return [Due(f"o{n}", Part.SHARE if a > 0 else Part.REVERSAL, a, day(n)) for n, a in enumerate(amounts)]


def names(target: int, *amounts: int) -> list[str]:
    """What a sum is explained by."""
    return [part.order_id for part in explain(target, due(*amounts)).parts]


def test_all_that_was_due() -> None:
    explained = explain(590, due(300, 400, -110))
    assert (len(explained.parts), explained.confidence) == (3, Confidence.SUM_OF_ALL)
    assert explained.explanation == "is all that was due: 2 shares less 1 taken back"


def test_the_oldest_up_to_a_date() -> None:
    assert names(700, 300, 400, 500) == ["o0", "o1"]
    assert "until 2026-11-02" in explain(700, due(300, 400, 500)).explanation


def test_all_but_one_or_two() -> None:
    explained = explain(800, due(300, 400, 500))
    assert ([part.order_id for part in explained.parts], explained.confidence) == (["o0", "o2"], Confidence.SUM_OF_MOST)
    assert explained.explanation == "is 2 shares, without 1 that were due: o1 ($4.00)"
    many = [1 << number for number in range(30)]
    assert names(sum(many) - many[3] - many[17], *many) == [f"o{n}" for n in range(30) if n not in {3, 17}]


def test_what_two_things_explain_is_explained_by_none() -> None:
    explained = explain(700, due(300, 300, 400))
    assert (explained.parts, "more than one way" in explained.explanation) == ((), True)
    assert explain(5, due(300)).parts == ()
    assert explain(0, []).parts == ()


def test_it_is_bounded() -> None:
    began = time.monotonic()
    assert explain(17, due(*range(1000, 21_000, 2))).parts == ()
    assert time.monotonic() - began < 5


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=12), st.data())
def test_what_it_says_adds_up(amounts: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(amounts))), unique=True, min_size=1))
    target = sum(amounts[place] for place in chosen)
    explained = explain(target, due(*amounts))
    if explained.parts:
        assert sum(part.amount for part in explained.parts) == target
    else:
        assert "more than one way" in explained.explanation


def test_a_transfer_settles_the_shares_that_it_is_the_sum_of() -> None:
    orders = [hosted("a", share=300), hosted("b", share=250, paid=3), hosted("c", share=9, paid=40)]
    transfer = line(Kind.PAYOUT, 550, at=30, account=Account.PAYOUTS, payout_id="p")
    outcome = found([transfer], orders[:2])
    assert types(outcome) == []
    assert [(match.rule, match.amount, match.order_id) for match in outcome.matches] == [
        (Rule.PAYOUT_SUM, 300, "a"),
        (Rule.PAYOUT_SUM, 250, "b"),
    ]
    assert types(found([line(Kind.PAYOUT, 551, at=30, account=Account.PAYOUTS, payout_id="p")], [])) == [
        ("unknown_transaction", 551)
    ]


def test_a_transfer_beside_its_own_lines() -> None:
    orders = [hosted("a")]
    of_it = {"account": Account.PAYOUTS, "payout_id": "p"}
    share = line(Kind.REVENUE_SHARE, 300, at=30, of="a", **of_it)
    assert types(found([share, line(Kind.PAYOUT, 300, at=30, **of_it)], orders)) == []
    assert types(found([share, line(Kind.PAYOUT, 290, at=30, **of_it)], orders)) == [("balance_mismatch", -10)]
