"""The command line beside `serve`: thin, but the way most people meet the emulator."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from goody_emulator.cli import main

from .partner import STORED, Partner
from .program import running
from .receiver import Receiver

Command = Callable[..., Result]
SNAPSHOT_TIME = "2032-02-03T04:05:06Z"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"GOODY_EMULATOR_URL": None, "GOODY_API_KEY": None})


@pytest.fixture
def command(emulator_url: str, partner: Partner) -> Command:
    """Runs a command for the partner's app, and returns how it ended; it is to succeed."""

    def command(*arguments: str) -> Result:
        ended = run(*arguments, "--url", emulator_url, "--key", partner.key)
        assert ended.exit_code == 0, ended.output
        return ended

    return command


def told(ended: Result) -> Any:
    return json.loads(ended.stdout)


def test_every_command_explains_itself() -> None:
    names = [name for name in main.list_commands(_context()) if name != "serve"]
    overview = run("--help")
    assert overview.exit_code == 0
    for name in names:
        assert f"\n  {name} " in overview.stdout
        explained = run(name, "--help")
        assert (explained.exit_code, explained.stderr) == (0, "")
        assert explained.stdout.startswith("Usage: ")


def test_serve_explains_its_options_in_sections() -> None:
    explained = run("serve", "--help").stdout
    titles = ("Where it listens:", "What it knows:", "Money:", "Webhooks:", "How it behaves:", "Other:")
    assert [title for title in titles if title not in explained] == []
    assert explained.index("--webhook-url") > explained.index("Webhooks:")


def test_orders_are_listed_with_what_is_possible(partner: Partner, command: Command) -> None:
    assert command("orders").stdout == "There are no such orders.\n"
    order_id = partner.place_one()
    header, row = command("orders").stdout.splitlines()
    assert header.split()[:4] == ["ORDER", "STATUS", "RECIPIENT", "TOTAL"]
    assert row.startswith(order_id)
    assert "Ada Moss" in row
    assert "accept, cancel" in row
    assert [order["id"] for order in told(command("orders", "--json"))["data"]] == [order_id]
    assert command("orders", "--status", "delivered").stdout == "There are no such orders.\n"


def test_an_order_is_taken_through_its_life(partner: Partner, command: Command) -> None:
    order_id = partner.place_one()
    for step, details, status in (
        ("open", (), "opened"),
        ("accept", ("--state", "CA", "--credit", "100"), "pending_payment"),
        ("pay", ("--declined",), "pending_payment"),
        ("pay", ("--rest",), "paid"),
        ("order", (), "ordered"),
        ("ship", ("--shipment", "0"), "shipped"),
        ("deliver", (), "delivered"),
        ("thank_you_note", ("--note", "Oh!"), "delivered"),
        ("refund", ("--amount", "100"), "delivered"),
    ):
        assert command("trigger", order_id, step, *details).stdout == f"{order_id} is {status}.\n"
    order = partner.get(f"/v1/orders/{order_id}")
    assert (order["thank_you_note"], order["amounts"]["amount_credit_applied"]) == ("Oh!", 100)


def test_a_gift_is_swapped(partner: Partner, command: Command) -> None:
    other = next(
        each["id"]
        for each in partner.products
        if each["id"] != partner.plain["id"]
        and each["price"] <= partner.plain["price"]
        and not (each["variants"] or each["price_is_variable"] or "NY" in each["restricted_states"])
    )
    order_id = partner.place_one()
    command("trigger", order_id, "accept", "--swap", other)
    assert partner.get(f"/v1/orders/{order_id}")["cart"]["items"][0]["product"]["id"] == other


def test_a_step_out_of_turn_is_one_line_that_tells_what_is_possible(emulator_url: str, partner: Partner) -> None:
    order_id = partner.place_one()
    partner.step(order_id, "cancel")
    ended = run("trigger", order_id, "ship", "--url", emulator_url)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == 'Error: "ship" is not possible while the order is failed. Possible: nothing.\n'


def test_faults_come_and_go(partner: Partner, command: Command) -> None:
    assert command("faults", "list").stdout == "There are no faults.\n"
    added = command(
        "faults", "add", "status", "--path", "/v1/me", "--status", "429", "--retry-after", "7", "--count", "2"
    )
    assert added.stdout.splitlines()[1].split()[:4] == ["status", "*", "/v1/me", "2"]
    answer = partner.http.get("/v1/me")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    command("faults", "clear")
    assert partner.http.get("/v1/me").status_code == 200


def test_a_wrong_fault_names_what_is_possible(emulator_url: str, partner: Partner) -> None:
    ended = run("faults", "add", "explosion", "--url", emulator_url, "--key", partner.key)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert "lost_answer" in ended.stderr


def test_chaos_comes_and_goes(partner: Partner, command: Command) -> None:
    assert command("chaos", "list").stdout == "There is no chaos.\n"
    command("chaos", "add", "drop", "--event-type", "order.created", "--count", "1")
    partner.place()
    deliveries = told(command("webhooks", "deliveries", "--event-type", "order.created", "--json"))["data"]
    assert [each["status"] for each in deliveries] == ["dropped"]
    assert " 0 " in command("chaos", "list").stdout
    command("chaos", "clear")
    assert command("chaos", "list").stdout == "There is no chaos.\n"


