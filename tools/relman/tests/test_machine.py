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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from relman.operations import workspace

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
PROD = "releases/environments/prod.yaml"
Skipped = tuple[str, ...]
Content = tuple[int, int, int]  # the chart's edition, the images of web and api
# Prod asks two of these, without the author of the release.
PEOPLE = ("alice", "bob", "carol")
REQUIRED = 2
GUARD = f"""gates:
  approvals:
    required: {REQUIRED}
    from: [{", ".join(f"{name}@example.com" for name in PEOPLE)}]
  windows:
    timeZone: UTC
    allow:
      - days: [mon, tue, wed, thu, fri]
        from: "09:00"
        to: "17:00"
    rollback: exempt
"""
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
SERVICES = st.sampled_from(["", "", "web", "api"])
SKIPPED = st.sampled_from(
    [
        (),
        (),
        (),
        ("approvals",),
        ("hold",),
        ("source",),
        ("block",),
        ("windows",),
        ("approvals", "windows", "hold", "block"),
    ]
)


def is_open(time: datetime) -> bool:
    """Whether prod may be changed: on weekdays, in working hours."""
    return time.weekday() < 5 and 9 <= time.hour < 17


class No(Exception):
    """The command must end with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Place:
    """An environment in the model: the release of each record, what may not come back, the
    replicas that its file asks for, what its generated files are made of, and the last action;
    what is on hold or was ("" is all of it), and who approved which release with which replicas.
    """

    chain: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    wanted: int = REPLICAS
    made_of: tuple[str, int] | None = None
    edited: bool = False
    last: str = ""
    held: set[str] = field(default_factory=set)
    resumed: set[str] = field(default_factory=set)
    approved: set[tuple[str, int, str]] = field(default_factory=set)
    decisions: int = 0

    @property
    def runs(self) -> str | None:
        """The release of the last record."""
        return self.chain[-1] if self.chain else None


@dataclass
class Shop:
    """What should be true. Commands give back how many commits they make, or raise `No`."""

    chart: int = 0
    releases: dict[str, Content] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    guarded: bool = False
    hours: int = 0
    places: dict[str, Place] = field(default_factory=lambda: {name: Place() for name in BEFORE})
    commits: int = 0

    def cut(self, version: str | None, web: int, api: int, by: str = "robin") -> None:
        """A version is written once, and so is a content."""
        content = (self.chart, web, api)
        for known, has in self.releases.items():
            if has == content and version in (None, known):
                return
            if content == has or known == version:
                raise No(1)
        version = version or self._next()
        self.releases[version], self.authors[version] = content, by
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

    def deploy(self, name: str, version: str | None, skipped: Skipped = ()) -> None:
        """Into the first environment only, but for an emergency."""
        if BEFORE[name] and "source" not in skipped:
            raise No(1)
        if not self.releases:
            raise No(2)
        self._enter(name, version or self.newest, "deploy", skipped)

    def promote(self, source: str, target: str, skipped: Skipped = ()) -> None:
        """One environment after the other; what was entered before a refusal stays."""
        runs = self.places[source].runs
        if runs is None or not WAYS[source, target]:
            raise No(1)
        for name in WAYS[source, target]:
            runs_it = [one for one in BEFORE[name] if self.places[one].runs == runs]
            upstream = source if source in BEFORE[name] else (*runs_it, BEFORE[name][0])[0]
            if self.places[upstream].runs != runs:
                raise No(1)
            self._enter(name, runs, "promote", skipped)

    def refresh(self, name: str, skipped: Skipped = ()) -> None:
        """At the release that it runs."""
        runs = self.places[name].runs
        if runs is None or "source" in skipped:
            raise No(1)
        self._enter(name, runs, "refresh", skipped)

    def rollback(self, name: str, version: str | None, reason: bool = True) -> None:
        """To the last release before this one that isn't blocked, once; or to a chosen one."""
        place = self.places[name]
        if place.last == "rollback" and version in (None, place.runs):
            return
        if place.runs in (None, version) or (version is None and place.last == "unblock"):
            raise No(1)
        usable = [one for one in place.chain if one not in (place.runs, *place.blocked)]
        if version is None and not usable:
            raise No(1)
        self._enter(name, version or usable[-1], "rollback", (), reason)

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

    def _enter(
        self,
        name: str,
        version: str,
        action: str,
        skipped: Skipped = (),
        reason: bool = True,
    ) -> None:
        place = self.places[name]
        if version not in self.releases:
            raise No(2)
        if (place.runs, place.made_of, place.edited) == (version, (version, place.wanted), False):
            return
        closed = self._closed(name, version, action)
        if name == "prod" and self.guarded and not is_open(self.time):
            closed |= {"windows"} if action != "rollback" or not reason else set()
        if closed - set(skipped):
            raise No(1)
        if action == "rollback" and place.runs:
            place.blocked.append(place.runs)
        elif version in place.blocked:
            place.blocked.remove(version)
        place.chain.append(version)
        place.made_of, place.edited, place.last = (version, place.wanted), False, action
        self.commits += 1

    def _closed(self, name: str, version: str, action: str) -> set[str]:
        """The gates that don't let it through."""
        place, closed = self.places[name], set()
        behind = [self.places[before] for before in BEFORE[name]]
        if action in ("refresh", "rollback"):
            passes = version in place.chain
        else:
            passes = all(one.runs == version and not one.edited for one in behind)
        if not passes:
            closed.add("source")
        if version in place.blocked:
            closed.add("block")
        if action != "rollback" and any(self._stops(place, held, version) for held in place.held):
            closed.add("hold")
        if action != "rollback" and name == "prod" and self.guarded:
            voices = {
                who
                for of, replicas, who in place.approved
                if (of, replicas) == (version, place.wanted) and who != self.authors[version]
            }
            closed |= {"approvals"} if len(voices) < REQUIRED else set()
        return closed

    @property
    def time(self) -> datetime:
        """What the clock says."""
        return MONDAY + timedelta(hours=self.hours)

    def _stops(self, place: Place, held: str, version: str) -> bool:
        """Whether a hold stops a release: always, or where the service's image changes."""
        if not held or place.runs is None:
            return True
        image = {"web": 1, "api": 2}[held]
        return self.releases[place.runs][image] != self.releases[version][image]

    def hold(self, name: str, service: str) -> None:
        """Once."""
        if service not in self.places[name].held:
            self.places[name].held.add(service)
            self._decided(name)

    def resume(self, name: str, service: str) -> None:
        """What is on hold, or was."""
        place = self.places[name]
        if service in place.held:
            place.held.remove(service)
            place.resumed.add(service)
            self._decided(name)
        elif service not in place.resumed:
            raise No(1)

    def approve(self, version: str, who: str) -> None:
        """By one of the list who isn't the author, once for each plan."""
        if version not in self.releases:
            raise No(2)
        if who not in PEOPLE or who == self.authors[version]:
            raise No(1)
        place = self.places["prod"]
        if (version, place.wanted, who) not in place.approved:
            place.approved.add((version, place.wanted, who))
            self._decided("prod")

    def _decided(self, name: str) -> None:
        self.places[name].decisions += 1
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


