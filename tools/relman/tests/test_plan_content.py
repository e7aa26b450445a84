"""The plan as a whole: its hash, its gates, what an environment's own files change, upstream
charts that can't be rendered, and the JSON that others build on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .lab import Lab
from .objects import DEV, having, plan, thing, wants
from .states import edited, environment, running

STAGING = "releases/environments/staging.yaml"


@pytest.fixture
def deployed(tmp_path: Path) -> Lab:
    """Every environment runs 1.0.0."""
    return running(tmp_path / "lab")


def _plan(lab: Lab, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.ok("plan", *arguments, "-o", "json").json
    return found


def test_the_keys_of_the_json(deployed: Lab) -> None:
    """Scripts read these; a key that goes or changes its name breaks them."""
    deployed.cut("1.1.0", web=2)
    found = _plan(deployed, "dev")
    assert list(found) == [
        "environment", "action", "release", "releaseDigest", "fromRelease", "source", "only",
        "base", "hash", "files", "objects", "restarts", "risks", "unrendered", "gates",
    ]  # fmt: skip
    assert list(found["files"][0]) == ["path", "change"]
    assert list(found["objects"][0]) == ["object", "change", "frozen", "hook", "fields"]
    names = ["cluster", "component", "apiVersion", "kind", "namespace", "name"]
    assert list(found["objects"][0]["object"]) == names
    assert list(found["objects"][0]["fields"][0]) == ["path", "before", "after"]
    assert list(found["restarts"][0]) == ["object", "pods", "because"]
    assert list(found["gates"][0]) == [
        "gate", "verdict", "summary", "nextStep", "evidence", "earliest", "skipped",
    ]  # fmt: skip
    outcome = deployed.ok("deploy", "dev", "--yes", "-o", "json").json
    assert [list(one) for one in outcome] == [["plan", "commit", "done", "health"]]
    assert outcome[0]["plan"] == found


def test_what_a_plan_says_is_what_is_applied(deployed: Lab) -> None:
    """Each file of the plan is in the commit, with the record and release.yaml, and no other."""
    deployed.cut("1.1.0", web=2)
    found = _plan(deployed, "dev")
    done = deployed.ok("deploy", "dev", "--yes", "-o", "json").json[0]
    changed = deployed.git("diff", "--name-only", f"{done['commit']}^", done["commit"]).split()
    own = {"argocd/dev/release.yaml", "releases/records/dev/0002-1.1.0.yaml"}
    assert set(changed) == {one["path"] for one in found["files"]} | own
    record = deployed.ok("history", "dev", "-n", "1", "-o", "json").json[0]
    assert record["plan"] == found["hash"]
    assert f"Relman-Plan: {found['hash']}" in deployed.git("log", "-1", "--format=%B")


def test_the_hash_is_of_what_would_be_deployed(deployed: Lab) -> None:
    """Not of the time, of the commit it was planned from, or of what runs now: an approval of it
    stays good while nothing that counts changes."""
    deployed.cut("1.1.0", web=2)
    first = _plan(deployed, "dev")
    deployed.write("README.md", "another commit\n")
    deployed.commit()
    deployed.write("charts/web/values.yaml", deployed.read("charts/web/values.yaml") + "# x\n")
    deployed.commit()
    again = _plan(deployed, "dev", "1.1.0")
    assert again["base"] != first["base"]
    assert again["hash"] == first["hash"]
    assert again["objects"] == first["objects"]
    deployed.ok("deploy", "dev", "1.1.0", "--yes")
    assert _plan(deployed, "dev", "1.1.0")["hash"] == first["hash"]


def test_the_hash_changes_with_what_would_be_deployed(deployed: Lab) -> None:
    hashes = [_plan(deployed, "dev", "1.0.0")["hash"]]
    for more in (
        "values:\n  shop: {web: {replicas: 3}}\n",
        "values:\n  shop: {web: {replicas: 4}}\n",
        "components:\n  shop: {namespace: elsewhere}\n",
        "clusters:\n  - {name: dev, server: 'https://dev.example.com'}\n",
        "clusters:\n  - {name: dev, kubernetesVersion: '1.35'}\n",
        "clusters:\n  - name: dev\n  - name: second\n",
    ):
        deployed.write(DEV, environment("dev", more=more))
        deployed.commit()
        hashes.append(_plan(deployed, "dev", "1.0.0")["hash"])
    deployed.cut("1.1.0", web=2)
    hashes.append(_plan(deployed, "dev", "1.1.0")["hash"])
    hashes.append(_plan(deployed, "staging", "1.1.0")["hash"])
    assert len(set(hashes)) == len(hashes)


def test_a_plan_of_what_runs_is_empty(deployed: Lab) -> None:
    found = _plan(deployed, "staging")
    assert found["action"] == "refresh"
    assert (found["objects"], found["files"], found["risks"]) == ([], [], [])
    shown = deployed.ok("plan", "staging").out
    assert "objects: 0 added, 0 changed, 0 removed; pods restarted: 0; files: 0" in shown


def test_an_environments_own_change_is_shown_and_applied_by_refresh(deployed: Lab) -> None:
    edited(deployed, STAGING, "clusters:", "values:\n  shop: {web: {replicas: 5}}\nclusters:")
    found = _plan(deployed, "staging")
    assert found["action"] == "refresh"
    assert [one["object"]["name"] for one in found["objects"]] == ["web"]
    assert found["objects"][0]["fields"] == [{"path": "spec.replicas", "before": 2, "after": 5}]
    assert [one["change"] for one in found["files"]] == ["changed"]
    deployed.ok("refresh", "staging", "--yes")
    record = deployed.ok("history", "staging", "-n", "1", "-o", "json").json[0]
    assert record["action"] == "refresh"
    assert (record["release"], record["fromRelease"]) == ("1.0.0", "1.0.0")
    assert _plan(deployed, "staging")["objects"] == []
    assert deployed.ok("refresh", "staging").err == "staging runs 1.0.0 already\n"


def test_a_plan_of_the_checkout_before_it_is_committed(deployed: Lab) -> None:
    text = deployed.read(STAGING).replace(
        "clusters:", "values: {shop: {web: {replicas: 5}}}\nclusters:"
    )
    deployed.write(STAGING, text)
    assert _plan(deployed, "staging")["objects"] == []
    assert len(_plan(deployed, "staging", "--worktree")["objects"]) == 1


def test_a_plan_from_an_earlier_commit(deployed: Lab) -> None:
    before = deployed.git("rev-parse", "HEAD~1")
    assert _plan(deployed, "prod", "1.0.0", "--base", before)["fromRelease"] is None


def test_without_a_version_the_newest_or_what_runs_before(deployed: Lab) -> None:
    deployed.cut("1.1.0", web=2)
    deployed.cut("1.2.0-rc.1", web=3)
    assert _plan(deployed, "dev")["release"] == "1.2.0-rc.1"
    assert _plan(deployed, "staging")["release"] == "1.0.0"
    deployed.ok("deploy", "dev", "1.1.0", "--yes")
    staged = _plan(deployed, "staging")
    assert (staged["release"], staged["action"], staged["source"]) == ("1.1.0", "promote", "dev")


def test_gates_say_what_is_missing_and_what_to_do(deployed: Lab) -> None:
    deployed.cut("1.1.0", web=2)
    gates = {gate["gate"]: gate for gate in _plan(deployed, "prod", "1.1.0")["gates"]}
    assert list(gates) == ["source", "block", "images", "objects"]
    assert gates["source"]["verdict"] == "fail"
    assert gates["source"]["summary"] == "staging runs 1.0.0"
    assert gates["source"]["nextStep"] == "bring 1.1.0 to staging first"
    assert gates["source"]["evidence"] == {"staging": "1.0.0"}
    assert {gates[name]["verdict"] for name in ("block", "images", "objects")} == {"pass"}


def test_an_image_without_a_digest_does_not_pass(deployed: Lab) -> None:
    template = deployed.read("charts/web/templates/all.yaml")
    more = template.replace(
        "---\napiVersion: v1", "        - {name: proxy, image: 'proxy:1'}\n---\napiVersion: v1"
    )
    deployed.write("charts/web/templates/all.yaml", more)
    deployed.commit()
    deployed.cut("1.1.0")
    done = deployed.relman("deploy", "dev", "--yes")
    assert done.code == 1
    assert "the gate images is fail: without a digest: proxy:1" in done.err


@pytest.mark.parametrize(
    "containers",
    [
        "[{name: a, image: 'proxy:1'}]",
        '[{"name": "a", "image": "proxy:1"}]',
        "\n    - name: a\n      image: proxy:1 # x",
        "\n    - name: a\n      image:\n        proxy:1",
        '\n    - name: a\n      "image": proxy:1',
    ],
)
def test_an_image_without_a_digest_is_found_however_it_is_written(
    tmp_path: Path, containers: str
) -> None:
    """JSON is YAML too: a template may print {{ toJson }}."""
    lab = having(tmp_path / "lab", {})
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers: "
    lab.write("charts/raw/templates/pod.yaml", f"{pod}{containers}\n")
    lab.commit()
    lab.ok("cut", "1.1.0")
    gates = {gate["gate"]: gate["verdict"] for gate in plan(lab, "1.1.0")["gates"]}
    assert gates["images"] == "fail"


def test_an_object_that_breaks_its_schema_does_not_pass(tmp_path: Path) -> None:
    lab = having(tmp_path / "lab", {})
    wants(lab, {"a": thing("v1", "Service", spec={"ports": [{"port": "eighty"}]})})
    gate = plan(lab)["gates"][3]
    assert (gate["gate"], gate["verdict"]) == ("objects", "fail")
    assert "Service/x: spec.ports.0.port" in gate["summary"]
    assert lab.relman("refresh", "dev", "--yes").code == 1


def test_a_kind_without_a_schema_is_said_and_passes(tmp_path: Path) -> None:
    lab = having(tmp_path / "lab", {})
    wants(lab, {"a": thing("example.com/v1", "Widget")})
    gate = plan(lab)["gates"][3]
    assert gate["verdict"] == "pass"
    assert gate["evidence"] == {"checked": 0, "withoutSchema": ["Widget"]}
    assert "no schema for Widget" in gate["summary"]


UPSTREAM = """apiVersion: relman/v1
kind: Component
chart: metrics
repo: http://127.0.0.1:9/charts
version: {version}
namespace: kube-system
values: {{replicas: {replicas}}}
"""


def test_an_upstream_chart_that_is_not_here_is_shown_by_version_and_values(deployed: Lab) -> None:
    for version, replicas in (("1.2.3", 1), ("1.3.0", 2)):
        deployed.write("releases/components/metrics.yaml",
                       UPSTREAM.format(version=version, replicas=replicas))  # fmt: skip
        deployed.commit()
        release = f"{version}-shop"
        deployed.cut(release)
        found = _plan(deployed, "dev", release)
        if version == "1.2.3":
            assert found["unrendered"][0]["before"] == ""
            deployed.ok("deploy", "dev", release, "--yes")
    assert found["unrendered"] == [{
        "cluster": "dev", "component": "metrics", "why": "not in the cache; --pull fetches it",
        "before": "metrics 1.2.3", "after": "metrics 1.3.0",
        "values": [{"path": "replicas", "before": 1, "after": 2}],
    }]  # fmt: skip
    shown = deployed.ok("plan", "dev").out
    assert "? metrics: metrics 1.2.3 -> metrics 1.3.0  [dev]" in shown
    assert "values.replicas: 1 -> 2" in shown
    assert "1 not rendered" in shown


def test_the_same_change_on_several_clusters_is_shown_once(deployed: Lab) -> None:
    names = [f"c{number}" for number in range(3)]
    more = "clusters:\n" + "".join(f"  - name: {name}\n" for name in names)
    deployed.write(DEV, environment("dev", more=more))
    deployed.commit()
    deployed.ok("refresh", "dev", "--yes", "--accept", "remove:dev/*")
    deployed.cut("1.1.0", web=2)
    shown = deployed.ok("plan", "dev").out
    assert shown.count("Deployment/shop/web  [3 clusters]") == 1
    assert "restarts 6 pods" in shown
    found = _plan(deployed, "dev")
    assert [one["object"]["cluster"] for one in found["objects"]] == names
