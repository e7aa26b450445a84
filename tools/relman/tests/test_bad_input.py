"""Bad input: one clear message that names the file and the next step, the right exit code, and
nothing written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from . import lab as laboratory
from .lab import DIGEST, Lab, relman
from .states import edited, environment, judge, refuses, running

PROJECT = "releases/relman.yaml"
DEV = "releases/environments/dev.yaml"
IMAGES = (
    "--image", f"web=registry.example.com/web@{DIGEST.format(1)}",
    "--image", f"api=registry.example.com/api@{DIGEST.format(1)}",
)  # fmt: skip


@pytest.fixture
def deployed(tmp_path: Path) -> Lab:
    """Every environment runs 1.0.0; no remote."""
    return running(tmp_path / "lab")


@pytest.fixture
def shared(tmp_path: Path) -> Lab:
    """Every environment runs 1.0.0; with a remote."""
    return running(tmp_path / "lab", remote=True)


# -- YAML that isn't sane ---------------------------------------------------------------------

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: [unclosed\n", (DEV, "isn't valid YAML")),
        ("name: dev\n\tkind: x\n", (f"{DEV}:2", "isn't valid YAML")),
        ("name: dev\n---\nname: dev\n", (DEV, "isn't valid YAML")),
        ("name: dev\nkind: x\nname: dev\n", (f"{DEV}:3", "'name' stands twice")),
        ("values:\n  shop:\n    a: 1\n    a: 2\n", (f"{DEV}:4", "'a' stands twice")),
        ("name: &x\n  y: *x\n", (f"{DEV}:", "refers to itself")),
        (BOMB, (DEV, "more than 500000 values")),
        ("x: " + "y" * (8 * 2**20 + 1), (DEV, "larger than 8 MiB")),
        ("[" * 5_000 + "]" * 5_000, (DEV,)),
        ("name: !!python/object/apply:os.system [true]\n", (f"{DEV}:1", "isn't valid YAML")),
        ("\x00\x01", (DEV, "YAML")),
        ("", (DEV, "must be a map")),
        ("- dev\n", (DEV, "must be a map")),
        ("dev\n", (DEV, "must be a map")),
        (environment("dev", more="replicas: 2\n"), (f"{DEV}:6: replicas", "is not a key")),
        (environment("dev", more="clusters: dev\n"), (f"{DEV}:4: clusters", "must be a list")),
        (environment("dev", more="clusters: []\n"), (f"{DEV}:4: clusters", "at least 1")),
        (environment("dev", more="clusters:\n  - name: Dev\n"), (f"{DEV}:5", "lower-case")),
        (environment("dev", more="clusters:\n  - nam: x\n"), (f"{DEV}:5: clusters.0.name",)),
        (environment("dev", more="values: 3\n"), (f"{DEV}:6: values", "must be a map")),
        (environment("dev", more="values:\n  shop: [1]\n"), (f"{DEV}:7: values.shop", "map")),
        (environment("dev", more="components:\n  shop: {enabled: 'yes'}\n"), (f"{DEV}:7",)),
        (environment("dev").replace("relman/v1", "relman/v9"), (f"{DEV}:1: apiVersion",)),
        (environment("dev").replace("name: dev\n", "", 1), (DEV, "name", "is missing")),
        (environment("other"), (f"{DEV}: name", "'other'", "make both the same")),
        (
            environment("dev", more="clusters:\n  - name: a\n  - name: a\n"),
            (DEV, "clusters named twice: a"),
        ),
        (
            environment("dev", more="clusters:\n  - name: a\n    kubernetesVersion: 1.3\n"),
            (f"{DEV}:6: clusters.0.kubernetesVersion", "must be text; quote it"),
        ),
    ],
)  # fmt: skip
def test_an_environment_file_that_is_wrong(lab: Lab, text: str, says: tuple[str, ...]) -> None:
    lab.write(DEV, text)
    lab.commit()
    refuses(lab, "status", code=2, says=says)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("name: shop", "name: Shop Two", (f"{PROJECT}:3: name", "'Shop Two' is not a name")),
        ("name: shop", "name: shop\ntypo: 1", (f"{PROJECT}:4: typo", "the keys are")),
        ("chart: charts/shop", "chart: ../shop", (PROJECT, "inside the repository")),
        ("chart: charts/shop", "chart: /etc", (PROJECT, "inside the repository")),
        ("chart: charts/shop", "chart: charts/../../x", (PROJECT, "inside the repository")),
        ("component: shop", "component: nope", (PROJECT, "services.web.component", "'nope'")),
        ("format: tag", "format: zip", (PROJECT, "services.web.format", "'tag'")),
        ("  - api.image", "  - api..image", (PROJECT, "paths", "joined by dots")),
        ("    namespace: shop", "    namespace: shop\n    version: 1.0.0", (PROJECT, "repo")),
        ("    namespace: shop", "    namespace: shop\n    wave: '1'", (PROJECT, "whole number")),
    ],
)  # fmt: skip
def test_a_project_file_that_is_wrong(
    lab: Lab, before: str, after: str, says: tuple[str, ...]
) -> None:
    edited(lab, PROJECT, before, after)
    refuses(lab, "status", code=2, says=says)


@pytest.mark.parametrize(
    "scalar", ["!!binary gICA", "!!timestamp 2024-01-01", "!!set {a, b}", "{1: a, b: c}", ".nan"]
)
def test_values_that_no_json_can_hold(deployed: Lab, scalar: str) -> None:
    """Helm reads values as JSON: what it can't take is refused with the file, or taken as Helm
    takes it; it is never an unexpected error."""
    deployed.write(DEV, environment("dev", more=f"values:\n  shop:\n    web:\n      x: {scalar}\n"))
    deployed.commit()
    done = deployed.relman("refresh", "dev", "--dry-run")
    assert done.code in (0, 2), done.err
    assert done.code == 0 or DEV in done.err or "charts/shop" in done.err


def test_a_foreign_file_among_the_environments(lab: Lab) -> None:
    lab.write("releases/environments/qa.yml", "x")
    lab.commit()
    refuses(lab, "status", code=2, says=("releases/environments/qa.yml", "doesn't belong here"))


def test_a_component_declared_twice(lab: Lab) -> None:
    text = "apiVersion: relman/v1\nkind: Component\nchart: charts/shop\nnamespace: shop\n"
    lab.write("releases/components/shop.yaml", text)
    lab.commit()
    refuses(lab, "status", code=2, says=("releases/components/shop.yaml", PROJECT))


def test_a_component_that_helm_would_not_name(lab: Lab) -> None:
    """Argo CD's `helm template` refuses a release's name of more than 53 characters."""
    name = "a" * 54
    text = "apiVersion: relman/v1\nkind: Component\nchart: charts/shop\nnamespace: shop\n"
    lab.write(f"releases/components/{name}.yaml", text)
    lab.commit()
    refuses(lab, "cut", "1.0.0", *IMAGES, code=2, says=(f"components/{name}.yaml", "53"))


# -- names, versions, paths -------------------------------------------------------------------


@pytest.mark.parametrize(
    "version",
    ["1.0.0+build", "v1.0.0", "01.0.0", "1.0", "1", " 1.0.0", "1.0.0 ", "1.0.0\n", "../x",
     "1.0.0-", "1.0.0-01", "1.0.0/../../x", "", "latest", "1.0.0-" + "a" * 80, "\u0661.0.0"],
)  # fmt: skip
def test_a_version_that_is_not_semver(lab: Lab, version: str) -> None:
    refuses(lab, "cut", version, *IMAGES, code=2, says="is not a version")


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "qa"),
        ("deploy", "qa", "--yes"),
        ("promote", "qa", "prod", "--yes"),
        ("promote", "dev", "qa", "--yes"),
        ("refresh", "qa", "--yes"),
        ("rollback", "qa", "--yes"),
        ("unblock", "qa", "1.0.0", "--reason", "x"),
        ("history", "qa"),
        ("render", "qa"),
        ("render", "qa", "--check"),
    ],
)
def test_an_environment_that_is_not_there(deployed: Lab, arguments: tuple[str, ...]) -> None:
    says = ("there is no environment 'qa'", "the environments are dev, staging, prod")
    refuses(deployed, *arguments, code=2, says=says)


@pytest.mark.parametrize(("source", "target"), [("qa", "prod"), ("dev", "qa")])
def test_an_environment_that_is_not_there_in_a_proposal(
    shared: Lab, source: str, target: str
) -> None:
    says = "there is no environment 'qa'"
    refuses(shared, "promote", source, target, "--pr", "--yes", code=2, says=says)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "9.9.9"),
        ("show", "../../relman"),
        ("plan", "dev", "9.9.9"),
        ("plan", "dev", "1.0.0\n"),
        ("deploy", "dev", "9.9.9", "--yes"),
        ("render", "dev", "--release", "9.9.9"),
        ("rollback", "dev", "--to", "9.9.9", "--yes"),
    ],
)
def test_a_release_that_is_not_there(deployed: Lab, arguments: tuple[str, ...]) -> None:
    refuses(deployed, *arguments, code=2, says=("there is no release", "relman releases"))


def test_a_name_that_is_neither_environment_nor_release(deployed: Lab) -> None:
    refuses(deployed, "diff", "dev", "qa", code=2, says=("'qa' is neither", "known: dev"))


@pytest.mark.parametrize("option", ["--component", "--cluster"])
def test_an_unknown_component_or_cluster_to_render(deployed: Lab, option: str) -> None:
    refuses(deployed, "render", "dev", option, "nope", code=2, says="it has: shop on dev")


@pytest.mark.parametrize("base", ["nope", "--all", "HEAD:charts"])
def test_a_base_that_is_no_commit(deployed: Lab, base: str) -> None:
    refuses(deployed, "status", f"--base={base}", code=2, says="there is no commit")


def test_base_and_worktree_exclude_each_other(deployed: Lab) -> None:
    says = "exclude each other"
    refuses(deployed, "plan", "dev", "--base", "HEAD", "--worktree", code=2, says=says)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("values:\n  nope: {a: 1}\n", (f"{DEV}: values.nope", "the components are shop")),
        ("components:\n  nope: {enabled: true}\n", (f"{DEV}: components.nope",)),
        (
            "clusters:\n  - name: dev\n    values:\n      nope: {}\n",
            (f"{DEV}: clusters.0.values.nope",),
        ),
    ],
)
def test_an_environment_that_speaks_of_an_unknown_component(
    lab: Lab, more: str, says: tuple[str, ...]
) -> None:
    lab.write(DEV, environment("dev", more=more))
    lab.commit()
    refuses(lab, "status", code=2, says=says)


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("[prod]", ("runs in a circle", "dev", "prod", "staging", "after")),
        ("[nope]", (f"{DEV}: after", "there is no environment 'nope'", "the environments are")),
        ("[dev]", (DEV, "can't come after itself")),
    ],
)
def test_a_path_that_leads_nowhere(lab: Lab, after: str, says: tuple[str, ...]) -> None:
    lab.write(DEV, environment("dev", after))
    lab.commit()
    refuses(lab, "status", code=2, says=says)


def test_a_cluster_of_two_environments(lab: Lab) -> None:
    lab.write("releases/environments/prod.yaml", environment("prod", "[staging]",
              "clusters:\n  - name: dev\n"))  # fmt: skip
    lab.commit()
    says = ("releases/environments/prod.yaml", "belongs to dev too")
    refuses(lab, "status", code=2, says=says)


def test_two_applications_of_one_name(lab: Lab) -> None:
    """CLUSTER-COMPONENT is the same for eu + web-api and eu-web + api; one of them would be
    lost without a word."""
    edited(lab, PROJECT, "components:\n", "components:\n"
           "  web-api: {chart: charts/web, namespace: a}\n"
           "  api: {chart: charts/api, namespace: b}\n")  # fmt: skip
    lab.write(DEV, environment("dev", more="clusters:\n  - name: eu\n  - name: eu-web\n"))
    lab.commit()
    lab.cut("1.0.0")
    refuses(lab, "plan", "dev", "1.0.0", code=2, says="eu-web-api")


# -- images -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("web", "is not SERVICE=REF"),
        ("=x:1", "is not SERVICE=REF"),
        ("web=", "is not SERVICE=REF"),
        ("nope=x:1", "there is no service 'nope'"),
        ("web=registry.example.com/UPPER:1", "is not an image reference"),
        ("web=x y:1", "is not an image reference"),
        ("web=registry.example.com/web:", "is not an image reference"),
        ("web=registry.example.com/web@sha256:abc", "is not an image reference"),
        ("web=registry.example.com/web@sha512:" + "0" * 128, "is not an image reference"),
        ("web=https://registry.example.com/web:1", "is not an image reference"),
        ("web=../../etc/passwd", "is not an image reference"),
        ("web=registry.example.com/web:ü", "is not an image reference"),
        ("web=registry.example.com/web:1\n", "is not an image reference"),
        ("web=registry.example.com/web", "has neither tag nor digest"),
    ],
)
def test_an_image_that_can_not_be_one(lab: Lab, image: str, says: str) -> None:
    api = f"api=registry.example.com/api@{DIGEST.format(1)}"
    refuses(lab, "cut", "1.0.0", "--image", image, "--image", api, code=2, says=says)


def test_paths_of_two_services_that_exclude_each_other(lab: Lab) -> None:
    """One service writes a whole image to `web`, another one to a key inside of it."""
    edited(lab, PROJECT, "  web:\n", "  aaa:\n    image: registry.example.com/aaa:1\n"
           "    component: shop\n    paths: [web.image.tag]\n  web:\n")  # fmt: skip
    edited(lab, PROJECT, "components:", "  zzz:\n    image: registry.example.com/zzz:1\n"
           "    component: shop\n    paths: [web]\n    format: string\ncomponents:")  # fmt: skip
    more = [f"{name}=registry.example.com/x@{DIGEST.format(1)}" for name in ("aaa", "zzz")]
    given = [part for image in more for part in ("--image", image)]
    done = lab.relman("cut", "1.0.0", *IMAGES, *given)
    if done.code == 0:
        done = lab.relman("deploy", "dev", "--yes")
    judge(done, 2, ("web",))


@pytest.mark.parametrize("key", ["tag", "digest"])
def test_an_environment_does_not_choose_images(deployed: Lab, key: str) -> None:
    """An image comes from the release, or promoting would not mean anything."""
    values = f"values:\n  shop:\n    web:\n      image: {{{key}: x}}\n"
    deployed.write(DEV, environment("dev", more=values))
    deployed.commit()
    says = (f"{DEV}: values.shop.web.image.{key}", "comes from the release", "cut --image")
    refuses(deployed, "refresh", "dev", "--yes", code=2, says=says)


# -- the clone --------------------------------------------------------------------------------


def _ran(folder: Path, *arguments: str, code: int, says: str | tuple[str, ...]) -> None:
    judge(relman(*arguments, cwd=folder), code, says, arguments)


def _git_init(folder: Path, *more: str) -> Path:
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", *more, str(folder)], check=True)
    return folder


def test_no_repository(tmp_path: Path) -> None:
    _ran(tmp_path, "status", code=2, says=("not a git repository", "-C DIR"))


def test_no_folder(tmp_path: Path) -> None:
    _ran(tmp_path, "status", "-C", str(tmp_path / "nope"), code=2, says="is not a folder")


def test_a_bare_repository(shared: Lab) -> None:
    assert shared.remote
    _ran(shared.remote, "status", code=2, says=("must be run in a work tree", "-C DIR"))


def test_no_commits(tmp_path: Path) -> None:
    folder = _git_init(tmp_path / "new")
    _ran(folder, "status", code=2, says=("no commits yet", "git commit"))


def test_no_relman_yaml(tmp_path: Path) -> None:
    folder = _git_init(tmp_path / "new")
    laboratory.git("-c", "user.name=x", "-c", "user.email=x@y.z", "commit", "-q",
                   "--allow-empty", "-m", "x", cwd=folder)  # fmt: skip
    _ran(folder, "status", code=2, says=(PROJECT, "relman init"))


def test_a_shallow_clone(shared: Lab, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    laboratory.git("clone", "-q", "--depth", "1", f"file://{shared.remote}", str(shallow),
                   cwd=tmp_path)  # fmt: skip
    _ran(shallow, "status", code=2, says=("shallow clone", "git fetch --unshallow"))


def test_no_git_identity(lab: Lab) -> None:
    lab.git("config", "--unset", "user.name")
    lab.git("config", "--unset", "user.email")
    lab.git("config", "user.useConfigOnly", "true")
    refuses(lab, "cut", "1.0.0", *IMAGES, code=2, says=("who you are", "git config --global"))


@pytest.mark.parametrize("staged", [False, True])
def test_a_dirty_checkout_without_a_remote(deployed: Lab, staged: bool) -> None:
    deployed.write("charts/shop/values.yaml", "web: {enabled: true}\napi: {enabled: false}\n")
    if staged:
        deployed.git("add", "--all")
    says = ("uncommitted changes", "git stash")
    refuses(deployed, "rollback", "dev", "--yes", code=1, says="no other release")
    refuses(deployed, "cut", "1.1.0", "--image", f"web=x@{DIGEST.format(9)}", code=1, says=says)


def test_a_dirty_checkout_does_not_matter_where_there_is_a_remote(shared: Lab) -> None:
    shared.write("charts/shop/values.yaml", "half: done\n")
    before = shared.git("status", "--porcelain")
    shared.cut("1.1.0", web=2)
    assert shared.git("status", "--porcelain") == before
    assert "half" not in shared.read("charts/shop/values.yaml")


@pytest.mark.parametrize("remote", [False, True])
def test_a_detached_checkout_works_and_stays_where_it_is(tmp_path: Path, remote: bool) -> None:
    lab = running(tmp_path / "lab", remote=remote)
    lab.git("checkout", "-q", "--detach")
    head = lab.git("rev-parse", "HEAD")
    lab.cut("1.1.0", web=2)
    assert lab.git("rev-parse", "HEAD") == head
    assert lab.git("status", "--porcelain") == ""
    assert lab.ok("show", "1.1.0", "-o", "json").json["release"]["version"] == "1.1.0"


def test_several_remotes_without_an_origin(shared: Lab) -> None:
    shared.git("remote", "rename", "origin", "one")
    shared.git("remote", "add", "two", "/nowhere")
    refuses(shared, "status", code=2, says=("several remotes", "one, two", "git remote rename"))


def test_a_remote_that_does_not_exist(shared: Lab) -> None:
    shared.git("remote", "set-url", "origin", "/nowhere/at-all.git")
    says = ("can't fetch from origin", "/nowhere/at-all.git", "git fetch origin")
    refuses(shared, "cut", "1.1.0", *IMAGES, code=4, says=says)
    shared.ok("status")  # needs no remote


def test_a_remote_without_the_branch(shared: Lab) -> None:
    edited(shared, PROJECT, "branch: main", "branch: release")
    says = ("has no branch release", "git push origin release")
    refuses(shared, "cut", "1.1.0", *IMAGES, code=2, says=says)
    refuses(shared, "status", code=2, says=says)


def _hook(lab: Lab, script: str) -> None:
    assert lab.remote
    hook = lab.remote / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


def test_a_remote_that_rejects(shared: Lab) -> None:
    _hook(shared, "echo 'main is protected' >&2; exit 1")
    says = ("the push to origin's main was rejected", "main is protected", "--pr")
    refuses(shared, "cut", "1.1.0", "--image", f"web=x@{DIGEST.format(9)}", code=1, says=says)


def test_a_remote_that_rejects_a_proposal(shared: Lab) -> None:
    shared.cut("1.1.0", web=2)
    shared.ok("deploy", "dev", "--yes")
    _hook(shared, "echo 'no branches here' >&2; exit 1")
    shared.fetch()
    done = shared.relman("promote", "dev", "staging", "--pr", "--yes")
    assert done.code == 1
    assert "relman/staging-1.1.0" in done.err
    assert "no branches here" in done.err


def test_a_remote_that_hangs(shared: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for ever, nor with anything written."""
    monkeypatch.setenv("RELMAN_GIT_TIMEOUT", "1")
    _hook(shared, "sleep 20; exit 1")
    says = ("gave no answer in 1 s", "next: the network, or a hook that hangs")
    refuses(shared, "cut", "1.1.0", "--image", f"web=x@{DIGEST.format(9)}", code=4, says=says)