def generated_edit(name: str) -> Edit:
    """Somebody changes what only relman writes."""

    def note(shop: Shop) -> None:
        shop.places[name].edited = True

    file = f"argocd/{name}/applications/{name}-shop.yaml"
    return Edit(file, lambda text: f"{text}# by hand\n", note)


NOTHING = Edit("notes.md", lambda text: f"{text}more\n", lambda _: None)
OVERTAKEN = st.none() | st.just(NOTHING) | st.builds(values_edit, ENVIRONMENTS, st.integers(3, 5))


class Machine(RuleBasedStateMachine):
    """A laboratory and its model, changed together."""

    fresh: Lab
    lived: Lab
    clock: list[datetime]

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
        self.shop.guarded = True
        if self.lab.remote:
            self.rival = faults.cloned(self.lab, self.folder / "rival", "Rival")
        self.base, self.shop.commits = faults.tip(self.lab), 0

    def teardown(self) -> None:
        """What only the whole history shows."""
        faults.require_linear(self.lab)
        faults.require_true_records(self.lab, BEFORE)
        require_gates(self.lab)
        faults.require_sound(self.lab)
        shutil.rmtree(self.folder)

    # What relman does.

    @rule(
        version=st.none() | VERSIONS,
        web=st.integers(1, 3),
        api=st.integers(1, 2),
        by=st.sampled_from(["robin", "alice"]),
        overtaken=OVERTAKEN,
    )
    def cut(self, version: str | None, web: int, api: int, by: str, overtaken: Edit | None) -> None:
        """A release from the charts as they are."""
        images = [
            f"--image={name}=registry.example.com/{name}:{tag}.0@{DIGEST.format(tag)}"
            for name, tag in (("web", web), ("api", api))
        ]
        command = ("cut", *([version] if version else []), *images)
        self.do(command, lambda shop: shop.cut(version, web, api, by), overtaken, by)

    @rule(
        name=st.sampled_from(["dev", "dev", "dev", "prod"]),
        version=st.none() | VERSIONS,
        skipped=SKIPPED,
        overtaken=OVERTAKEN,
    )
    def deploy(
        self, name: str, version: str | None, skipped: Skipped, overtaken: Edit | None
    ) -> None:
        """To where the path starts, or past it."""
        command = ("deploy", name, *([version] if version else []), *_emergency(skipped))
        self.do(command, lambda shop: shop.deploy(name, version, skipped), overtaken)

    @rule(way=st.sampled_from([*WAYS, ("dev", "prod")]), skipped=SKIPPED, overtaken=OVERTAKEN)
    def promote(self, way: tuple[str, str], skipped: Skipped, overtaken: Edit | None) -> None:
        """And once more, which changes nothing."""
        command, before = ("promote", *way, *_emergency(skipped)), self.shop.commits
        self.do(command, lambda shop: shop.promote(*way, skipped), overtaken)
        if self.shop.commits > before:
            self.do(command, lambda shop: shop.promote(*way, skipped))

    @rule(name=ENVIRONMENTS, skipped=SKIPPED, overtaken=OVERTAKEN)
    def refresh(self, name: str, skipped: Skipped, overtaken: Edit | None) -> None:
        """Takes up the environment's own files."""
        command = ("refresh", name, *_emergency(skipped))
        self.do(command, lambda shop: shop.refresh(name, skipped), overtaken)

    @rule(
        name=ENVIRONMENTS,
        version=st.none() | VERSIONS,
        reason=st.booleans(),
        overtaken=OVERTAKEN,
    )
    def rollback(
        self, name: str, version: str | None, reason: bool, overtaken: Edit | None
    ) -> None:
        """To the release before or to a chosen one, which renders as it did when it ran."""
        why = ["--reason", "slow"] if reason else []
        command = ("rollback", name, *(["--to", version] if version else []), *why, "--yes")
        if self.do(command, lambda shop: shop.rollback(name, version, reason), overtaken) == 0:
            self.compare_rendered(name)

    @rule(name=ENVIRONMENTS, way=st.sampled_from(list(WAYS)))
    def rollback_and_promote(self, name: str, way: tuple[str, str]) -> None:
        """What was left behind is at the door again."""
        self.rollback(name, None, True, None)
        self.promote(way, (), None)

    @precondition(lambda self: any(place.blocked for place in self.shop.places.values()))
    @rule(data=st.data(), right=st.booleans(), overtaken=OVERTAKEN)
    def unblock(self, data: st.DataObject, right: bool, overtaken: Edit | None) -> None:
        """A blocked release, or one that isn't."""
        places = self.shop.places
        name = data.draw(st.sampled_from([name for name in BEFORE if places[name].blocked]))
        version = data.draw(st.sampled_from(places[name].blocked)) if right else "2.0.0"
        command = ("unblock", name, version, "--reason", "mended")
        self.do(command, lambda shop: shop.unblock(name, version), overtaken)

    # What people decide.

    @rule(name=ENVIRONMENTS, service=SERVICES, overtaken=OVERTAKEN)
    def hold(self, name: str, service: str, overtaken: Edit | None) -> None:
        """All of it, or a service."""
        command = ("hold", name, *_service(service), "--reason", "wait")
        self.do(command, lambda shop: shop.hold(name, service), overtaken)

    @rule(name=ENVIRONMENTS, service=SERVICES, overtaken=OVERTAKEN)
    def resume(self, name: str, service: str, overtaken: Edit | None) -> None:
        """What is on hold, or isn't."""
        command = ("resume", name, *_service(service), "--reason", "go on")
        self.do(command, lambda shop: shop.resume(name, service), overtaken)

    @precondition(lambda self: any(place.held for place in self.shop.places.values()))
    @rule(data=st.data())
    def resume_some(self, data: st.DataObject) -> None:
        """What is on hold."""
        places = self.shop.places
        name = data.draw(st.sampled_from([name for name in BEFORE if places[name].held]))
        self.resume(name, data.draw(st.sampled_from(sorted(places[name].held))), None)

    @rule(
        version=VERSIONS,
        who=st.sampled_from([*PEOPLE, "robin"]),
        overtaken=st.sampled_from([None, NOTHING]),
    )
    def approve(self, version: str, who: str, overtaken: Edit | None) -> None:
        """For prod."""
        command = ("approve", "prod", version, "--reason", "fine")
        self.do(command, lambda shop: shop.approve(version, who), overtaken, who)

    @precondition(lambda self: self.shop.places["staging"].runs is not None)
    @rule(first=st.sampled_from(PEOPLE), second=st.sampled_from(PEOPLE))
    def approve_and_promote(self, first: str, second: str) -> None:
        """What is next in line for prod."""
        version = self.shop.places["staging"].runs or ""
        for who in (first, second):
            self.approve(version, who, None)
        self.promote(("staging", "prod"), (), None)

    @rule(hours=st.sampled_from([1, 2, 8, 16, 24]))
    def time_passes(self, hours: int) -> None:
        """Prod's windows open and close."""
        self.shop.hours += hours

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
            edit = generated_edit(data.draw(st.sampled_from(list(running))))
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
        who: str = "robin",
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
        self.lab.git("config", "user.email", f"{who}@example.com")
        self.clock.append(self.shop.time)
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
        assert audit["decisions"] == sum(one.decisions for one in self.shop.places.values())
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


