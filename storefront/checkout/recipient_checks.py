"""What stands in the way of a draft's recipients: what the send method needs of each, and where goods may go. Pure."""

from collections.abc import Iterator
from typing import Final

from foundation.errors import Fault
from foundation.goody.payloads import MailingAddress
from storefront.checkout.circumstances import Circumstances
from storefront.checkout.draft import Draft
from storefront.checkout.item_checks import DIRECT
from storefront.checkout.us_addresses import STATES, ZIP

EMAIL: Final = "email_and_link"
HOME: Final = "US"


def check_recipients(draft: Draft, given: Circumstances) -> Iterator[Fault]:
    """Every problem of the recipients."""
    if not draft.recipients:
        yield Fault("/recipients", "required", "Name at least one recipient.")
    for index, recipient in enumerate(draft.recipients):
        at = f"/recipients/{index}"
        if draft.send_method == EMAIL and not recipient.email:
            yield Fault(f"{at}/email", "required", "Goody mails this gift, so every recipient needs an email address.")
        address = recipient.mailing_address
        if address is not None:
            yield from _check_address(draft, address, f"{at}/mailing_address", given)
        elif draft.send_method == DIRECT:
            yield Fault(f"{at}/mailing_address", "required", "A direct send needs every recipient's address.")


def _check_address(draft: Draft, address: MailingAddress, at: str, given: Circumstances) -> Iterator[Fault]:
    if draft.send_method != DIRECT and DIRECT not in given.capabilities:
        # Goody lets approved partners alone fill in an address for the recipient.
        yield Fault(at, "not_enabled", "This app is not approved by Goody for addresses. Leave it out.")
        return
    if address.country != HOME:
        detail = (
            "Only addresses in the US can be used, whatever the tier of international shipping. Send a link instead."
        )
        yield Fault(f"{at}/country", "unsupported_country", detail)
        return
    if address.state not in STATES:
        yield Fault(f"{at}/state", "unknown_state", "Use the two letters of a state, such as NY.")
    if ZIP.fullmatch(address.postal_code) is None:
        yield Fault(f"{at}/postal_code", "bad_postal_code", "Use a ZIP code: 10022 or 10022-1234.")
    for item in draft.items:
        product = given.sellable.get(item.product_id)
        if product is not None and address.state in product.restricted_states:
            detail = f"{product.name} can't be shipped to {address.state}. Choose another product for this recipient."
            yield Fault(f"{at}/state", "restricted_state", detail)
