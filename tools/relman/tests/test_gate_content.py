"""The gates that look at what a release is: compatibility and floor; and `source` with a fan."""

from __future__ import annotations

import pytest
import yaml

from .gating import declare, gate, verdict
from .lab import DIGEST, Lab

PROJECT = "releases/relman.yaml"


def requires(lab: Lab, **ranges: str) -> None:
    """web requires a range of another service."""
    project = yaml.safe_load((lab.root / PROJECT).read_text())
    project["services"]["web"]["requires"] = ranges
    lab.write(PROJECT, yaml.safe_dump(project))
    lab.commit("requires")


def cut(lab: Lab, version: str, api: str, *arguments: str) -> None:
    """A release whose api has a tag."""
    lab.ok(
        "cut", version, *arguments,
        "--image", f"web=registry.example.com/web:1.0@{DIGEST.format(1)}",
        "--image", f"api=registry.example.com/api{api}@{DIGEST.format(sum(api.encode()))}",
    )  # fmt: skip


# -- compatibility ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "range_", "expected"),
    [
        (":1.6.0", ">=1.6, <2", "pass"),
        (":v1.9.3", ">=1.6, <2", "pass"),
        (":1.5.9", ">=1.6, <2", "fail"),
        (":2.0.0", ">=1.6, <2", "fail"),
        (":2.0.0-rc.1", ">=1.6, <2", "fail"),
        (":1.6.0-rc.1", ">=1.6, <2", "fail"),
        (":1.6.1", "!=1.6.1", "fail"),
        (":1.6.1", "=1.6.1", "pass"),
        (":1.6.1", ">1.6.1", "fail"),
        (":1.6.1", "<=1.6.1", "pass"),
        (":latest", ">=1.6", "unknown"),
        (":1.6", ">=1.6", "unknown"),
        ("", ">=1.6", "unknown"),
    ],
)
def test_compatibility(lab: Lab, api: str, range_: str, expected: str) -> None:
    requires(lab, api=range_)
    cut(lab, "1.0.0", api)
    found = gate(lab, "compatibility")
    assert found["verdict"] == expected
    done = lab.relman("deploy", "dev", "--yes")
    assert done.code == (0 if expected == "pass" else 1)
    assert expected == "pass" or "--image api=NAME:" in done.err


def test_what_a_release_requires_is_frozen_in_it(lab: Lab) -> None:
    """A later range in relman.yaml doesn't judge an earlier release."""
    requires(lab, api=">=1.0")
    cut(lab, "1.0.0", ":1.6.0")
    requires(lab, api=">=2.0")
    assert verdict(lab, "compatibility")[0] == "pass"
    cut(lab, "1.1.0", ":1.6.0")
    assert verdict(lab, "compatibility", "dev", "1.1.0")[0] == "fail"


def test_nothing_required_is_no_gate(lab: Lab) -> None:
    lab.cut("1.0.0")
    gates = lab.ok("plan", "dev", "-o", "json").json["gates"]
    assert [one["gate"] for one in gates] == ["source", "block", "images", "objects"]


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"api": "^1.6"}, "is no range of versions"),
        ({"api": ">=1.6 <2"}, "is no range of versions"),
        ({"api": ""}, "is no range of versions"),
        ({"cart": ">=1.6"}, "web requires cart, which is no other service"),
        ({"web": ">=1.6"}, "web requires web, which is no other service"),
    ],
)
def test_requirements_that_mean_nothing(lab: Lab, ranges: dict[str, str], words: str) -> None:
    requires(lab, **ranges)
    done = lab.relman("status")
    assert done.code == 2
    assert words in done.err


def test_a_rollback_to_what_does_not_fit_is_refused(lab: Lab) -> None:
    """It was let in before it said what it needs; after an edit of its file it says so."""
    requires(lab, api=">=1.6")
    cut(lab, "1.0.0", ":1.0.0")
    assert lab.relman("deploy", "dev", "--yes").code == 1
    cut(lab, "1.1.0", ":1.6.0")
    lab.ok("deploy", "dev", "1.1.0", "--yes")
    assert lab.relman("rollback", "dev", "--to", "1.0.0", "--yes").code == 1


