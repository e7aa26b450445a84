"""Random sequences of everything that can happen to a repository, against a model of a few lines.

MACHINE_EXAMPLES=200 runs longer, with another seed each time.
"""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from . import faults
from .lab import DIGEST, Lab, git

LONGER = int(os.environ.get("MACHINE_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=LONGER or 2,
    stateful_step_count=30 if LONGER else 22,
    derandomize=not LONGER,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink) if LONGER else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
# dev -> load -> prod and dev -> staging -> prod: prod is entered when both run the release.
BEFORE: dict[str, tuple[str, ...]] = {
    "dev": (),
    "load": ("dev",),
    "staging": ("dev",),
    "prod": ("load", "staging"),
}
WAYS = {
    ("dev", "load"): ["load"],
    ("dev", "staging"): ["staging"],
    ("dev", "prod"): ["load", "staging", "prod"],
    ("load", "prod"): ["prod"],
    ("staging", "prod"): ["prod"],
    ("prod", "dev"): [],
}
ENVIRONMENTS = st.sampled_from(list(BEFORE))
VERSIONS = st.sampled_from(["1.0.0", "1.1.0", "1.2.0", "2.0.0"])
REPLICAS = 2
Content = tuple[int, int, int]  # the chart's edition, the images of web and api


class No(Exception):
    """The command must end with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Place:
    """An environment in the model: the release of each record, what may not come back, the
    replicas that its file asks for, what its generated files are made of, and the last action."""

    chain: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    wanted: int = REPLICAS
    made_of: tuple[str, int] | None = None
    edited: bool = False
    last: str = ""

    @property
    def runs(self) -> str | None:
        """The release of the last record."""
        return self.chain[-1] if self.chain else None


@dataclass
class Shop:
    """What should be true. Commands give back how many commits they make, or raise `No`."""

    chart: int = 0
    releases: dict[str, Content] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=lambda: {name: Place() for name in BEFORE})
    commits: int = 0

    def cut(self, version: str | None, web: int, api: int) -> None:
        """A version is written once, and so is a content."""
        content = (self.chart, web, api)
        for known, has in self.releases.items():
            if has == content and version in (None, known):
                return
            if content == has or known == version:
                raise No(1)
        self.releases[version or self._next()] = content
        self.commits += 1

    def _next(self) -> str:
        if not self.releases:
            return "0.1.0"
        major, minor, patch = self.newest.split(".")
        return f"{major}.{minor}.{int(patch) + 1}"

    @property
    def newest(self) -> str:
        """The highest version."""
        return max(self.releases, key=lambda version: [int(part) for part in version.split(".")])

    def deploy(self, name: str, version: str | None) -> None:
        """Into the first environment only."""
        if BEFORE[name]:
            raise No(1)
        if not self.releases:
            raise No(2)
        self._enter(name, version or self.newest, "deploy")

    def promote(self, source: str, target: str) -> None:
        """One environment after the other; what was entered before a refusal stays."""
        runs = self.places[source].runs
        if runs is None or not WAYS[source, target]:
            raise No(1)
        for name in WAYS[source, target]:
            self._enter(name, runs, "promote")

    def refresh(self, name: str) -> None:
        """At the release that it runs."""
        runs = self.places[name].runs
        if runs is None:
            raise No(1)
        self._enter(name, runs, "refresh")

    def rollback(self, name: str, version: str | None) -> None:
        """To the last release before this one that isn't blocked, once; or to a chosen one."""
        place = self.places[name]
        if place.last == "rollback" and version in (None, place.runs):
            return
        if place.runs in (None, version) or (version is None and place.last == "unblock"):
            raise No(1)
        usable = [one for one in place.chain if one not in (place.runs, *place.blocked)]
        if version is None and not usable:
            raise No(1)
        self._enter(name, version or usable[-1], "rollback")

    def unblock(self, name: str, version: str) -> None:
        """A record, and no other change."""
        place = self.places[name]
        if place.runs is None or version not in place.chain:
            raise No(1)
        if version not in place.blocked:
            return
        place.blocked.remove(version)
        place.chain.append(place.runs)
        place.last = "unblock"
        self.commits += 1

    def _enter(self, name: str, version: str, action: str) -> None:
        place = self.places[name]
        if version not in self.releases:
            raise No(2)
        if (place.runs, place.made_of, place.edited) == (version, (version, place.wanted), False):
            return
        if action in ("refresh", "rollback"):
            passes = version in place.chain
        else:
            behind = [self.places[before] for before in BEFORE[name]]
            passes = all(one.runs == version and not one.edited for one in behind)
        if not passes or version in place.blocked:
            raise No(1)
        if action == "rollback" and place.runs:
            place.blocked.append(place.runs)
        place.chain.append(version)
        place.made_of, place.edited, place.last = (version, place.wanted), False, action
        self.commits += 1


@dataclass(frozen=True)
class Edit:
    """A commit by hand: what it does to the files, and to the model."""

    path: str
    write: Callable[[str], str]
    note: Callable[[Shop], None]

    def apply(self, lab: Lab, shop: Shop) -> None:
        """Writes it into a checkout that is up to date."""
        file = lab.root / self.path
        file.write_text(self.write(file.read_text() if file.exists() else ""))
        lab.git("add", "--all")
        lab.git("commit", "--quiet", "--allow-empty", "--message", f"by hand: {self.path}")
        self.note(shop)
        shop.commits += 1


def values_edit(name: str, replicas: int) -> Edit:
    """Somebody changes an environment's own values."""

    def note(shop: Shop) -> None:
        shop.places[name].wanted = replicas

    values = f"\nvalues:\n  shop:\n    web:\n      replicas: {replicas}\n"
    path = f"releases/environments/{name}.yaml"
    return Edit(path, lambda text: text.partition("\nvalues:")[0] + values, note)


def chart_edit(edition: int) -> Edit:
    """Somebody changes a chart; releases that are cut keep the old one."""

    def note(shop: Shop) -> None:
        shop.chart = edition

    return Edit(
        "charts/web/values.yaml",
        lambda text: text.partition("# edition")[0] + (f"# edition {edition}\n" if edition else ""),
        note,
    )


def generated_edit(name: str, kind: str, runs: str) -> Edit:
    """Somebody changes what only relman writes."""

    def note(shop: Shop) -> None:
        shop.places[name].edited = True

    file = {"application": f"applications/{name}-shop", "values": f"values/{name}-shop-{runs}"}
    return Edit(f"argocd/{name}/{file[kind]}.yaml", lambda text: f"{text}# by hand\n", note)


NOTHING = Edit("notes.md", lambda text: f"{text}more\n", lambda _: None)
OVERTAKEN = st.none() | st.just(NOTHING) | st.builds(values_edit, ENVIRONMENTS, st.integers(3, 5))


class Machine(RuleBasedStateMachine):
    """A laboratory and its model, changed together."""

    fresh: Lab
    lived: Lab

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="example-", dir=self.lived.root.parent.parent))
        self.lab, self.shop = self.fresh, Shop()
        self.rival: Lab | None = None
        self.base = ""
        self.files: dict[tuple[str, str, int], str] = {}
        self.rendered: dict[tuple[str, str, int], str] = {}

    @initialize(lived=st.sampled_from([True, True, True, False]))
    def start(self, lived: bool) -> None:
        """A new shop, or one that has been through two releases."""
        self.lab = faults.copied(self.lived if lived else self.fresh, self.folder / "lab")
        if lived:
            live(self.shop)
        if self.lab.remote:
            self.rival = faults.cloned(self.lab, self.folder / "rival", "Rival")
        self.base, self.shop.commits = faults.tip(self.lab), 0

    def teardown(self) -> None:
        """What only the whole history shows."""
        faults.require_linear(self.lab)
        faults.require_true_records(self.lab, BEFORE)
        faults.require_sound(self.lab)
        shutil.rmtree(self.folder)

    # What relman does.

    @rule(
        version=st.none() | VERSIONS,
        web=st.integers(1, 3),
        api=st.integers(1, 2),
        overtaken=OVERTAKEN,
    )
    def cut(self, version: str | None, web: int, api: int, overtaken: Edit | None) -> None:
        """A release from the charts as they are."""
        images = [
            f"--image={name}=registry.example.com/{name}:{tag}.0@{DIGEST.format(tag)}"
            for name, tag in (("web", web), ("api", api))
        ]
        command = ("cut", *([version] if version else []), *images)
        self.do(command, lambda shop: shop.cut(version, web, api), overtaken)

    @rule(version=st.none() | VERSIONS, overtaken=OVERTAKEN)
    def deploy(self, version: str | None, overtaken: Edit | None) -> None:
        """To where the path starts."""
        command = ("deploy", "dev", *([version] if version else []), "--yes")
        self.do(command, lambda shop: shop.deploy("dev", version), overtaken)

    @rule(way=st.sampled_from([*WAYS, ("dev", "prod")]), overtaken=OVERTAKEN)
    def promote(self, way: tuple[str, str], overtaken: Edit | None) -> None:
        """And once more, which changes nothing."""
        command, before = ("promote", *way, "--yes"), self.shop.commits
        self.do(command, lambda shop: shop.promote(*way), overtaken)
        if self.shop.commits > before:
            self.do(command, lambda shop: shop.promote(*way))

    @rule(name=ENVIRONMENTS, overtaken=OVERTAKEN)
    def refresh(self, name: str, overtaken: Edit | None) -> None:
        """Takes up the environment's own files."""
        self.do(("refresh", name, "--yes"), lambda shop: shop.refresh(name), overtaken)

    @rule(name=ENVIRONMENTS, version=st.none() | VERSIONS, overtaken=OVERTAKEN)
    def rollback(self, name: str, version: str | None, overtaken: Edit | None) -> None:
        """To the release before or to a chosen one, which renders as it did when it ran."""
        command = ("rollback", name, *(["--to", version] if version else []), "--yes")
        if self.do(command, lambda shop: shop.rollback(name, version), overtaken) == 0:
            self.compare_rendered(name)

    @rule(name=ENVIRONMENTS, way=st.sampled_from(list(WAYS)))
    def rollback_and_promote(self, name: str, way: tuple[str, str]) -> None:
        """What was left behind is at the door again."""
        self.rollback(name, None, None)
        self.promote(way, None)

    @precondition(lambda self: any(place.blocked for place in self.shop.places.values()))
    @rule(data=st.data(), right=st.booleans(), overtaken=OVERTAKEN)
    def unblock(self, data: st.DataObject, right: bool, overtaken: Edit | None) -> None:
        """A blocked release, or one that isn't."""
        places = self.shop.places
        name = data.draw(st.sampled_from([name for name in BEFORE if places[name].blocked]))
        version = data.draw(st.sampled_from(places[name].blocked)) if right else "2.0.0"
        command = ("unblock", name, version, "--reason", "mended")
        self.do(command, lambda shop: shop.unblock(name, version), overtaken)

    # What people do.

    @rule(data=st.data())
    def by_hand(self, data: st.DataObject) -> None:
        """Values and charts, as it is meant to be; what is generated, as it is not."""
        running = {name: place.runs for name, place in self.shop.places.items() if place.runs}
        kinds = ["values", "values", "chart", *(["generated"] if running else [])]
        kind = data.draw(st.sampled_from(kinds))
        if kind == "chart":
            edit = chart_edit(data.draw(st.integers(0, 2)))
        elif kind == "values":
            edit = values_edit(data.draw(ENVIRONMENTS), data.draw(st.integers(3, 5)))
        else:
            name = data.draw(st.sampled_from(list(running)))
            file = data.draw(st.sampled_from(["application", "values"]))
            edit = generated_edit(name, file, running[name])
        self.lab.pull()
        edit.apply(self.lab, self.shop)
        if self.lab.remote:
            self.lab.git("push", "--quiet", "origin", "main")

    # How both are compared with the model.

    def do(
        self,
        command: tuple[str, ...],
        expected: Callable[[Shop], None],
        overtaken: Edit | None = None,
    ) -> int:
        """Runs relman, with somebody else's push just before its own, if it makes one."""
        before, expecting = self.refs(), self.shop.commits
        if self.rival and overtaken and self.pushes(expected):
            self.overtake(self.rival, overtaken)
        try:
            expected(self.shop)
            code = 0
        except No as no:
            code = no.code
        ran = self.lab.relman(*command)
        assert ran.code == code, f"{command} ended with {ran.code}, not {code}: {ran.err}"
        assert ("error: " in ran.err) == bool(code)
        self.lab.fetch()
        moved = {ref for ref, commit in self.refs().items() if before.get(ref) != commit}
        if self.shop.commits == expecting:
            assert not moved, "a command that has nothing to do has moved a ref"
        else:
            assert moved == self.branch
            self.compare()
        return code

    @property
    def branch(self) -> set[str]:
        """The refs that relman may move."""
        if self.lab.remote:
            return {"remote refs/heads/main", "clone refs/remotes/origin/main"}
        return {"clone refs/heads/main"}

    def pushes(self, expected: Callable[[Shop], None]) -> bool:
        """Whether the command gets as far as applying something."""
        trial = copy.deepcopy(self.shop)
        with contextlib.suppress(No):
            expected(trial)
        return trial.commits > self.shop.commits

    def overtake(self, rival: Lab, edit: Edit) -> None:
        """Lets a commit from another clone arrive while relman's push is on its way."""
        rival.pull()
        edit.apply(rival, self.shop)
        push = f"git -C {rival.root} push --quiet origin main"
        faults.hook(self.lab.root, "pre-push", f"rm $0\n{push}")

    def refs(self) -> dict[str, str]:
        """Every ref, of the clone and of the remote."""
        found = {}
        for name, where in (("clone", self.lab.root), ("remote", self.lab.remote)):
            if where:
                listed = git("for-each-ref", "--format=%(refname) %(objectname)", cwd=where)
                for line in listed.splitlines():
                    ref, commit = line.split()
                    found[f"{name} {ref}"] = commit
        return found

    def compare(self) -> None:
        """Everything that relman says against the model."""
        assert self.lab.git("status", "--porcelain") == ""
        assert len(faults.commits(self.lab, self.base)) == self.shop.commits
        self.lab.fetch()
        status = self.lab.ok("status", "-o", "json").json
        found = {one["environment"]: one for one in status["environments"]}
        for name, place in self.shop.places.items():
            assert found[name]["release"] == place.runs
            assert sorted(found[name]["blocked"]) == sorted(place.blocked)
            assert place.runs is None or place.runs in self.shop.releases
        assert status["newestRelease"] == (self.shop.newest if self.shop.releases else None)
        audit = self.lab.relman("audit", "-o", "json").json
        edited = [f"argocd/{name}" for name, place in self.shop.places.items() if place.edited]
        assert sorted(one["place"] for one in audit["findings"]) == sorted(edited)
        assert audit["records"] == sum(len(place.chain) for place in self.shop.places.values())
        for name, place in self.shop.places.items():
            if place.made_of and not place.edited:
                self.compare_generated(name, *place.made_of)
            if place.runs and (name, place.runs, place.wanted) not in self.rendered:
                self.compare_rendered(name)

    def compare_generated(self, name: str, version: str, replicas: int) -> None:
        """The same release with the same values gives the same files, however it came back."""
        files = git(
            "ls-tree", "-r", "main", f"argocd/{name}/applications",
            cwd=self.lab.remote or self.lab.root,
        )  # fmt: skip
        assert self.files.setdefault((name, version, replicas), files) == files

    def compare_rendered(self, name: str) -> None:
        """The same release with the same values gives the same objects, to the byte."""
        place = self.shop.places[name]
        text = self.lab.ok("render", name).out
        if place.runs:
            assert self.rendered.setdefault((name, place.runs, place.wanted), text) == text
            self.require_rendered(name, text)

    def require_rendered(self, name: str, rendered: str) -> None:
        """Each Deployment has the release's image and the replicas of the environment's file."""
        runs, place = self.shop.places[name].runs, self.shop.places[name]
        _, web, api = self.shop.releases[runs or ""]
        objects = [one for one in yaml.safe_load_all(rendered) if one["kind"] == "Deployment"]
        specs = {one["metadata"]["name"]: one["spec"] for one in objects}
        assert {key: spec["replicas"] for key, spec in specs.items()} == {
            "web": place.wanted,
            "api": REPLICAS,
        }
        for key, tag in (("web", web), ("api", api)):
            (container,) = specs[key]["template"]["spec"]["containers"]
            assert container["image"].endswith(f"/{key}:{tag}.0@{DIGEST.format(tag)}")