def test_a_timeout_that_is_no_number(shared: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELMAN_GIT_TIMEOUT", "soon")
    refuses(shared, "cut", "1.1.0", *IMAGES, code=2, says="RELMAN_GIT_TIMEOUT")


# -- charts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (
            "charts/shop/Chart.yaml",
            laboratory.SHOP.replace("file://../web", "file://../../../web"),
            ("charts/shop/Chart.yaml", "leaves the repository"),
        ),
        (
            "charts/shop/Chart.yaml",
            laboratory.SHOP.replace("file://../web", "file:///etc"),
            ("charts/shop/Chart.yaml", "leaves the repository"),
        ),
        (
            "charts/shop/Chart.yaml",
            laboratory.SHOP.replace("file://../web", "file://../gone"),
            ("charts/gone/Chart.yaml", "there is no chart"),
        ),
        ("charts/shop/Chart.yaml", "- a list\n", ("charts/shop/Chart.yaml", "must be a map")),
        ("charts/web/Chart.yaml", "name: [\n", ("charts/web/Chart.yaml", "isn't valid YAML")),
        (
            "charts/shop/Chart.yaml",
            "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies: web\n",
            ("charts/shop/Chart.yaml", "dependencies"),
        ),
        (
            "charts/shop/Chart.yaml",
            "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies: [web]\n",
            ("charts/shop/Chart.yaml", "dependencies"),
        ),
    ],
)  # fmt: skip
def test_a_chart_that_can_not_be_cut(lab: Lab, path: str, text: str, says: tuple[str, ...]) -> None:
    lab.write(path, text)
    lab.commit()
    refuses(lab, "cut", "1.0.0", *IMAGES, code=2, says=says)
    findings = lab.relman("lint")
    assert findings.code == 1, findings.err
    assert all(part in findings.out for part in says), findings.out