def test_quirks_are_set_and_lifted(partner: Partner, command: Command) -> None:
    assert "canceled-status" in command("quirks", "set", "canceled-status").stdout
    order_id = partner.place_one()
    assert command("trigger", order_id, "cancel").stdout == f"{order_id} is canceled.\n"
    command("quirks", "clear")
    assert command("quirks", "list", "--active").stdout == "None is in force.\n"


def test_the_catalog_is_changed_and_set_back(partner: Partner, command: Command) -> None:
    product_id = partner.plain["id"]
    assert command("catalog", "changes").stdout == "Nothing was changed.\n"
    command("catalog", "change", "reprice", product_id, "--price", "1234")
    assert partner.get(f"/v1/products/{product_id}")["price"] == 1234
    assert product_id in command("catalog", "changes").stdout
    command("catalog", "undo")
    assert partner.get(f"/v1/products/{product_id}")["price"] == partner.plain["price"]


def test_the_catalog_drifts(partner: Partner, command: Command) -> None:
    command("catalog", "drift", "remove", "--times", "1")
    before = partner.get("/v1/products")["list_meta"]["total_count"]
    assert partner.get("/v1/products")["list_meta"]["total_count"] == before - 1
    assert "remove" in command("catalog", "drift", "show").stdout
    command("catalog", "drift", "end")


def test_money_goes_in_and_out(command: Command) -> None:
    assert command("deposit", "5000").stdout == "The balance is $100,050.00.\n"
    assert command("withdraw", "10005000").stdout == "The balance is $0.00.\n"


def test_a_payout_is_made_once(partner: Partner, command: Command) -> None:
    order_id = partner.place_one()
    partner.accept(order_id)
    partner.step(order_id, "pay")
    assert "of 1 entries" in command("payout").stdout
    assert command("payout").stdout == "Nothing is to be paid out; unpaid are $0.00.\n"


def test_statements_are_printed_or_written(partner: Partner, command: Command, tmp_path: Path) -> None:
    partner.deposit(777)
    printed = command("statement", "stored-value", "--from", "2020-01-01").stdout
    assert "7.77" in printed
    file = tmp_path / "statement.csv"
    assert command("statement", "stored-value", "-o", str(file)).stdout == ""
    assert b"7.77" in file.read_bytes()
    assert command("statement", "payouts").stdout.startswith("date,")


def test_endpoints_are_added_and_removed(partner: Partner, receiver: Receiver, command: Command) -> None:
    place = receiver.place()
    added = told(command("webhooks", "add", place.url, "--event", "order.created", "--json"))
    partner.place()
    [received] = receiver.wait_at(place, 1)
    command("webhooks", "resend", received.svix_id, "--endpoint", added["id"])
    assert [each.svix_id for each in receiver.wait_at(place, 2)] == [received.svix_id] * 2
    assert added["id"] in command("webhooks", "list").stdout
    command("webhooks", "remove", added["id"])
    assert added["id"] not in command("webhooks", "list").stdout


def test_requests_are_listed_and_forgotten(partner: Partner, command: Command) -> None:
    partner.http.get("/v1/me")
    assert command("requests", "--path", "/v1/me").stdout.splitlines()[1].split()[1:3] == ["GET", "/v1/me"]
    command("requests", "--clear")
    assert command("requests").stdout == "There are no such requests.\n"


def test_requests_are_held_against_what_is_expected(emulator_url: str, partner: Partner, command: Command) -> None:
    partner.place()
    asked = ("requests", "--path", "/v1/order_batches", "--method", "POST")
    assert command(*asked, "--expect", "1").stdout == "So it is: 1.\n"
    assert told(command(*asked, "--expect", "1", "--within", "2", "--json"))["count"] == 1
    wrong = run(*asked, "--expect", "2", "--url", emulator_url, "--key", partner.key)
    assert wrong.exit_code == 1
    assert wrong.stderr.startswith("Error: ")
    assert "exactly 2" in wrong.stderr


def test_a_forgery_is_sent_and_its_reception_told(
    emulator_url: str, partner: Partner, receiver: Receiver, command: Command
) -> None:
    endpoint_id = told(command("webhooks", "add", receiver.url, "--json"))["id"]
    sent = command("webhooks", "forge", "bad_signature", "--endpoint", endpoint_id)
    assert sent.stdout.startswith("The receiver answered ")
    wrong = run("webhooks", "forge", "kind_words", "--url", emulator_url, "--key", partner.key)
    assert (wrong.exit_code, wrong.stdout) == (1, "")


@pytest.mark.parametrize(("step", "status"), [("complete", "complete"), ("fail", "failed"), ("cancel", "canceled")])
def test_a_pending_batch_is_decided(partner: Partner, command: Command, step: str, status: str) -> None:
    batch_id = partner.place(scheduled_send_on="2099-01-01T00:00:00Z")["id"]
    assert command("batch", batch_id, step).stdout == f"{batch_id} is {status}.\n"
    assert partner.get(f"/v1/order_batches/{batch_id}")["send_status"] == status


