"""Every module that translates saved calls; importing them fills the registry."""

from __future__ import annotations

from . import (
    access_points,
    account_facts,
    admissions,
    attempts,
    audit,
    containers,
    delegation,
    devices,
    functions,
    jobs,
    keys,
    kubernetes,
    more_policies,
    network,
    responses,
    responses_iam,
    sagemaker,
)
from .registry import RESPONSES

MODULES = (
    access_points, account_facts, admissions, attempts, audit, containers, delegation, devices, functions, jobs, keys,
    kubernetes, more_policies, network, responses, responses_iam, sagemaker,
)  # fmt: skip

__all__ = ["MODULES", "RESPONSES"]
