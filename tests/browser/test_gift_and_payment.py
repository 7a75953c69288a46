"""From the gift link to the thank-you note, as two people with a phone go through it."""

from playwright.sync_api import expect

from tests.browser.phone import Phone
from tests.emulator.partner import Partner


def test_a_gift_is_chosen_accepted_paid_and_thanked_for(phone: Phone, partner: Partner) -> None:
    product = partner.product(lambda each: each["variants_num_selectable"] == 3 and not each["restricted_states"])
    label, names = product["variants_label"], [each["name"] for each in product["variants"]]
    order = partner.place(
        cart={"items": [{"product_id": product["id"], "quantity": 1}]}, card_id=partner.card_id, message="For you!"
    )["orders_preview"][0]

    phone.open(order["individual_gift_link"])
    phone.reads("Bo sent you a gift")
    expect(phone.page.get_by_alt_text("Greeting card")).to_be_visible()
    for number in (1, 2, 3):
        phone.choose(f"{label} {number} of 3", names[number])
    phone.give_address()
    phone.press("Accept")
    phone.reads("The gift is yours")

    phone.follow("goody-emulator")
    phone.reads("Latest orders")
    phone.follow("Payment")
    phone.reads("Ada said yes")
    total = partner.get(f"/v1/orders/{order['id']}")["amounts"]["amount_total"]
    pay = f"Pay ${total // 100}.{total % 100:02d}"
    phone.give_card("4000 0000 0000 0002")
    phone.press(pay)
    expect(phone.page.get_by_role("alert")).to_have_text("Your card was declined.")
    phone.reads("Ada said yes")
    assert partner.get(f"/v1/orders/{order['id']}")["status"] == "pending_payment"
    phone.give_card("4242 4242 4242 4242")
    phone.press(pay)
    phone.reads("Paid. Thank you!")

    phone.open(order["individual_gift_link"])
    phone.type("Say thank you to Bo", "Oh, how kind!")
    phone.press("Send the note")
    phone.reads("Your note to Bo")
    done = partner.get(f"/v1/orders/{order['id']}")
    assert (done["status"], done["thank_you_note"]) == ("ordered", "Oh, how kind!")
    assert [each["variants"] for each in done["cart_selections"]] == [names[1:4]]


def test_a_gift_is_swapped_for_another(phone: Phone, partner: Partner) -> None:
    dear = max((each for each in partner.products if not each["price_is_variable"]), key=lambda each: each["price"])
    order = partner.place(cart={"items": [{"product_id": dear["id"], "quantity": 1}]})["orders_preview"][0]

    phone.open(order["individual_gift_link"])
    phone.follow("Swap it for something else")
    phone.reads("Choose something else")
    phone.type("Search by name", partner.plain["name"])
    phone.press("Search")
    phone.follow(f"Choose {partner.plain['name']}")
    phone.reads(partner.plain["name"])
    phone.give_address()
    phone.press("Accept")
    phone.reads("The gift is yours")
    swapped = partner.get(f"/v1/orders/{order['id']}")
    assert (swapped["is_swapped"], swapped["cart"]["items"][0]["product"]["name"]) == (True, partner.plain["name"])
    assert swapped["original_cart"] == order["cart"]


def test_several_gifts_are_gathered_within_the_price(phone: Phone, partner: Partner) -> None:
    dear = max((each for each in partner.products if not each["price_is_variable"]), key=lambda each: each["price"])
    order = partner.place(cart={"items": [{"product_id": dear["id"], "quantity": 2}]}, swap="multiple")
    order = order["orders_preview"][0]

    phone.open(f"{order['individual_gift_link']}/swap?q={partner.plain['name']}")
    phone.follow(f"Add {partner.plain['name']}")
    phone.follow(f"Add {partner.plain['name']}")
    phone.follow(f"Remove one {partner.plain['name']}")
    expect(phone.page.get_by_label("Chosen so far")).to_contain_text(f"1 × {partner.plain['name']}")
    phone.follow(f"Add {partner.plain['name']}")
    phone.follow("Take these")
    phone.reads(f"2 × {partner.plain['name']}")
    phone.give_address()
    phone.press("Accept")
    phone.reads("The gift is yours")
    swapped = partner.get(f"/v1/orders/{order['id']}")
    assert [each["quantity"] for each in swapped["cart"]["items"]] == [2]


def test_what_was_typed_wrong_is_shown_beside_the_field(phone: Phone, partner: Partner) -> None:
    closed = partner.product(lambda each: "AK" in each["restricted_states"] and not each["variants"])
    cart = {"items": [{"product_id": closed["id"], "quantity": 1}]}
    order = partner.place(cart=cart)["orders_preview"][0]

    phone.open(order["individual_gift_link"])
    phone.give_address()
    phone.choose("State", "Alaska")
    phone.press("Accept")
    phone.reads("Bo sent you a gift")
    state = phone.page.get_by_label("State", exact=True)
    expect(state).to_have_accessible_description(f"{closed['name']} can't be shipped to Alaska.")
    expect(state).to_have_value("AK")
    expect(phone.page.get_by_label("City", exact=True)).to_have_value("New York")
    phone.choose("State", "New York")
    phone.press("Accept")
    phone.reads("The gift is yours")
