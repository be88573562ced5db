"""Pack pictures into the page."""

import base64
import io
from dataclasses import dataclass

from PIL import Image

_HEAVY_BYTES = 400_000


@dataclass(frozen=True)
class Picture:
    """An embedded picture: its address, size in pixels, what it shows, and its caption."""

    source: str
    width: int
    height: int
    alt: str
    caption: str


def data_uri(png: bytes) -> str:
    """Return a picture as an address that holds it, as WebP: lossless unless the PNG is heavy."""
    options = {"lossless": True} if len(png) < _HEAVY_BYTES else {"quality": 88}
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(buffer, "WEBP", **options)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def picture(png: bytes, alt: str, caption: str) -> Picture:
    """Embed a figure."""
    with Image.open(io.BytesIO(png)) as image:
        width, height = image.size
    return Picture(data_uri(png), width, height, alt, caption)