@pytest.mark.parametrize("target", ["/etc/passwd", "values.yaml"])
def test_a_link_in_a_chart(lab: Lab, target: str) -> None:
    (lab.root / "charts/web/link.yaml").symlink_to(target)
    lab.commit()
    says = ("charts/web/link.yaml", "no links")
    refuses(lab, "cut", "1.0.0", *IMAGES, code=2, says=says)
    refuses(lab, "render", "dev", "--draft", code=2, says=says)


def test_no_chart_where_a_component_has_one(lab: Lab) -> None:
    edited(lab, PROJECT, "chart: charts/shop", "chart: charts/gone")
    says = ("charts/gone/Chart.yaml", "there is no chart")
    refuses(lab, "cut", "1.0.0", *IMAGES, code=2, says=says)


SCHEMA = '{"type": "object", "properties": {"replicas": {"type": "integer", "maximum": 5}}}'


def test_values_that_the_charts_schema_refuses(deployed: Lab) -> None:
    deployed.write("charts/web/values.schema.json", SCHEMA)
    deployed.write(DEV, environment("dev", more="values:\n  shop:\n    web: {replicas: 9}\n"))
    deployed.commit()
    deployed.cut("1.1.0")
    says = ("charts/shop", "Helm refuses the values", "replicas", "maximum", "values.schema.json")
    refuses(deployed, "deploy", "dev", "--yes", code=2, says=says)
    findings = deployed.relman("lint", "-o", "json")
    assert findings.code == 1
    said = [one["place"] for one in findings.json if "replicas" in one["message"]]
    assert said == ["charts/shop"]


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ .Values.a.b.c }}", ("nil pointer",)),
        ('{{ fail "no way" }}', ("no way",)),
        ("{{ if }}", ("missing value for if",)),
        ("{{ nope }}", ("nope",)),
        ("a: [1\n", ("isn't valid",)),
        ("just text\n", ("not a Kubernetes object",)),
        ("a: 1\na: 2\n", ("not a Kubernetes object",)),
    ],
)
def test_a_chart_that_does_not_render(deployed: Lab, template: str, says: tuple[str, ...]) -> None:
    deployed.write("charts/web/templates/bad.yaml", template)
    deployed.commit()
    deployed.cut("1.1.0")
    refuses(deployed, "deploy", "dev", "--yes", code=2, says=("shop", *says))


