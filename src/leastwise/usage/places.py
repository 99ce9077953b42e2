"""Networks of addresses and families of user agents as Ibis expressions, by regular expressions alone.

What `store/lake/places` does with Python's `ipaddress`, in words that RE2 (DuckDB, BigQuery) and Java (Spark, Trino)
read alike: no lookahead, no references back, no splitting at signs that mean something in an expression.
"""

from __future__ import annotations

from typing import Any

_DIGITS = r"[\p{Nd}]"
_FOUR = rf"^{_DIGITS}*\.{_DIGITS}*\.{_DIGITS}*\.{_DIGITS}+\z"
_GROUP = "[0-9A-Fa-f]{1,4}"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_QUAD = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_FIRST = "0*([1-9a-f][0-9a-f]*|0):"
# What Python takes for blank.
_BLANK = (
    r"[\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}"
    r"\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)
_LONGEST = 60


def _right(most: int) -> str:
    """Up to so many groups behind `::`; an address in dots is two."""
    if most == 0:
        return ""
    groups = f"(?:{_GROUP}:){{0,{most - 1}}}{_GROUP}"
    return f"(?:{groups}|(?:{_GROUP}:){{0,{most - 2}}}{_QUAD})?" if most > 1 else f"(?:{groups})?"


def _six() -> str:
    """Every text that is an IPv6 address."""
    whole = [f"(?:{_GROUP}:){{7}}{_GROUP}", f"(?:{_GROUP}:){{6}}{_QUAD}", f"::{_right(7)}"]
    whole += [f"(?:{_GROUP}:){{{left - 1}}}{_GROUP}::{_right(7 - left)}" for left in range(1, 8)]
    return rf"^(?:{'|'.join(whole)})\z"


def network(address: Any) -> Any:
    """`10.1.2.0/24` of an IPv4 address, the /48 of an IPv6 one, anything else (a service's name) as it is."""
    import ibis

    bare = address.re_replace("(?s)%.*", "")
    four = address.re_search(_FOUR) & ~address.startswith("...")
    return ibis.cases(
        (four, address.re_replace(rf"\.{_DIGITS}+\z", ".0/24")), (bare.re_search(_six()), _first_three(bare)),
        else_=address,
    )  # fmt: skip


def _first_three(address: Any) -> Any:
    """The /48 of an IPv6 address, written as short as can be."""
    import ibis

    text = address.lower().re_replace(r"[0-9]+(?:\.[0-9]+){3}\z", "0:0")
    left = text.re_replace("::.*", "")
    right = ibis.ifelse(text.contains("::"), text.re_replace(".*::", ""), "")
    zeros = 8 - _groups(left) - _groups(right)
    whole = ibis.ifelse(left == "", "", left + ":") + ibis.literal("0:").repeat(ibis.greatest(zeros, 0)) + right
    first, second, third = (whole.re_extract(f"^{_FIRST * 3}", place) for place in (1, 2, 3))
    return ibis.cases(
        (third != "0", first + ":" + second + ":" + third + "::/48"),
        (second != "0", first + ":" + second + "::/48"),
        (first != "0", first + "::/48"),
        else_="::/48",
    )


def _groups(text: Any) -> Any:
    import ibis

    return ibis.ifelse(text == "", 0, text.length() - text.replace(":", "").length() + 1)


def family(agent: Any) -> Any:
    """The first product of a user agent without its version: `Boto3/1.34 md/…` → `Boto3`; empty for none."""
    begun = agent.re_replace(rf"""^{_BLANK}*[\[("']*{_BLANK}*""", "").re_replace(rf"{_BLANK}+\z", "")
    product = begun.re_replace(r"(?s)[/ ;(\[].*", "")
    return product.substr(0, _LONGEST).re_replace(r"""[\])"']+\z""", "")
