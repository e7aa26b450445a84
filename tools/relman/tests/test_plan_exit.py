"""`relman plan --exit-code`: what a pipeline reads of a plan without reading it."""

from __future__ import annotations

import pytest

from .lab import Lab

TO_NOTHING = """apiVersion: relman/v1
kind: Environment
name: dev
clusters: [{name: dev}]
values: {shop: {web: {replicas: 0}}}
"""


def test_a_change(lab: Lab) -> None:
    lab.cut("1.0.0")
    assert lab.relman("plan", "dev", "--exit-code").code == 5


def test_nothing_to_change(lab: Lab) -> None:
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    done = lab.relman("plan", "dev", "--exit-code", "-o", "json")
    assert done.code == 0
    assert done.json["objects"] == []


def test_the_next_release(lab: Lab) -> None:
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    lab.cut("1.1.0", web=2)
    assert lab.relman("plan", "dev", "1.1.0", "--exit-code").code == 5


def test_a_gate_that_would_refuse(lab: Lab) -> None:
    lab.cut("1.0.0")
    done = lab.relman("plan", "staging", "1.0.0", "--exit-code", "-o", "json")
    assert done.code == 1
    assert "fail" in [gate["verdict"] for gate in done.json["gates"]]


def test_a_risk_that_nobody_accepted(lab: Lab) -> None:
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    lab.write("releases/environments/dev.yaml", TO_NOTHING)
    done = lab.relman("plan", "dev", "--worktree", "--exit-code", "-o", "json")
    assert done.code == 1
    assert done.json["risks"] != []
    assert all(gate["verdict"] == "pass" for gate in done.json["gates"])


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_without_the_option(lab: Lab, environment: str) -> None:
    lab.cut("1.0.0")
    assert lab.relman("plan", environment, "1.0.0").code == 0
