"""Dialects: what the vendors' pages say of their patterns, case by case."""

from __future__ import annotations

import pytest
from dialects_support import (
    ARN,
    AZURE_ACTION,
    AZURE_ID,
    DIALECTS,
    GOOGLE_NAME,
    GOOGLE_PERMISSION,
    KUBERNETES,
    KUBERNETES_URL,
)
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import Dialect, Pattern, Stand, Wild, lies_in

LIKE = Dialect(one="?", escape="\\")
STORAGE = "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/a"


@pytest.mark.parametrize(
    ("dialect", "written", "text", "expected"),
    [
        (ARN, "arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        (ARN, "arn:aws:*:::b", "arn:aws:s3:::b", True),
        (ARN, "arn:aws:*:::b", "arn:aws:s3:eu::b", False),
        (ARN, "arn:aws:s3?:::b", "arn:aws:s3::::b", False),
        (ARN, "arn:aws:s3*", "arn:aws:s3:::b", True),
        (ARN, "arn:aws:s3", "arn:aws:s3:::b", True),
        (ARN, "arn:aws:s3", "arn:aws:s3x:::b", False),
        (ARN, "arn:*:role", "arn:aws:role:x", True),
        (ARN, "*:b", "arn:aws:s3:::b", True),
        (ARN, "*", "", True),
        (ARN, "arn:aws:s3:::B", "arn:aws:s3:::b", False),
        (AZURE_ID, STORAGE.upper(), STORAGE, True),
        (AZURE_ID, "/subscriptions/s/resourceGroups/*", "/subscriptions/s/resourceGroups/rg1", True),
        (AZURE_ID, "/subscriptions/s/resourceGroups/*", "/subscriptions/s/resourceGroups/rg1/providers", False),
        (AZURE_ID, "/subscriptions/s/resourceGroups/rg?", "/subscriptions/s/resourceGroups/rg1", False),
        (AZURE_ACTION, "Microsoft.Storage/*", "microsoft.storage/storageAccounts/blobServices/read", True),
        (AZURE_ACTION, "*/read", "Microsoft.Compute/virtualMachines/read", True),
        (AZURE_ACTION, "*/read", "Microsoft.Compute/virtualMachines/write", False),
        (AZURE_ACTION, "Microsoft.Storage/?/read", "Microsoft.Storage/x/read", False),
        (AZURE_ACTION, "Microsoft.Storage/*/read", "Microsoft.Storage/read", False),
        (KUBERNETES, "*", "pods/exec", True),
        (KUBERNETES, "*", "get", True),
        (KUBERNETES, "pods", "pods/exec", False),
        (KUBERNETES, "*/scale", "deployments/scale", True),
        (KUBERNETES, "*/scale", "scale", False),
        (KUBERNETES, "*/scale", "a/b/scale", False),
        (KUBERNETES, "pods/*", "pods/exec", False),
        (KUBERNETES, "pods/*", "pods/*", True),
        (KUBERNETES, "pod*", "pods", False),
        (KUBERNETES, "Pods", "pods", False),
        (KUBERNETES_URL, "/healthz/*", "/healthz/a/b", True),
        (KUBERNETES_URL, "/healthz/*", "/healthz", False),
        (KUBERNETES_URL, "/*/b", "/a/b", False),
        (GOOGLE_NAME, "projects/_/buckets/b/objects/*", "projects/_/buckets/b/objects/a/b", True),
        (GOOGLE_NAME, "projects/*/buckets/b", "projects/_/buckets/b", False),
        (GOOGLE_PERMISSION, "storage.objects.*", "storage.objects.get", True),
        (GOOGLE_PERMISSION, "storage.*.get", "storage.objects.get", True),
        (GOOGLE_PERMISSION, "storage.*", "storage.objects.get", False),
        (GOOGLE_PERMISSION, "*", "storage.objects.get", True),
        (LIKE, r"a\*?", "a*b", True),
        (LIKE, r"a\*?", "axb", False),
        (LIKE, r"a\\*", "a\\xyz", True),
        (LIKE, r"a\b", r"a\b", True),
    ],
)
def test_what_a_written_pattern_takes_in(dialect: Dialect, written: str, text: str, expected: bool) -> None:
    assert dialect.pattern(written).matches(text) is expected


@pytest.mark.parametrize(
    ("scope", "text", "expected"),
    [
        ("/subscriptions/s/resourceGroups/rg1", STORAGE, True),
        ("/subscriptions/S/resourcegroups/RG1", STORAGE, True),
        ("/subscriptions/s/resourceGroups/rg1", "/subscriptions/s/resourceGroups/rg1", True),
        ("/subscriptions/s/resourceGroups/rg1", "/subscriptions/s/resourceGroups/rg10", False),
        ("/", STORAGE, True),
        (STORAGE, "/subscriptions/s", False),
    ],
)
def test_a_scope_takes_in_what_lies_below_it(scope: str, text: str, expected: bool) -> None:
    assert any(pattern.matches(text) for pattern in AZURE_ID.below(scope)) is expected


@given(st.sampled_from(sorted(DIALECTS)), st.text("ab:/.*?", max_size=8))
def test_a_text_without_signs_is_itself(name: str, text: str) -> None:
    dialect = DIALECTS[name]
    plain = text.replace("*", "").replace("?", "")
    found = dialect.pattern(plain)
    if not (dialect.completes and plain.startswith(dialect.begins)):
        assert found.literal == plain
    assert found.matches(plain) or dialect.completes
    assert found.separator == dialect.separator


@given(st.sampled_from(sorted(DIALECTS)), st.text("ab:/.*?", max_size=8))
def test_no_pattern_reaches_further_than_its_wildcards_across(name: str, text: str) -> None:
    dialect = DIALECTS[name]
    if not dialect.completes and dialect.stands == frozenset({Stand.ANYWHERE}):
        assert lies_in(dialect.pattern(text), Dialect(fold=dialect.fold, one=dialect.one).pattern(text))


def test_literal_tokens_are_no_wildcards() -> None:
    built = ARN.of(("arn:aws:s3:::b/", "*", "/", Wild.ANY))
    assert built.matches("arn:aws:s3:::b/*/x")
    assert not built.matches("arn:aws:s3:::b/y/x")


def test_segments_are_told_apart() -> None:
    assert ARN.segments(("arn:a:b:c:d:e:f",)) == [["arn"], ["a"], ["b"], ["c"], ["d"], ["e:f"]]
    assert AZURE_ID.segments(("a/", Wild.ANY, "/b")) == [["a"], [Wild.ANY], ["b"]]
    assert Pattern(("a", Wild.ANY), separator="/") != Pattern(("a", Wild.ANY))
