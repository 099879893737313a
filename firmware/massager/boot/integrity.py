"""Check that the flash holds all that was deployed, unchanged.

manifest.json holds size and SHA-256 of every file, written by deployment after all of them
and taken away before the first one changes. So half a firmware is always seen.
"""

import binascii
import hashlib
import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "manifest.json"
MISSING = NAME + " is missing"
_CHUNK_BYTES = 512


def first_wrong() -> str:
    """Return the first file that is missing or changed, in words; "" when all is complete."""
    try:
        with open(NAME) as file:
            files: dict[str, list[Any]] = json.load(file)["files"]
    except OSError:
        return MISSING
    except (ValueError, KeyError):
        return NAME + " is broken"
    buffer = bytearray(_CHUNK_BYTES)
    for path in files:
        try:
            if _sha256(path, buffer) != files[path][1]:
                return path + " has changed"
        except OSError:
            return path + " is missing"
    return ""


def _sha256(path: str, buffer: bytearray) -> str:
    """Return the hash of a file, in hexadecimal. OSError when it cannot be read."""
    digest = hashlib.sha256()
    view = memoryview(buffer)
    with open(path, "rb") as file:
        while True:
            length = file.readinto(buffer)
            if not length:
                return binascii.hexlify(digest.digest()).decode()
            digest.update(view[:length])
