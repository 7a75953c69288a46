"""Each thing that can be wrong is found, typed right, and nothing else is."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.kinds import MOVES, Part, Rule, Status, Type
from payments.reconciliation.values import Coverage, Deposit, Expected, Line, TrueUp
from payments.statements.kinds import Account, Kind

from .world import START, day, found, hosted, line, moved, order, refunded, right_lines, types


def test_what_agrees_agrees() -> None:
    orders = [order("a"), order("b", share=0), refunded("c"), hosted("d"), order("e", paid=None, charge=0, share=300)]
    outcome = found(right_lines(orders), orders)
    assert types(outcome) == []
    assert {match.rule for match in outcome.matches} == {Rule.ORDER_REFERENCE}
    parts = Counter(match.part for match in outcome.matches)
    assert parts == {Part.CHARGE: 3, Part.SHARE: 4, Part.REFUND: 1, Part.REVERSAL: 1}


def test_a_share_is_missing_once_its_time_is_told_of() -> None:
    lines = [each for each in right_lines([order("a")]) if each.kind is Kind.CHARGE]
    assert types(found(lines, [order("a")])) == [("missing_share", -300)]
    until = Coverage.of([(START, day(4.9))])
    assert types(found(lines, [order("a")], coverage={Account.STORED_VALUE: until})) == []
    assert types(found([], [order("a")], coverage={})) == []


def test_a_transfers_share_is_due_with_the_next_payout() -> None:
    orders = [hosted("a", paid=2), hosted("b", paid=3), hosted("c", paid=12)]
    early = right_lines(orders[:1], payout_day=10)
    assert types(found(early, orders, coverage={Account.PAYOUTS: Coverage.of([(START, day(20))])})) == [
        ("missing_share", -300)
    ], "b was due with the payout of the tenth day, c on the first of December"


def test_a_share_that_was_taken_back_within_the_month_is_not_transferred() -> None:
    back = hosted("a", paid=2, reversal=-300, is_refunded=True, refunded_at=day(5))
    assert types(found([], [back])) == [], "nothing was to be paid"
    later = hosted("b", paid=35)
    lines = right_lines([back, later], payout_day=61)
    assert types(found(lines, [back, later])) == [], "what came to nothing is told with the next transfer, in January"
    assert types(found(lines[:2], [back, later])) == [("missing_share", -300)]


def test_what_is_taken_back_is_due_with_the_next_transfer_too() -> None:
    back = hosted("a", paid=2, reversal=-300, is_refunded=True, refunded_at=day(32))
    others = [hosted("b", paid=3), hosted("c", paid=40, share=500)]
    early = Coverage.of([(START, day(45))])
    told = right_lines([hosted("a", paid=2), others[0]], payout_day=30)
    assert types(found(told, [back, *others], coverage={Account.PAYOUTS: early})) == []
    assert types(found([*told, *right_lines(others[1:], payout_day=61)], [back, *others])) == [
        ("refund_not_reversed", 300)
    ]


def test_an_amount_is_wrong() -> None:
    charge, share = right_lines([order("a")])
    assert types(found([moved(charge, amount=-3005), share], [order("a")])) == [("wrong_amount", -5)]
    wrong = found([charge, moved(share, amount=301)], [order("a")])
    assert types(wrong) == [("wrong_amount", 1)]
    assert wrong.findings[0].key == "wrong_amount:a:share"
    assert types(found([share], [order("a")])) == [("wrong_amount", 3000)], "a charge is missing"


def test_a_charge_may_come_in_parts() -> None:
    lines = [line(Kind.CHARGE, -2900, of="a"), line(Kind.CHARGE_ADJUSTMENT, -100, of="a", at=3)]
    outcome = found([*lines, line(Kind.REVENUE_SHARE, 300, of="a")], [order("a")])
    assert (types(outcome), len(outcome.matches)) == ([], 3)


def test_a_line_twice_is_a_duplicate() -> None:
    charge, share = right_lines([order("a")])
    again = moved(share, id=share.id + 1000, occurrence=2)
    assert types(found([again, charge, share], [order("a")])) == [("duplicate", 300)]
    other = moved(charge, id=charge.id + 1000, transaction_id="other")
    assert types(found([charge, share, other], [order("a")])) == [("duplicate", -3000)]


def test_a_late_share_is_no_longer_missing() -> None:
    charge, share = right_lines([order("a")])
    outcome = found([charge, moved(share, moment=share.moment + timedelta(days=35))], [order("a")])
    [late] = outcome.findings
    assert (late.type, late.amount, late.found) == (Type.LATE, 0, 300)
    assert "35 days" in late.explanation
    assert len(outcome.matches) == 2
    assert types(found([charge, moved(share, moment=share.moment + timedelta(days=7))], [order("a")])) == []


def test_a_late_share_of_a_payout() -> None:
    orders = [hosted("a"), hosted("b")]
    one, other = right_lines(orders, payout_day=5)
    assert types(found([one, moved(other, moment=other.moment + timedelta(days=35))], orders)) == [("late", 0)]


def test_an_excluded_order_is_paid() -> None:
    paid = line(Kind.REVENUE_SHARE, 42, of="a")
    assert types(found([*right_lines([order("a", share=0)]), paid], [order("a", share=0)])) == [
        ("excluded_but_paid", 42)
    ]


def test_lines_of_an_order_that_may_have_been_paid_wait() -> None:
    outcome = found(right_lines([order("a")]), [order("a", charge=0, paid=None, is_open=True)])
    assert (types(outcome), outcome.matches, outcome.waiting) == ([], [], 2)


def test_what_an_order_earned_may_not_be_known_yet() -> None:
    charge, share = right_lines([order("a")])
    outcome = found([charge, share], [order("a", share=None)])
    assert (types(outcome), outcome.waiting) == ([], 1)


@pytest.mark.parametrize(
    "missing", [{Kind.REFUND}, {Kind.REVENUE_SHARE_REVERSAL}, {Kind.REFUND, Kind.REVENUE_SHARE_REVERSAL}]
)
def test_a_refund_that_is_not_whole_is_one_matter(missing: set[Kind]) -> None:
    lines = [each for each in right_lines([refunded("a")]) if each.kind not in missing]
    outcome = found(lines, [refunded("a")])
    assert [finding.type for finding in outcome.findings] == [Type.REFUND_NOT_REVERSED]


def test_a_refund_of_unknown_amount_is_what_the_statement_tells() -> None:
    unknown = order("a", refund=None, reversal=0, is_refunded=True, refunded_at=day(5))
    outcome = found([*right_lines([order("a")]), line(Kind.REFUND, 700, of="a", at=5)], [unknown])
    assert (types(outcome), outcome.matches[-1].amount) == ([], 700)


@pytest.mark.parametrize(
    "odd",
    [
        line(Kind.CHARGE, -500, of="nobody"),
        line(Kind.REVENUE_SHARE, 5, order_reference="R-nobody"),
        line(Kind.OTHER, 5),
        line(Kind.WITHDRAWAL, -5),
        line(Kind.REVENUE_SHARE, 300, of="d", account=Account.STORED_VALUE),
    ],
)
def test_a_line_about_nothing_that_we_know(odd: Line) -> None:
    orders = [order("a"), hosted("d")]
    assert types(found([*right_lines(orders), odd], orders)) == [("unknown_transaction", odd.amount)]


def test_lines_that_name_no_order_are_paired_by_amount_and_date() -> None:
    orders = [order("a", paid=2), order("b", paid=4), order("c", charge=-1234, share=12)]
    lines = [moved(each, order_id="") for each in right_lines(orders)]
    outcome = found(Random(3).sample(lines, len(lines)), orders)  # noqa: S311  an order of lines
    assert types(outcome) == []
    pairs = {(match.order_id, match.part): match for match in outcome.matches}
    assert pairs["a", Part.CHARGE].line.moment < pairs["b", Part.CHARGE].line.moment
    assert (pairs["c", Part.SHARE].confidence, pairs["a", Part.SHARE].confidence) == (80, 60)
    far = [moved(each, moment=each.moment + timedelta(days=4)) for each in lines if each.amount == 12]
    assert ("unknown_transaction", 12) in types(found([each for each in lines if each.amount != 12] + far, orders))


def test_a_line_that_names_its_batch_is_of_the_one_order_that_fits() -> None:
    orders = [order("a", batch_id="ob", charge=-100), order("b", batch_id="ob"), order("c", batch_id="ob")]
    lines = [moved(each, order_id="", customer_reference="ob", moment=day(9)) for each in right_lines(orders)]
    outcome = found(lines, orders)
    [match] = [each for each in outcome.matches if each.explanation]
    assert (match.order_id, match.part, match.confidence) == ("a", Part.CHARGE, 80)


def test_deposits_beside_those_recorded() -> None:
    recorded = [Deposit(7, 5000, day(3)), Deposit(8, 5000, day(1)), Deposit(9, 99, day(3))]
    lines = [line(Kind.DEPOSIT, 5000, at=1), line(Kind.DEPOSIT, 5000, at=4), line(Kind.DEPOSIT, 70, at=3)]
    outcome = found(lines, [], recorded)
    assert types(outcome) == [("balance_mismatch", -99), ("unexplained_deposit", 70)]
    assert [match.deposit for match in outcome.matches] == [8, 7]


def test_every_status_can_be_reached_and_left() -> None:
    assert set(MOVES) == set(Status) == {to for moves in MOVES.values() for to in moves}


KINDS = ("missing_share", "wrong_amount", "duplicate", "late", "unknown_transaction", "excluded_but_paid",
         "refund_not_reversed", "unexplained_deposit")  # fmt: skip


@given(st.lists(st.sampled_from(KINDS), max_size=8), st.randoms(use_true_random=False))
def test_exactly_what_was_planted_is_found(planted: list[str], chance: Random) -> None:
    orders: list[Expected] = [order(f"s{n}", paid=n) for n in range(9)] + [hosted(f"h{n}", paid=n) for n in range(9)]
    orders += [order(f"x{n}", share=0) for n in range(8)] + [refunded(f"r{n}") for n in range(8)]
    lines = right_lines(orders)
    shares = [each for each in lines if each.kind is Kind.REVENUE_SHARE and each.order_id[0] in "sh"]
    chance.shuffle(shares)
    for number, fault in enumerate(planted):
        share = shares.pop()
        place = next(index for index, each in enumerate(lines) if each.id == share.id)
        if fault == "missing_share":
            del lines[place]
        elif fault == "wrong_amount":
            lines[place] = moved(share, amount=share.amount + 1)
        elif fault == "duplicate":
            lines.append(moved(share, id=-number - 1, occurrence=2))
        elif fault == "late":
            lines[place] = moved(share, moment=share.moment + timedelta(days=35))
        elif fault == "unknown_transaction":
            lines.append(line(Kind.CHARGE, -500, of=f"nobody{number}"))
        elif fault == "excluded_but_paid":
            lines.append(line(Kind.REVENUE_SHARE, 10, of=f"x{number}"))
        elif fault == "refund_not_reversed":
            lines = [
                each for each in lines if (each.order_id, each.kind) != (f"r{number}", Kind.REVENUE_SHARE_REVERSAL)
            ]
        else:
            lines.append(line(Kind.DEPOSIT, 777))
    chance.shuffle(lines)
    assert Counter(finding.type.value for finding in found(lines, orders).findings) == Counter(planted)


def test_what_tiers_added_is_paid_for_no_order() -> None:
    months = [TrueUp("2026-11", 225, day(30)), TrueUp("2026-12", 225, day(61)), TrueUp("2026-10", 99, day(-1))]
    paid = line(Kind.REVENUE_SHARE, 225, at=40, account=Account.PAYOUTS, payout_id="p1")
    outcome = found([paid], [], true_ups=months)
    [match] = outcome.matches
    assert (match.rule, match.confidence, match.period, types(outcome)) == (Rule.TIER_TRUE_UP, 80, "2026-11", [])
    assert "tiers of 2026-11" in match.explanation
    again = moved(paid, id=paid.id + 1000, transaction_id="again")
    assert types(found([paid, again], [], true_ups=months)) == [("unknown_transaction", 225)]
    both = found([paid, moved(again, moment=day(70))], [], true_ups=months)
    assert sorted((each.period, each.confidence) for each in both.matches) == [("2026-11", 80), ("2026-12", 80)]
    for other in (
        moved(paid, amount=226),
        moved(paid, moment=day(100)),
        moved(paid, order_reference="R-unheard-of"),
        moved(paid, kind=Kind.CHARGE),
    ):
        assert types(found([other], [], true_ups=months[:1])) == [("unknown_transaction", other.amount)]
