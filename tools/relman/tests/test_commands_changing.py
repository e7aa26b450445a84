"""What the commands that change something do to the branch, and to nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .lab import DIGEST, Lab
from .states import edited, environment, everything, running

DEV = "releases/environments/dev.yaml"


@pytest.fixture
def deployed(tmp_path: Path) -> Lab:
    """Every environment runs 1.0.0."""
    return running(tmp_path / "lab")


@pytest.fixture
def shared(tmp_path: Path) -> Lab:
    """The same with a remote."""
    return running(tmp_path / "lab", remote=True)


def _images(lab: Lab, version: str) -> dict[str, str]:
    images = lab.ok("show", version, "-o", "json").json["release"]["images"]
    return {name: image["reference"] for name, image in images.items()}


# -- cut --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bump", "expected"), [("patch", "1.0.1"), ("minor", "1.1.0"), ("major", "2.0.0")]
)
def test_the_next_version(deployed: Lab, bump: str, expected: str) -> None:
    image = f"web=registry.example.com/web@{DIGEST.format(9)}"
    assert deployed.ok("cut", "--bump", bump, "--image", image).out == f"{expected}\n"


def test_the_version_after_a_prerelease_is_the_release(deployed: Lab) -> None:
    deployed.cut("2.0.0-rc.1", web=2)
    image = f"web=registry.example.com/web@{DIGEST.format(9)}"
    assert deployed.ok("cut", "--image", image).out == "2.0.0\n"


def test_the_same_content_is_not_cut_twice(deployed: Lab) -> None:
    before = everything(deployed)
    done = deployed.ok("cut", "-o", "json").json
    assert (done["release"]["version"], done["new"], done["commit"]) == ("1.0.0", False, None)
    named = deployed.relman("cut", "1.1.0")
    assert named.code == 1
    assert "1.0.0 already has exactly this content" in named.err
    assert everything(deployed) == before


def test_a_version_is_never_changed(deployed: Lab) -> None:
    before = everything(deployed)
    image = f"web=registry.example.com/web@{DIGEST.format(9)}"
    done = deployed.relman("cut", "1.0.0", "--image", image)
    assert done.code == 1
    assert "1.0.0 exists with other content" in done.err
    assert everything(deployed) == before


def test_an_image_stays_until_another_is_given_or_declared(deployed: Lab) -> None:
    web = f"registry.example.com/web:9@{DIGEST.format(9)}"
    deployed.ok("cut", "1.1.0", "--image", f"web={web}")
    api = f"registry.example.com/api:8@{DIGEST.format(8)}"
    deployed.ok("cut", "1.2.0", "--image", f"api={api}")
    assert _images(deployed, "1.2.0") == {"web": web, "api": api}
    declared = f"registry.example.com/web:7@{DIGEST.format(7)}"
    edited(deployed, "releases/relman.yaml", "registry.example.com/web:1.0", declared)
    deployed.ok("cut", "1.3.0")
    assert _images(deployed, "1.3.0") == {"web": declared, "api": api}


def test_a_note_is_kept(deployed: Lab) -> None:
    deployed.ok("cut", "1.1.0", "--image", f"web=x@{DIGEST.format(9)}", "--note", "sale\nof spring")
    assert deployed.ok("show", "1.1.0", "-o", "json").json["release"]["note"] == "sale\nof spring"
    body = deployed.git("log", "-1", "--format=%B")
    assert body.startswith("cut 1.1.0\n\nsale\nof spring\n")
    assert "\nRelman-Release: 1.1.0\nRelman-File: releases/versions/1.1.0.yaml sha256:" in body


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("digest",
         {"repository": "registry.example.com/web", "tag": "1.0", "digest": DIGEST.format(1)}),
        ("tag", {"repository": "registry.example.com/web", "tag": f"1.0@{DIGEST.format(1)}"}),
        ("string", f"registry.example.com/web:1.0@{DIGEST.format(1)}"),
    ],
)  # fmt: skip
def test_how_a_chart_takes_an_image(lab: Lab, style: str, expected: Any) -> None:
    project = lab.read("releases/relman.yaml")
    lab.write("releases/relman.yaml", project.replace("format: tag", f"format: {style}"))
    lab.write("charts/web/templates/all.yaml", "")
    lab.write("charts/api/templates/all.yaml", "")
    lab.commit()
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    values = lab.values("dev-shop")
    assert values["web"]["image"] == expected


# -- deploy and promote -----------------------------------------------------------------------


@pytest.mark.parametrize("command", [
    ("deploy", "dev"), ("promote", "dev", "staging"), ("rollback", "dev"), ("refresh", "dev"),
])  # fmt: skip
def test_a_dry_run_changes_nothing(shared: Lab, command: tuple[str, ...]) -> None:
    shared.cut("1.1.0", web=2)
    shared.ok("deploy", "dev", "--yes")
    shared.cut("1.2.0", web=3)
    shared.fetch()
    edited_values = "values:\n  shop: {web: {replicas: 4}}\n"
    shared.pull()
    shared.write(DEV, environment("dev", more=edited_values))
    shared.commit()
    before = everything(shared)
    done = shared.ok(*command, "--dry-run")
    assert "~ Deployment/shop/web" in done.out
    assert "dry run" in done.err
    assert everything(shared) == before


def test_deploy_is_for_where_the_path_starts(deployed: Lab) -> None:
    done = deployed.relman("deploy", "staging", "--yes")
    assert (done.code, done.out) == (1, "")
    assert "relman promote dev staging" in done.err


def test_promote_says_what_it_wants_of_the_source(deployed: Lab) -> None:
    done = deployed.relman("promote", "dev", "staging", "--release", "1.1.0", "--yes")
    assert done.code == 1
    assert "dev runs 1.0.0, not 1.1.0" in done.err
    for source, target in (("prod", "dev"), ("dev", "dev")):
        done = deployed.relman("promote", source, target, "--yes")
        assert done.code == 1
        assert "no path leads" in done.err


def test_promoting_what_is_there_changes_nothing(shared: Lab) -> None:
    before = everything(shared)
    done = shared.ok("promote", "dev", "prod")
    assert done.err.count("runs 1.0.0 already") == 2
    assert everything(shared) == before


def test_a_promotion_through_what_lies_between(shared: Lab) -> None:
    shared.cut("1.1.0", web=2)
    shared.ok("deploy", "dev", "--yes")
    outcomes = shared.ok("promote", "dev", "prod", "--yes", "-o", "json").json
    assert [one["plan"]["environment"] for one in outcomes] == ["staging", "prod"]
    assert all(one["done"] and one["commit"] for one in outcomes)
    assert set(shared.runs().values()) == {"1.1.0"}


def test_a_proposal_pushes_its_branch_only(shared: Lab) -> None:
    shared.cut("1.1.0", web=2)
    shared.ok("deploy", "dev", "--yes")
    shared.fetch()
    before = everything(shared)
    done = shared.ok("promote", "dev", "staging", "--pr", "--yes", "--reason", "please")
    assert "pushed relman/staging-1.1.0" in done.err
    assert "dry run" not in done.err
    after = everything(shared)
    new = [line for line in after["remote"].splitlines() if line not in before["remote"]]
    assert [line.split("\t")[1] for line in new] == ["refs/heads/relman/staging-1.1.0"]
    tracked = [line for line in after["refs"].splitlines() if line not in before["refs"]]
    assert [line.split("\t")[1] for line in tracked] == ["refs/remotes/origin/relman/staging-1.1.0"]
    assert {**before, "remote": "", "refs": ""} == {**after, "remote": "", "refs": ""}
    assert shared.runs()["staging"] == "1.0.0"
    assert shared.remote
    shared.git("fetch", "-q", "origin", "relman/staging-1.1.0")
    shared.git("pull", "-q", "--ff-only")
    shared.git("merge", "-q", "--squash", "origin/relman/staging-1.1.0")
    shared.commit("merged")
    assert shared.runs()["staging"] == "1.1.0"
    shared.ok("audit")
    shared.ok("render", "--check")


def test_a_proposal_is_for_one_environment(shared: Lab) -> None:
    shared.cut("1.1.0", web=2)
    shared.ok("deploy", "dev", "--yes")
    done = shared.relman("promote", "dev", "prod", "--pr", "--yes")
    assert done.code == 1
    assert "relman promote dev staging --pr" in done.err


def test_a_proposal_needs_a_remote(deployed: Lab) -> None:
    done = deployed.relman("promote", "dev", "staging", "--pr", "--yes")
    assert done.code == 2
    assert "needs a remote" in done.err


# -- other paths ------------------------------------------------------------------------------


def _fan(lab: Lab) -> None:
    """dev -> (east, west) -> prod."""
    lab.git("rm", "-q", "releases/environments/staging.yaml")
    for name, after in (("east", "[dev]"), ("west", "[dev]"), ("prod", "[east, west]")):
        lab.write(f"releases/environments/{name}.yaml", environment(name, after))
    lab.commit()


def test_a_path_that_fans_out_and_in(lab: Lab) -> None:
    _fan(lab)
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "east", "--yes")
    early = lab.relman("promote", "east", "prod", "--yes")
    assert early.code == 1
    assert "west runs nothing" in early.err
    assert "bring 1.0.0 to west first" in early.err
    lab.ok("promote", "dev", "prod", "--yes")
    assert set(lab.runs().values()) == {"1.0.0"}
    assert [r["environment"] for r in lab.ok("history", "-o", "json").json][::-1][:2] == [
        "dev",
        "east",
    ]


def test_what_comes_next_where_two_environments_disagree(lab: Lab) -> None:
    _fan(lab)
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "prod", "--yes")
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "east", "--yes")
    done = lab.relman("plan", "prod")
    assert done.code == 2
    assert "east: 1.1.0, west: 1.0.0" in done.err
    assert "relman plan prod VERSION" in done.err


def test_several_clusters_each_with_values_and_a_server_of_its_own(lab: Lab) -> None:
    more = ("clusters:\n  - name: eu\n    server: https://eu.example.com\n"
            "    values:\n      shop: {web: {replicas: 5}}\n  - name: us\n"
            "values:\n  shop: {web: {replicas: 4}}\n")  # fmt: skip
    lab.write(DEV, environment("dev", more=more))
    lab.commit()
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    applications = {}
    for name in ("eu", "us"):
        applications[name] = yaml.safe_load(lab.read(f"argocd/dev/applications/{name}-shop.yaml"))
        values = lab.values(f"{name}-shop")
        assert values["web"]["replicas"] == {"eu": 5, "us": 4}[name]
    where = {name: one["spec"]["destination"] for name, one in applications.items()}
    assert where == {
        "eu": {"server": "https://eu.example.com", "namespace": "shop"},
        "us": {"name": "us", "namespace": "shop"},
    }
    project = yaml.safe_load(lab.read("argocd/dev/applications/project.yaml"))
    allowed = project["spec"]["destinations"]
    assert len(allowed) == 2
    assert all(destination in allowed for destination in where.values())


def test_the_same_server_for_two_environments(lab: Lab) -> None:
    for name, after in (("dev", ""), ("staging", "[dev]")):
        more = f"clusters:\n  - {{name: {name}, server: 'https://one.example.com'}}\n"
        lab.write(f"releases/environments/{name}.yaml", environment(name, after, more))
    lab.commit()
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "staging", "--yes")
    application = yaml.safe_load(lab.read("argocd/staging/applications/staging-shop.yaml"))
    assert application["metadata"]["name"] == "staging-shop"
    assert application["spec"]["destination"]["server"] == "https://one.example.com"


# -- rollback and refresh ---------------------------------------------------------------------


def test_chart_and_values_switch_in_one_file(deployed: Lab) -> None:
    """Argo CD can't see the one without the other: both stand in the Application."""
    path = "argocd/dev/applications/dev-shop.yaml"
    first = deployed.read(path)
    deployed.cut("1.1.0", web=2)
    deployed.ok("deploy", "dev", "--yes")
    plain = yaml.safe_load(deployed.read(path))
    assert deployed.values("dev-shop")["web"]["image"]["tag"].endswith(DIGEST.format(2))
    assert list(plain["spec"]["source"]["helm"]) == ["releaseName", "values"]
    listed = deployed.git("ls-tree", "-r", "--name-only", "main", "argocd/dev").split()
    assert listed == [
        "argocd/dev/applications/dev-shop.yaml",
        "argocd/dev/applications/project.yaml",
        "argocd/dev/release.yaml",
    ]
    deployed.ok("rollback", "dev", "--yes")
    assert deployed.read(path) == first
    deployed.ok("audit")
    deployed.ok("render", "--check")