def _emergency(skipped: Skipped) -> list[str]:
    return ["--yes", *(f"--emergency={gate}" for gate in skipped), "--reason", "as it must be"]


def _service(service: str) -> list[str]:
    return ["--service", service] if service else []


def live(shop: Shop) -> None:
    """The model of a lab that has lived: 1.0.0 everywhere, then 1.1.0; 1.2.0 in dev and load."""
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        shop.cut(version, number, 1)
        shop.deploy("dev", None)
        shop.promote("dev", "prod")
    shop.cut("1.2.0", 3, 1)
    shop.deploy("dev", None)
    shop.promote("dev", "load")


def require_gates(lab: Lab) -> None:
    """Prod never got a release without either enough approvals and no hold, or an emergency that
    says so: told by the files alone, at the commit that each record was made at."""
    where = lab.remote or lab.root

    def read(path: str, commit: str = "main") -> Any:
        return yaml.safe_load(git("show", f"{commit}:{path}", cwd=where))

    def listed(folder: str, commit: str = "main") -> list[str]:
        return git("ls-tree", "-r", "--name-only", commit, folder, cwd=where).splitlines()

    for record in map(read, listed("releases/records/prod")):
        guarded = "approvals:" in git("show", f"{record['base']}:{PROD}", cwd=where)
        if record["action"] in ("rollback", "unblock") or not guarded:
            continue
        paths = listed("releases/decisions/prod", record["base"])
        decided = [read(path) for path in paths]
        skipped = {gate["gate"] for gate in record.get("gates", []) if gate.get("skipped")}
        assert not skipped or record["reason"]
        voices = {one["by"] for one in decided if one.get("plan") == record["plan"]}
        assert len(voices) >= REQUIRED or "approvals" in skipped
        switched = [one["decision"] for one in decided if not one.get("plan")]
        whole = [s for s, one in zip(switched, _holds(decided), strict=True) if not one]
        assert whole[-1:] != ["hold"] or "hold" in skipped
        assert is_open(datetime.fromisoformat(record["time"])) or "windows" in skipped


def _holds(decided: list[Any]) -> list[str]:
    return [one.get("service", "") for one in decided if not one.get("plan")]


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


@pytest.mark.slow
def test_any_sequence(fresh: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment holds what was cut, and nothing but what the one before it has run; what
    is refused changes nothing; what comes back is what it was."""
    times = [MONDAY]
    monkeypatch.setattr(workspace, "_now", lambda: f"{times[-1]:%Y-%m-%dT%H:%M:%SZ}")
    prepare(fresh)
    ready = faults.copied(fresh, tmp_path / "lived")
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        ready.cut(version, web=number)
        ready.ok("deploy", "dev", "--yes")
        ready.ok("promote", "dev", "prod", "--yes")
    ready.cut("1.2.0", web=3)
    ready.ok("deploy", "dev", "--yes")
    ready.ok("promote", "dev", "load", "--yes")
    for one in (fresh, ready):
        one.pull()
        one.write(PROD, f"{one.read(PROD)}\n{GUARD}")
        one.commit("prod is guarded")
    given = fresh

    class Here(Machine):
        fresh = given
        lived = ready
        clock = times

    run_state_machine_as_test(Here, settings=SETTINGS)