def test_a_dependency_that_can_not_be_fetched(lab: Lab) -> None:
    dependency = "  - {name: x, version: 1.0.0, repository: 'http://127.0.0.1:9'}\n"
    lab.write("charts/shop/Chart.yaml", laboratory.SHOP + dependency)
    lab.commit()
    lab.cut("1.0.0")
    says = ("charts/shop", "can't be built", "a copy in charts/")
    refuses(lab, "deploy", "dev", "--yes", code=4, says=says)


# -- facts and add-ons ------------------------------------------------------------------------

DRIVER = """apiVersion: relman/v1
kind: Component
chart: charts/web
namespace: kube-system
addon: aws-driver
facts:
  cluster.name: name
"""


def _with_driver(lab: Lab, facts: str | None, more: str = "") -> None:
    lab.write("releases/components/driver.yaml", DRIVER)
    lab.write(DEV, environment("dev", more=more))
    if facts is not None:
        head = "apiVersion: relman/v1\nkind: Facts\ncluster: dev\n"
        lab.write("releases/facts/dev.yaml", head + facts)
    lab.commit()
    lab.cut("1.0.0")


@pytest.mark.parametrize("facts", [None, "values: {}\n", "values: {other: x}\n"])
def test_a_fact_that_is_missing(lab: Lab, facts: str | None) -> None:
    _with_driver(lab, facts)
    says = ("releases/facts/dev.yaml: values.name", "driver needs the fact 'name'", "relman facts")
    refuses(lab, "deploy", "dev", "--yes", code=2, says=says)


