"""A non-volatile store that can lose power in the middle of any write."""


class PowerCut(Exception):
    """The power went."""


class TornStore:
    """Blobs by key. The power goes after `bytes_left` more bytes, and the blob is torn there.

    A torn blob is what the worst flash could leave: the new bytes so far, then the old ones.
    """

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.bytes_left: int | None = None
        self.writes = 0
        self.written_bytes = 0

    def read(self, key: str, buffer: bytearray) -> int:
        """As hal.Store."""
        blob = self.blobs.get(key, b"")
        if len(blob) > len(buffer):
            return -1
        buffer[: len(blob)] = blob
        return len(blob)

    def write(self, key: str, data: bytearray) -> None:
        """As hal.Store; PowerCut when the power goes."""
        self.writes += 1
        self.written_bytes += len(data)
        whole = bytes(data)
        if self.bytes_left is not None:
            if self.bytes_left < len(whole):
                old = self.blobs.get(key, b"")
                self.blobs[key] = whole[: self.bytes_left] + old[self.bytes_left :]
                raise PowerCut
            self.bytes_left -= len(whole)
        self.blobs[key] = whole

    def commit(self) -> None:
        """As hal.Store: a step of its own at which the power may go."""
        if self.bytes_left is not None:
            if self.bytes_left == 0:
                raise PowerCut
            self.bytes_left -= 1
