"""The figures that metrics show: every state is counted, and no body is read for that."""

import sqlalchemy as sa

from payments.figures import read_figures
from tests.integration.payments.stage import place_order, set_batch
from tests.shop import Shop


def test_messages_are_counted_in_every_state(shop: Shop) -> None:
    shop.order()
    set_batch(shop, place_order(shop), submission_status="unknown")
    stray = {**shop.goody.batches[0]["orders_preview"][0], "order_batch_id": "00000000-0000-4000-8000-000000000000"}
    shop.hear("order.gift_opened", stray)
    assert shop.deliver(b'{"event_type":"order.gift_wrapped","id":"event_1","data":{}}').status_code == 204
    with shop.services.sessions.read() as session:
        figures = read_figures(session)
    assert figures.submissions == {(shop.app_id, "submitted"): 1, (shop.app_id, "unknown"): 1}
    assert figures.messages == {(shop.app_id, "waiting"): 1, (shop.app_id, "received"): 1}


def test_an_index_alone_is_read(shop: Shop) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    engine = shop.services.sessions.engine
    with shop.services.sessions.read() as session:
        sa.event.listen(engine, "before_cursor_execute", note)
        read_figures(session)
        sa.event.remove(engine, "before_cursor_execute", note)
        if engine.dialect.name == "sqlite":
            plans = [str(session.execute(sa.text(f"EXPLAIN QUERY PLAN {each}")).all()) for each in asked]
            assert all("USING COVERING INDEX" in plan for plan in plans), plans
    assert len(asked) == 4