def test_a_rollback_restores_the_objects_exactly_and_blocks_what_it_leaves(deployed: Lab) -> None:
    before = deployed.ok("render", "dev").out
    deployed.cut("1.1.0", web=2)
    deployed.ok("deploy", "dev", "--yes")
    assert deployed.ok("render", "dev").out != before
    deployed.ok("rollback", "dev", "--yes", "--reason", "slow")
    assert deployed.ok("render", "dev").out == before
    again = deployed.relman("deploy", "dev", "1.1.0", "--yes")
    assert again.code == 1
    assert "relman unblock dev 1.1.0 --reason WHY" in again.err
    deployed.ok("unblock", "dev", "1.1.0", "--reason", "mended")
    deployed.ok("deploy", "dev", "1.1.0", "--yes")
    done = deployed.relman("unblock", "dev", "1.1.0", "--reason", "again")
    assert done.code == 0, "run again, it is done already"


def test_a_rollback_to_what_never_ran_there(deployed: Lab) -> None:
    deployed.cut("1.1.0", web=2)
    done = deployed.relman("rollback", "prod", "--to", "1.1.0", "--yes")
    assert done.code == 1
    assert "1.1.0 has never run in prod" in done.err


def test_a_rollback_to_what_runs_is_no_rollback(deployed: Lab) -> None:
    """It must not block the very release that runs."""
    before = deployed.git("rev-parse", "main")
    deployed.relman("rollback", "dev", "--to", "1.0.0", "--yes")
    assert deployed.git("rev-parse", "main") == before
    assert deployed.ok("status", "-o", "json").json["environments"][0]["blocked"] == []