def test_a_fact_that_is_also_set_by_hand(lab: Lab) -> None:
    more = "values:\n  driver:\n    cluster: {name: mine}\n"
    _with_driver(lab, "values: {name: c1}\n", more)
    says = (f"{DEV}: values.driver.cluster.name", "can't be set by hand")
    refuses(lab, "deploy", "dev", "--yes", code=2, says=says)


def test_an_addon_that_a_chart_owns_too(lab: Lab) -> None:
    _with_driver(lab, "addons: [aws-driver]\nvalues: {name: c1}\n")
    says = (f"{DEV}: components.driver.owner", "add-on aws-driver", "owner: addon")
    refuses(lab, "deploy", "dev", "--yes", code=2, says=says)
    lab.write(DEV, environment("dev", more="components:\n  driver: {owner: addon}\n"))
    lab.commit()
    lab.ok("deploy", "dev", "--yes")
    assert "driver" not in lab.git("ls-tree", "-r", "--name-only", "main", "argocd/dev")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ("values: 1\n", ("releases/facts/dev.yaml:4: values", "must be a map")),
        ("kubernetesVersion: new\n", ("releases/facts/dev.yaml:4: kubernetesVersion",)),
        ("addons: aws-driver\n", ("releases/facts/dev.yaml:4: addons", "must be a list")),
    ],
)
def test_facts_that_are_wrong(lab: Lab, facts: str, says: tuple[str, ...]) -> None:
    _with_driver(lab, facts)
    refuses(lab, "deploy", "dev", "--yes", code=2, says=says)


