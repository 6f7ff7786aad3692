"""Text in an item: compressed where that saves half."""

import zlib
from typing import Any

from assistants_api.storage.values import Item


def pack_text(name: str, text: str) -> dict[str, Any]:
    """The text as the attribute of that name, or as `compressed`."""
    compressed = zlib.compress(text.encode(), level=6)
    return {"compressed": compressed} if 2 * len(compressed) <= len(text.encode()) else {name: text}


def unpack_text(name: str, item: Item) -> str:
    return zlib.decompress(item["compressed"]).decode() if "compressed" in item else str(item[name])
