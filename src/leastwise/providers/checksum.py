"""CRC-32C (Castagnoli), the checksum that stores of objects give of what they hold: many lanes at a time by numpy.

https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 (the polynomial and its examples)
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF
_LANES = 2048
_FEW = 4 * _LANES
"""Below so many bytes lanes are not worth it."""
Words = NDArray[np.uint32]


class Crc32c:
    """The checksum of bytes that come by and by."""

    def __init__(self) -> None:
        self._state = _ALL

    def update(self, data: bytes) -> None:
        """Add bytes."""
        self._state = _updated(self._state, data)

    @property
    def value(self) -> int:
        """The checksum of all that was added."""
        return self._state ^ _ALL


def _updated(state: int, data: bytes) -> int:
    """The register after more bytes."""
    length = len(data) // _LANES if len(data) >= _FEW else 0
    if length:
        lanes = np.frombuffer(data, np.uint8, length * _LANES).reshape(_LANES, length).T.astype(np.uint32)
        registers = np.zeros(_LANES, np.uint32)
        registers[0] = state
        table = _table()
        for column in np.ascontiguousarray(lanes):
            registers = table[(registers ^ column) & 0xFF] ^ (registers >> np.uint32(8))
        # The register is linear: what stands before a lane is moved past it, and added.
        past = _past(length)
        state = 0
        for register in registers.tolist():
            state = (
                past[0][state & 0xFF] ^ past[1][state >> 8 & 0xFF] ^ past[2][state >> 16 & 0xFF] ^ past[3][state >> 24]
            ) ^ register
    bytewise = _table_list()
    for byte in data[length * _LANES :]:
        state = bytewise[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state


@cache
def _table() -> Words:
    """The register after one byte, by its lowest byte."""
    words = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        words = np.where(words & 1, words >> np.uint32(1) ^ np.uint32(_POLYNOMIAL), words >> np.uint32(1))
    return words.astype(np.uint32)


@cache
def _table_list() -> list[int]:
    return [int(word) for word in _table()]


@cache
def _past(length: int) -> list[list[int]]:
    """The register after so many bytes of zero, by each of its bytes."""
    words = np.array([byte << 8 * place for place in range(4) for byte in range(256)], dtype=np.uint32)
    table = _table()
    for _ in range(length):
        words = table[words & 0xFF] ^ (words >> np.uint32(8))
    return [[int(word) for word in words[256 * place : 256 * place + 256]] for place in range(4)]