def test_scenarios_are_listed_shown_played_and_armed(partner: Partner, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "at-once.toml"
    file.write_text('about = "Opened at once."\n[[steps]]\ndo = "open"\n')
    assert command("scenario", "put", str(file)).stdout == "at-once can be played.\n"
    assert "at-once" in command("scenario", "list").stdout
    assert command("scenario", "show", "at-once").stdout.splitlines()[-1].split() == ["0s", "open", "-"]
    order_id = partner.place_one()
    command("scenario", "play", "at-once", order_id)
    partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "opened")
    assert "done" in command("scenario", "runs", "--order", order_id).stdout
    command("scenario", "arm", "at-once", "--orders", "3")
    assert [each["orders_left"] for each in told(command("scenario", "list", "--json"))["armed"]] == [3]
    command("scenario", "disarm")
    assert told(command("scenario", "list", "--json"))["armed"] == []


def test_a_history_is_written_in_parts(partner: Partner, command: Command) -> None:
    ended = command("seed", "--orders", "1020", "--days", "30")
    assert "1,020 orders in the 30 days until " in ended.stdout
    assert partner.get("/v1/orders", per_page=1)["list_meta"]["total_count"] == 1020


def test_reset_forgets(partner: Partner, command: Command) -> None:
    partner.place()
    assert command("reset").stdout == "Forgotten.\n"
    assert partner.get("/v1/orders")["data"] == []


def test_the_clock_and_snapshots_of_an_emulator_of_its_own() -> None:
    with running("--products", "12") as url:
        here = ("--url", url)
        assert "runs (at one with the machine's clock)" in run("clock", *here).stdout
        assert "and stands still" in run("clock", "freeze", "--to", SNAPSHOT_TIME, *here).stdout
        assert run("snapshot", "save", "before", *here).stdout.startswith("Saved before, ")
        assert told(run("clock", "advance", "2.5h", "--json", *here))["now"] == "2032-02-03T06:35:06Z"
        assert run("clock", "show", *here).stdout.startswith("2032-02-03T06:35:06Z")
        assert "before" in run("snapshot", "list", *here).stdout
        assert run("snapshot", "restore", "before", *here).stdout.startswith("Restored before, ")
        assert run("clock", "show", *here).stdout.startswith(SNAPSHOT_TIME)
        assert "and runs" in run("clock", "resume", *here).stdout
        assert run("snapshot", "delete", "before", *here).stdout == "Deleted before.\n"
        assert run("snapshot", "list", *here).stdout == "There are no snapshots.\n"
        assert run("clock", "advance", "--to", "2000-01-01", *here).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("clock", "advance"), "Say how far: a duration such as 2h, or a moment with --to."),
        (("clock", "advance", "soon"), "'soon' is no length of time: that is a number and s, m, h or d"),
        (
            ("clock", "advance", "1h", "--to", "2030-01-01"),
            "Say how far: a duration such as 2h, or a moment with --to.",
        ),
        (("deposit", "-5"), "No such option '-5'"),
        (("statement", "gifts"), "'gifts' is not one of 'stored-value', 'payouts'"),
        (("orders", "--url", "goody"), "goody is not the address of an emulator"),
        (("teapot",), "No such command 'teapot'"),
    ],
)
def test_a_slip_of_usage_ends_with_two(arguments: tuple[str, ...], complaint: str) -> None:
    ended = run(*arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert complaint in ended.stderr


def test_no_emulator_there_is_one_clear_line() -> None:
    ended = run("orders", "--url", "http://127.0.0.1:9")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == (
        "Error: No emulator answers at http://127.0.0.1:9. Start one with `goody-emulator serve`, "
        "or name another with --url.\n"
    )


def test_another_program_there_is_one_clear_line() -> None:
    with _web_server() as url:
        ended = run("orders", "--url", url)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == f"Error: {url} answered 200 in a way no emulator does. Is another program there?\n"


def test_url_and_key_come_from_the_environment(emulator_url: str, partner: Partner) -> None:
    partner.place_one(payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    ended = subprocess.run(
        [sys.executable, "-c", "from goody_emulator.cli import main; main()", "orders", "--json"],
        env={"GOODY_EMULATOR_URL": emulator_url, "GOODY_API_KEY": partner.key},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [order["recipient_first_name"] for order in json.loads(ended.stdout)["data"]] == ["Ada"]
    assert ended.stderr == ""


def test_what_others_wrote_cannot_steer_the_terminal(partner: Partner, command: Command) -> None:
    partner.place(recipients=[{"first_name": "\x1b[2JBo"}])
    assert "\x1b" not in command("orders").stdout
    assert "\N{REPLACEMENT CHARACTER}[2JBo" in command("orders").stdout


def _context() -> Any:
    return main.make_context("goody-emulator", ["orders"])


@contextmanager
def _web_server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<h1>It works!</h1>")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
