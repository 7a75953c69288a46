"""What a person does with a phone, in their words."""

from playwright.sync_api import ConsoleMessage, Error, Page, Request, expect

ADDRESS = {
    "First name": "Ada",
    "Last name (optional)": "Moss",
    "Street address": "1 Main St",
    "City": "New York",
    "ZIP code": "10022",
}


class Phone:
    """One page in a browser, watched."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.strays: list[str] = []
        """Requests that went to another server."""
        self.complaints: list[str] = []
        """What the browser's console showed as an error or a warning."""
        self._home = home
        page.on("request", self._note_request)
        page.on("console", self._note_message)
        page.on("pageerror", self._note_error)

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(f"{self._home}/"):
            self.strays.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _note_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def open(self, link: str) -> None:
        """Follow a link from outside."""
        self.page.goto(link)

    def reads(self, heading: str) -> None:
        """See a heading, on a page that needs no sideways scrolling and whose pictures have all come."""
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        self.page.wait_for_load_state("load")
        assert self.page.evaluate("document.documentElement.scrollWidth") == 375
        broken = "[...document.images].filter(each => each.complete && !each.naturalWidth).map(each => each.src)"
        assert self.page.evaluate(broken) == []

    def press(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def follow(self, link: str) -> None:
        """Follow the first link of that name."""
        self.page.get_by_role("link", name=link).first.click()

    def type(self, label: str, text: str) -> None:
        """Type into a field."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def give_address(self) -> None:
        """Fill in where the gift shall go."""
        for label, text in ADDRESS.items():
            self.type(label, text)
        self.choose("State", "New York")

    def give_card(self, number: str) -> None:
        """Fill in a card."""
        for label, text in {"Card number": number, "Expiry date": "04/40", "Security code": "123"}.items():
            self.type(label, text)
        self.type("Name on the card", "Bo Lind")
