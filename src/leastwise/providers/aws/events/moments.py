"""Times of many events at once, as microseconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .record import moment

NO_TIME = np.iinfo(np.int64).min
"""In place of a time that is none."""
_FORM = b"0000-00-00T00:00:00Z"
_DIGITS = [at for at, one in enumerate(_FORM) if one == ord("0")]
_MARKS = [at for at, one in enumerate(_FORM) if one != ord("0")]
_SIGNS = np.frombuffer(_FORM, np.uint8)[_MARKS]
_SECOND = 1_000_000


def moments(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """The moments of texts (`record.moment`), `NO_TIME` for those that are none.

    Nearly all are written alike; these are read as columns of digits, the others one by one.
    """
    joined = "".join(texts).encode("utf-8", "surrogatepass")
    if len(joined) == len(texts) * len(_FORM):
        table = np.frombuffer(joined, np.uint8).reshape(len(texts), len(_FORM))
        digits = table[:, _DIGITS] - ord("0")
        if (table[:, _MARKS] == _SIGNS).all() and (digits < 10).all():
            return _read(digits.astype(np.int64))
    return np.array([_one(text) for text in texts], np.int64)


def _read(digits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Moments of rows of fourteen digits, the year first."""
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month, day, hour, minute, second = (digits[:, at] * 10 + digits[:, at + 1] for at in (4, 6, 8, 10, 12))
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = first.astype("datetime64[D]")
    inside = day <= ((first + 1).astype("datetime64[D]") - days).astype(np.int64)
    right = inside & (day >= 1) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    right &= year >= 1
    whole = ((days.astype(np.int64) + day - 1) * 24 + hour) * 3600 + minute * 60 + second
    return np.where(right, whole * _SECOND, NO_TIME)


def _one(text: str) -> int:
    found = moment(text)
    return NO_TIME if found is None else found * _SECOND