def test_facts_of_another_cluster(lab: Lab) -> None:
    _with_driver(lab, "values: {name: c1}\n")
    edited(lab, "releases/facts/dev.yaml", "cluster: dev", "cluster: prod")
    says = ("releases/facts/dev.yaml: cluster", "make both the same")
    refuses(lab, "deploy", "dev", "--yes", code=2, says=says)


# -- releases and records ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DIGEST.format(1), DIGEST.format(7)),
        ("namespace: shop", "namespace: other"),
    ],
)
def test_a_release_that_was_edited(deployed: Lab, before: str, after: str) -> None:
    edited(deployed, "releases/versions/1.0.0.yaml", before, after)
    says = ("releases/versions/1.0.0.yaml: digest", "never changed", "git log")
    refuses(deployed, "show", "1.0.0", code=2, says=says)
    refuses(deployed, "plan", "dev", "1.0.0", code=2, says=says)


def test_a_release_whose_charts_commit_was_edited(deployed: Lab) -> None:
    """The commit isn't in the digest, but the charts' content is: another commit with other
    charts may not be deployed under the release's name."""
    commit = str(deployed.ok("show", "1.0.0", "-o", "json").json["release"]["charts"]["commit"])
    edited(deployed, "charts/web/values.yaml", "replicas: 2", "replicas: 7")
    other = deployed.git("rev-parse", "HEAD")
    edited(deployed, "releases/versions/1.0.0.yaml", commit, other)
    says = ("releases/versions/1.0.0.yaml", "charts")
    refuses(deployed, "refresh", "dev", "--yes", code=2, says=says)


