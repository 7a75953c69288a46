"""Draws the catalog's pictures as SVG; the same thing always gets the same picture."""

import hashlib
from html import escape
from string import Template
from typing import Final

from goody_emulator.catalog.model import Brand, Card, Product

_FRAME: Final = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" width="$width" height="$height" viewBox="0 0 $width $height"'
    ' role="img" aria-label="$title"><title>$title</title><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
    '<stop offset="0" stop-color="hsl($hue, 62%, 86%)"/><stop offset="1" stop-color="hsl($next, 55%, 68%)"/>'
    '</linearGradient></defs><rect width="$width" height="$height" fill="url(#g)"/>$content</svg>'
)

# Each is drawn on a square of 100, in the current colour.
_ICONS: Final = {
    "cookie": '<circle cx="50" cy="50" r="32"/><g fill="#fff8"><circle cx="40" cy="40" r="5"/>'
    '<circle cx="60" cy="45" r="4"/><circle cx="48" cy="62" r="6"/></g>',
    "chocolate": '<path d="M24 24h24v24H24zM52 24h24v24H52zM24 52h24v24H24zM52 52h24v24H52z"/>',
    "candle": '<path d="M36 46h28v36H36zM50 18c8 10 8 18 0 24c-8-6-8-14 0-24z"/>',
    "plant": '<path d="M36 62h28l-4 22H40zM50 60c0-22-20-20-26-36c20 0 28 16 26 36z"/>'
    '<path d="M50 60c0-20 14-26 26-30c0 18-10 28-26 30z"/>',
    "coffee": '<path d="M26 38h40v26a14 14 0 0 1-14 14H40a14 14 0 0 1-14-14z"/>'
    '<path d="M68 42h4a9 9 0 0 1 0 18h-4v-6h4a3 3 0 0 0 0-6h-4z"/>',
    "tea": '<path d="M50 18c26 18 22 46 0 64c-22-18-26-46 0-64z"/>'
    '<path d="M50 26v50" stroke="#fff8" stroke-width="3"/>',
    "spa": '<path d="M50 16c16 24 24 34 24 46a24 24 0 0 1-48 0c0-12 8-22 24-46z"/>',
    "knit": '<path d="M34 22l16 8l16-8l16 14l-10 12l-6-4v36H34V44l-6 4l-10-12z"/>',
    "kitchen": '<path d="M28 40h44v30a10 10 0 0 1-10 10H38a10 10 0 0 1-10-10zM24 30h52v7H24zM45 22h10v6H45z"/>',
    "game": '<rect x="24" y="24" width="52" height="52" rx="10"/><g fill="#fff8"><circle cx="38" cy="38" r="5"/>'
    '<circle cx="62" cy="62" r="5"/><circle cx="50" cy="50" r="5"/></g>',
    "paper": '<path d="M30 20h32l10 10v50H30z"/>'
    '<path d="M38 44h26M38 54h26M38 64h18" stroke="#fff8" stroke-width="3"/>',
    "baby": '<circle cx="50" cy="56" r="24"/><circle cx="32" cy="34" r="9"/><circle cx="68" cy="34" r="9"/>',
    "pet": '<ellipse cx="50" cy="64" rx="18" ry="14"/><circle cx="30" cy="48" r="7"/><circle cx="43" cy="36" r="7"/>'
    '<circle cx="57" cy="36" r="7"/><circle cx="70" cy="48" r="7"/>',
    "wine": '<path d="M34 18h32c2 22-4 32-13 35v21h11v6H36v-6h11V53c-9-3-15-13-13-35z"/>',
    "giftcard": '<rect x="18" y="32" width="64" height="40" rx="6"/>'
    '<path d="M18 44h64" stroke="#fff8" stroke-width="6"/>',
    "choice": '<path d="M22 40h56v12H22zM26 54h48v26H26z"/><path d="M50 40v40M50 40c-22-18-22 2 0 0c22-18 22 2 0 0"'
    ' stroke="#fff8" stroke-width="4" fill="none"/>',
}


def draw_product(product: Product, icon: str, view: str, width: int, height: int) -> str:
    """Return a picture of a product; each view has a shade of its own."""
    hue, side = _hue(product.id, view), min(width, height)
    shape = _placed(_ICONS[icon], width / 2, height * 2 / 5, side / 160, hue)
    return _framed(product.name, hue, width, height, shape + _lettering(product.name, width, height * 17 // 20, hue))


def draw_logo(brand: Brand, width: int, height: int) -> str:
    """Return a brand's logo: its initial."""
    hue = _hue(brand.id)
    letter = (
        f'<text x="50%" y="50%" dy=".35em" text-anchor="middle" font-family="Georgia, serif"'
        f' font-size="{min(width, height) // 2}" fill="hsl({hue}, 45%, 28%)">{escape(brand.name[0])}</text>'
    )
    return _framed(brand.name, hue, width, height, letter)


def draw_card(card: Card, width: int, height: int) -> str:
    """Return the front of a greeting card."""
    hue, words = _hue(card.id), card.occasions[0] if card.occasions else "With Love"
    petals = "".join(
        f'<ellipse cx="50" cy="26" rx="9" ry="20" transform="rotate({turn} 50 50)"/>' for turn in range(0, 360, 45)
    )
    flower = _placed(
        petals + '<circle cx="50" cy="50" r="10" fill="#fffa"/>', width / 2, height * 2 / 5, width / 150, hue
    )
    return _framed(f"{words} card", hue, width, height, flower + _lettering(words, width, height * 4 // 5, hue))


def draw_banner(thing_id: str, title: str, width: int, height: int) -> str:
    """Return the picture of a set or a collection: its title."""
    hue = _hue(thing_id)
    return _framed(title, hue, width, height, _lettering(title, width, height * 11 // 20, hue))


def _hue(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("/".join(parts).encode()).digest()[:2]) % 360


def _framed(title: str, hue: int, width: int, height: int, content: str) -> str:
    return _FRAME.substitute(
        title=escape(title), hue=hue, next=(hue + 40) % 360, width=width, height=height, content=content
    )


def _placed(shape: str, x: float, y: float, scale: float, hue: int) -> str:
    move = f"translate({x - 50 * scale:.1f} {y - 50 * scale:.1f}) scale({scale:.3f})"
    return f'<g transform="{move}" fill="hsl({hue}, 42%, 38%)">{shape}</g>'


def _lettering(words: str, width: int, y: int, hue: int) -> str:
    size = min(width // 12, width * 17 // (10 * max(1, len(words))))
    return (
        f'<text x="50%" y="{y}" text-anchor="middle" font-family="Georgia, serif" font-size="{size}"'
        f' fill="hsl({hue}, 45%, 22%)">{escape(words)}</text>'
    )
