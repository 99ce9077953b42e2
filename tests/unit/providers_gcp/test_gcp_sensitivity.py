"""How much harm each permission can do."""

from __future__ import annotations

import pytest

from leastwise.model.gap import SENSITIVITIES
from leastwise.providers.gcp import catalog, sensitivity

FACTS = catalog.bundled()
VERBS = {name.rpartition(".")[2] for name in FACTS.permissions}


def test_every_permission_has_a_word() -> None:
    found = sensitivity.sensitivity()
    assert set(found) == set(FACTS.permissions)
    assert set(found.values()) <= set(SENSITIVITIES)


@pytest.mark.parametrize(
    ("permission", "word"),
    [
        ("compute.instances.get", "read"),
        ("resourcemanager.projects.getIamPolicy", "read"),
        ("storage.objects.list", "read"),
        ("storage.objects.get", "data read"),
        ("bigquery.tables.getData", "data read"),
        ("logging.logEntries.create", "write"),
        ("pubsub.topics.publish", "write"),
        ("compute.disks.create", "write"),
        ("storage.buckets.delete", "destructive"),
        ("logging.sinks.update", "destructive"),
        ("secretmanager.versions.access", "credential exposure"),
        ("storage.hmacKeys.create", "credential exposure"),
        ("storage.buckets.setIamPolicy", "permissions management"),
        ("container.roles.update", "permissions management"),
        ("iam.roles.create", "permissions management"),
        ("compute.disks.createTagBinding", "permissions management"),
        ("iam.serviceAccounts.actAs", "escalation"),
        ("iam.serviceAccountKeys.create", "escalation"),
        ("resourcemanager.projects.setIamPolicy", "escalation"),
        ("run.services.update", "escalation"),
    ],
)
def test_words(permission: str, word: str) -> None:
    assert sensitivity.sensitivity()[permission] == word


@pytest.mark.parametrize(
    ("word", "pattern"), [(word, one) for word, said in sensitivity.table().items() for one in said.get("patterns", ())]
)
def test_every_pattern_of_the_table_covers_something(word: str, pattern: str) -> None:
    assert sensitivity.covered(FACTS, pattern), f"{pattern} of {word}"


@pytest.mark.parametrize("verb", [one for said in sensitivity.table().values() for one in said.get("verbs", ())])
def test_every_verb_of_the_table_is_one(verb: str) -> None:
    assert any(one == verb or (one.startswith(verb) and one[len(verb)].isupper()) for one in VERBS)


@pytest.mark.parametrize("tag", [one for said in sensitivity.table().values() for one in said.get("tags", ())])
def test_every_tag_of_the_table_is_one_of_the_source(tag: str) -> None:
    assert tag in FACTS.tags