def test_a_release_whose_charts_commit_is_unknown(deployed: Lab) -> None:
    commit = str(deployed.ok("show", "1.0.0", "-o", "json").json["release"]["charts"]["commit"])
    edited(deployed, "releases/versions/1.0.0.yaml", commit, "abcdef0123" * 4)
    says = ("releases/versions/1.0.0.yaml: charts.commit", "isn't in this clone", "git fetch")
    refuses(deployed, "plan", "dev", "1.0.0", code=2, says=says)


def test_a_version_file_of_another_version(deployed: Lab) -> None:
    deployed.git("mv", "releases/versions/1.0.0.yaml", "releases/versions/2.0.0.yaml")
    deployed.commit()
    refuses(deployed, "show", "2.0.0", code=2, says=("2.0.0.yaml: version", "make both the same"))


def test_a_file_among_the_versions_that_is_no_version(deployed: Lab) -> None:
    deployed.write("releases/versions/latest.yaml", "x: 1\n")
    deployed.commit()
    refuses(deployed, "releases", code=2, says=("releases/versions/latest.yaml",))
    refuses(deployed, "cut", *IMAGES, code=2, says=("releases/versions/latest.yaml",))


def test_a_gap_in_the_records(deployed: Lab) -> None:
    deployed.git("mv", "releases/records/dev/0001-1.0.0.yaml",
                 "releases/records/dev/0002-1.0.0.yaml")  # fmt: skip
    deployed.commit()
    says = ("releases/records/dev", "expected number 1, found 2", "relman audit")
    refuses(deployed, "refresh", "dev", "--yes", code=2, says=says)
    refuses(deployed, "status", code=2, says=says)