def test_a_rollback_to_what_runs_with_changed_values_does_not_block_it(deployed: Lab) -> None:
    edited(deployed, DEV, "clusters:", "values:\n  shop: {web: {replicas: 5}}\nclusters:")
    deployed.relman("rollback", "dev", "--to", "1.0.0", "--yes")
    assert deployed.ok("status", "-o", "json").json["environments"][0]["blocked"] == []


@pytest.mark.parametrize("command", ["rollback", "refresh"])
def test_where_nothing_runs(lab: Lab, command: str) -> None:
    done = lab.relman(command, "staging", "--yes")
    assert done.code == 1
    assert "relman promote dev staging" in done.err


def test_a_component_that_comes_and_goes(deployed: Lab) -> None:
    """Its Application goes with it; a rollback brings it back."""
    path = "releases/components/extra.yaml"
    component = (
        "apiVersion: relman/v1\nkind: Component\nchart: charts/web\nnamespace: extra\n"
        f"values: {{image: {{tag: '1@{DIGEST.format(5)}'}}}}\n"
    )
    deployed.write(path, component)
    deployed.commit()
    deployed.cut("1.1.0")
    deployed.ok("deploy", "dev", "--yes")
    assert deployed.values("dev-extra")["image"]["tag"].startswith("1@")
    before = deployed.ok("render", "dev").out
    (deployed.root / path).unlink()
    deployed.commit()
    deployed.cut("1.2.0", web=2)
    deployed.ok("deploy", "dev", "--yes", "--accept", "remove:*/Deployment/extra/web")
    applications = deployed.git("ls-tree", "--name-only", "main", "argocd/dev/applications/")
    assert "dev-extra" not in applications
    deployed.ok("rollback", "dev", "--yes")
    assert deployed.ok("render", "dev").out == before
    deployed.ok("audit")


def test_the_records_name_each_other(deployed: Lab) -> None:
    import hashlib

    deployed.cut("1.1.0", web=2)
    deployed.ok("deploy", "dev", "--yes")
    deployed.ok("rollback", "dev", "--yes")
    folder = deployed.root / "releases/records/dev"
    contents = [file.read_bytes() for file in sorted(folder.iterdir())]
    previous = [yaml.safe_load(content).get("previous") for content in contents]
    hashes = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in contents]
    assert previous == [None, *hashes[:-1]]