def live(shop: Shop) -> None:
    """The model of a lab that has lived: 1.0.0 everywhere, then 1.1.0; 1.2.0 in dev and load."""
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        shop.cut(version, number, 1)
        shop.deploy("dev", None)
        shop.promote("dev", "prod")
    shop.cut("1.2.0", 3, 1)
    shop.deploy("dev", None)
    shop.promote("dev", "load")


def prepare(lab: Lab) -> None:
    """Another environment between dev and prod, beside staging."""
    text = lab.read("releases/environments/staging.yaml")
    lab.write("releases/environments/load.yaml", text.replace("staging", "load"))
    text = lab.read("releases/environments/prod.yaml")
    lab.write("releases/environments/prod.yaml", text.replace("- staging", "- load\n  - staging"))
    lab.commit("load")


@pytest.fixture(params=["lab", "remote_lab"])
def fresh(request: pytest.FixtureRequest) -> Lab:
    """With a remote and without one."""
    found: Lab = request.getfixturevalue(request.param)
    return found


def test_any_sequence(fresh: Lab, tmp_path: Path) -> None:
    """An environment holds what was cut, and nothing but what the one before it has run; what
    is refused changes nothing; what comes back is what it was."""
    prepare(fresh)
    ready = faults.copied(fresh, tmp_path / "lived")
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        ready.cut(version, web=number)
        ready.ok("deploy", "dev", "--yes")
        ready.ok("promote", "dev", "prod", "--yes")
    ready.cut("1.2.0", web=3)
    ready.ok("deploy", "dev", "--yes")
    ready.ok("promote", "dev", "load", "--yes")
    given = fresh

    class Here(Machine):
        fresh = given
        lived = ready

    run_state_machine_as_test(Here, settings=SETTINGS)