@pytest.mark.parametrize("name", ["README.md", "notes.txt", "1-1.0.0.yaml", "sub/0002-1.0.0.yaml"])
def test_a_foreign_file_among_the_records(deployed: Lab, name: str) -> None:
    deployed.write(f"releases/records/dev/{name}", "x")
    deployed.commit()
    says = (f"releases/records/dev/{name}", "is not a record", "move it elsewhere")
    refuses(deployed, "status", code=2, says=says)


def test_a_record_that_is_broken(deployed: Lab) -> None:
    edited(deployed, "releases/records/dev/0001-1.0.0.yaml", "number: 1", "number: one")
    says = ("releases/records/dev/0001-1.0.0.yaml:", "number", "must be a whole number")
    refuses(deployed, "status", code=2, says=says)


@pytest.mark.parametrize(
    "text", ["", "x", "apiVersion: v1\nkind: X\n", "spec: {source: 1}\n", "spec: {}\n"]
)
def test_an_application_that_was_overwritten(deployed: Lab, text: str) -> None:
    deployed.write("argocd/dev/applications/dev-shop.yaml", text)
    deployed.commit()
    says = ("argocd/dev/applications/dev-shop.yaml", "isn't an Application that relman wrote")
    refuses(deployed, "refresh", "dev", "--yes", code=2, says=says)


def test_a_release_file_that_is_broken(deployed: Lab) -> None:
    deployed.write("argocd/dev/release.yaml", "release: 1\n")
    deployed.commit()
    refuses(deployed, "refresh", "dev", "--yes", code=2, says="argocd/dev/release.yaml")


# -- around -----------------------------------------------------------------------------------


def test_a_cache_that_can_not_be_written(
    deployed: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("RELMAN_CACHE_DIR", str(tmp_path / "file/cache"))
    deployed.cut("1.1.0", web=2)
    done = deployed.relman("deploy", "dev", "--yes")
    assert done.code == 4, done.err
    assert "RELMAN_CACHE_DIR" in done.err


def test_a_cache_that_somebody_swept(deployed: Lab, tmp_path: Path,
                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Cleaners of cache folders delete old files, not whole folders."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("RELMAN_CACHE_DIR", str(cache))
    deployed.cut("1.1.0", web=2)
    deployed.ok("plan", "dev")
    for file in [path for path in cache.rglob("*") if path.is_file()]:
        file.unlink()
    deployed.ok("plan", "dev")


@pytest.mark.parametrize(
    "arguments",
    [("deploy", "dev"), ("promote", "dev", "staging"), ("rollback", "dev"), ("refresh", "dev")],
)
def test_nobody_to_ask(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    lab = running(tmp_path / "lab")
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    if arguments[0] == "deploy":
        lab.cut("1.2.0", web=3)
    if arguments[0] == "refresh":
        edited(lab, DEV, "clusters:", "values:\n  shop: {web: {replicas: 3}}\nclusters:")
    before = lab.git("rev-parse", "main")
    done = lab.relman(*arguments)
    assert done.code == 1
    assert "nobody can be asked" in done.err
    assert "--yes" in done.err
    assert lab.git("rev-parse", "main") == before


def test_a_risk_that_the_plan_does_not_have(deployed: Lab) -> None:
    deployed.cut("1.1.0", web=2)
    done = deployed.ok("deploy", "dev", "--yes", "--accept", "remove:dev/X")
    assert "no risk is called remove:dev/X" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("nope",),
        ("cut", "--bump", "huge"),
        ("status", "-o", "xml"),
        ("history", "-n", "0"),
        ("promote", "dev"),
        ("unblock", "dev", "1.0.0"),
        ("status", "--nope"),
    ],
)
def test_wrong_usage(deployed: Lab, arguments: tuple[str, ...]) -> None:
    done = deployed.relman(*arguments)
    assert done.code == 2
    assert "Usage: relman" in done.err
    assert done.out == ""


def test_an_empty_reason_to_unblock(deployed: Lab) -> None:
    refuses(deployed, "unblock", "dev", "1.0.0", "--reason", " ", code=2, says="--reason WHY")


def test_words_that_are_not_utf8(deployed: Lab) -> None:
    """A shell passes any bytes; Python has them as lone surrogates."""
    deployed.cut("1.1.0", web=2)
    done = deployed.relman("deploy", "dev", "--yes", "--reason", "caf\udce9")
    assert done.code in (0, 2), done.err