# -- floor ------------------------------------------------------------------------------------


def floored(lab: Lab) -> Lab:
    """1.0.0, then 1.1.0 with a migration, then 1.2.0, all have run in dev."""
    cut(lab, "1.0.0", ":1.0.0")
    lab.ok("deploy", "dev", "--yes")
    cut(lab, "1.1.0", ":1.1.0", "--floor", "drops the column price")
    lab.ok("deploy", "dev", "--yes")
    cut(lab, "1.2.0", ":1.2.0")
    lab.ok("deploy", "dev", "--yes")
    return lab


def test_below_a_floor(lab: Lab) -> None:
    floored(lab)
    done = lab.relman("rollback", "dev", "--to", "1.0.0", "--yes")
    assert (done.code, lab.runs()["dev"]) == (1, "1.2.0")
    assert "1.1.0 has run here and can't be undone: drops the column price" in done.err
    assert "go forward" in done.err
    assert lab.relman("deploy", "dev", "1.0.0", "--yes").code == 1


def test_to_a_floor_and_on_it(lab: Lab) -> None:
    floored(lab)
    lab.ok("rollback", "dev", "--yes")
    assert lab.runs()["dev"] == "1.1.0"
    lab.ok("refresh", "dev", "--yes")
    assert "floor     drops the column price" in lab.ok("show", "1.1.0").out


def test_where_it_has_not_run_it_holds_nothing(lab: Lab) -> None:
    floored(lab)
    gates = lab.relman("plan", "staging", "1.0.0", "-o", "json").json["gates"]
    assert "floor" not in [one["gate"] for one in gates]


def test_a_floor_is_part_of_the_release(lab: Lab) -> None:
    """The same content with a floor is another release, and taking the floor away is found."""
    cut(lab, "1.0.0", ":1.0.0")
    cut(lab, "1.0.1", ":1.0.0", "--floor", "drops a column")
    lab.pull()
    path = "releases/versions/1.0.1.yaml"
    lab.write(path, lab.read(path).replace("floor: ", "note: "))
    lab.commit("by hand")
    assert lab.relman("audit").code == 1
    assert lab.relman("deploy", "dev", "1.0.1", "--yes").code != 0


# -- source -----------------------------------------------------------------------------------


@pytest.fixture
def fan(lab: Lab) -> Lab:
    """dev and staging both lead to prod; dev alone runs 1.0.0."""
    declare(lab, "staging", {}, after=[])
    declare(lab, "prod", {"source": "any"}, after=["staging", "dev"])
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    return lab


def test_any_source_is_enough(fan: Lab) -> None:
    found = gate(fan, "source", "prod")
    assert (found["verdict"], found["summary"]) == ("pass", "dev runs it")
    fan.ok("promote", "dev", "prod", "--yes")
    assert fan.runs() == {"dev": "1.0.0", "staging": None, "prod": "1.0.0"}


def test_no_source(fan: Lab) -> None:
    fan.cut("1.1.0", web=2)
    assert verdict(fan, "source", "prod", "1.1.0") == (
        "fail",
        "staging runs nothing; dev runs 1.0.0; bring 1.1.0 to staging or dev first",
    )


def test_a_source_that_was_edited_by_hand(fan: Lab) -> None:
    path = "argocd/dev/release.yaml"
    fan.write(path, fan.read(path).replace("record: 1", "record: 2"))
    fan.commit("by hand")
    assert verdict(fan, "source", "prod")[0] == "unknown"


def test_all_sources_are_needed(fan: Lab) -> None:
    declare(fan, "prod", {"source": "all"}, after=["staging", "dev"])
    assert verdict(fan, "source", "prod")[0] == "fail"
    fan.ok("deploy", "staging", "--yes")
    assert verdict(fan, "source", "prod")[0] == "pass"
