"""A page as a browser without scripts holds it: its text, its fields as filled in, and the errors beside them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

TYPED: Final = {
    "first_name": "Ada",
    "last_name": "Moss",
    "address_1": "1 Main St",
    "address_2": "Apt 4",
    "city": "New York",
    "state": "NY",
    "postal_code": "10022",
}
"""What a recipient types into the address form."""


@dataclass
class Page:
    """What is on a page."""

    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    labelled: set[str] = field(default_factory=set)
    described_by: dict[str, str] = field(default_factory=dict)
    by_id: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    scripts: int = 0
    styles: int = 0

    @property
    def errors(self) -> dict[str, str]:
        """The error beside each field that has one."""
        return {name: self.by_id[target].strip() for name, target in self.described_by.items()}


def dollars(cents: int) -> str:
    """Return an amount as a page shows it."""
    return f"${cents // 100:,}.{cents % 100:02d}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._select = ""
        self._inside: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        page, name = self.page, given.get("name", "")
        if tag not in {"input", "img", "link", "meta", "br"}:
            self._inside.append((tag, given.get("id", "")))
        if "aria-describedby" in given:
            page.described_by[name] = given["aria-describedby"]
        if tag == "input":
            page.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            page.fields[name] = ""
        elif tag == "option" and "selected" in given:
            page.fields[self._select] = given["value"]
        elif tag == "label":
            page.labelled.add(given["for"])
        page.links += [given[each] for each in ("href", "action") if each in given]
        page.sources += [given["src"]] if "src" in given else []
        page.scripts += tag == "script" or any(each.startswith("on") for each in given)
        page.styles += tag == "style" or "style" in given

    def handle_endtag(self, _: str) -> None:
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        self.page.text += data
        for tag, element_id in self._inside:
            if element_id:
                self.page.by_id[element_id] = self.page.by_id.get(element_id, "") + data
            if tag == "textarea":
                self.page.fields["note"] = self.page.fields.get("note", "") + data.strip()


def read_page(markup: str) -> Page:
    """Return a page as a browser would read it."""
    reader = _Reader()
    reader.feed(markup)
    reader.page.text = " ".join(reader.page.text.split())
    return reader.page
