"""Killed at any instant, a change has either happened or not happened, and running it again
converges."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import faults
from .faults import KILLED, Forge, Run, State
from .lab import DIGEST, Lab, git

IMAGES = (
    "--image", f"web=registry.example.com/web:9.0@{DIGEST.format(9)}",
    "--image", f"api=registry.example.com/api:9.0@{DIGEST.format(9)}",
)  # fmt: skip
VALUES = "\nvalues:\n  shop:\n    web:\n      replicas: 3\n"
COMMANDS = {
    "cut": ("cut", "9.0.0", *IMAGES),
    "deploy": ("deploy", "dev", "1.1.0", "--yes"),
    "promote": ("promote", "dev", "staging", "--yes"),
    "promote through": ("promote", "dev", "prod", "--yes"),
    "rollback": ("rollback", "staging", "--to", "1.0.0", "--yes", "--reason", "slow"),
    "refresh": ("refresh", "staging", "--yes"),
    "unblock": ("unblock", "prod", "1.1.0", "--reason", "mended"),
    "approve": ("approve", "prod", "1.2.0", "--reason", "fine"),
    "hold": ("hold", "prod", "--service", "web", "--reason", "wait"),
    "resume": ("resume", "prod", "--service", "api", "--reason", "go on"),
    "one service": ("promote", "dev", "staging", "--only", "web", "--yes"),
}
APPROVALS = """
gates:
  approvals:
    author: true
    from: [alice@example.com, robin@example.com]
"""
PARTS = 2


@dataclass(frozen=True)
class Scene:
    """A lab before a command, the states that the command goes through when nothing kills it,
    and everything that it writes or starts on the way."""

    before: Lab
    command: tuple[str, ...]
    states: list[State]
    events: tuple[str, ...]


Setting = Callable[[str, bool], Scene]


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    """Where runs that get killed are started."""
    made = Forge()
    yield made
    made.close()


@pytest.fixture(scope="module")
def busy(
    _templates: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[bool], Lab]:
    """A lab in the middle of its life: dev has 1.2.0; staging 1.1.0 and new values; prod went
    back from 1.1.0 to 1.0.0."""
    made: dict[bool, Lab] = {}

    def busy(remote: bool) -> Lab:
        if remote not in made:
            folder = _templates[remote]
            template = Lab(folder / "clone", folder / "remote.git" if remote else None)
            made[remote] = faults.copied(template, tmp_path_factory.mktemp("busy") / "lab")
            _live(made[remote])
            for repository in filter(None, (made[remote].root, made[remote].remote)):
                git("gc", "--quiet", cwd=repository)  # few files are quickly copied
        return made[remote]

    return busy


def _live(lab: Lab) -> None:
    for number, version in enumerate(("1.0.0", "1.1.0"), start=1):
        lab.cut(version, web=number)
        lab.ok("deploy", "dev", "--yes")
        lab.ok("promote", "dev", "prod", "--yes")
    lab.ok("rollback", "prod", "--yes")
    lab.cut("1.2.0", web=3)
    lab.ok("deploy", "dev", "--yes")
    # 1.2.0 is to pass prod's gates, and 1.1.0 stays blocked there.
    lab.pull()
    file = "releases/environments/staging.yaml"
    lab.write(file, lab.read(file) + VALUES)
    file = "releases/environments/prod.yaml"
    lab.write(file, lab.read(file) + APPROVALS)
    lab.commit("staging gets a third web, and prod is guarded")
    lab.git("config", "user.email", "alice@example.com")
    lab.ok("approve", "prod", "1.2.0", "--reason", "fine")
    lab.git("config", "user.email", "robin@example.com")
    lab.ok("hold", "prod", "--service", "api", "--reason", "its database moves")
    lab.pull()


@pytest.fixture(scope="module")
def setting(
    busy: Callable[[bool], Lab], forge: Forge, tmp_path_factory: pytest.TempPathFactory
) -> Setting:
    """The scene of a command, with a remote or without; also warms the cache for it."""
    made: dict[tuple[str, bool], Scene] = {}

    def setting(name: str, remote: bool) -> Scene:
        if (name, remote) not in made:
            lab = faults.copied(busy(remote), tmp_path_factory.mktemp("scene") / "lab")
            base = faults.tip(lab)
            if "--yes" in COMMANDS[name]:
                lab.ok(*COMMANDS[name], "--dry-run")
            (whole,) = forge.run(Run(lab.root, COMMANDS[name]))
            assert whole.code == 0, whole.err
            states = [faults.state(lab, commit) for commit in (base, *faults.commits(lab, base))]
            made[name, remote] = Scene(busy(remote), COMMANDS[name], states, whole.events)
        return made[name, remote]

    return setting


def _killed(
    forge: Forge, scene: Scene, lab: Lab, kill_at: int, env: dict[str, str] | None = None
) -> State:
    """Kills the command at a point, and what the branch says then: one of the scene's states."""
    (ended,) = forge.run(Run(lab.root, scene.command, kill_at, env or {}))
    assert ended.code == KILLED, f"survived: {ended.err}"
    return _reached(scene, lab)


def _reached(scene: Scene, lab: Lab) -> State:
    reached = faults.state(lab)
    assert reached in scene.states, "half of a change has happened"
    return reached


def _converges(scene: Scene, lab: Lab, reached: State) -> None:
    """The same command once more ends where the undisturbed one ended."""
    again = lab.relman(*scene.command)
    assert again.code == 0, again.err
    assert faults.state(lab) == scene.states[-1]
    lab.fetch()
    lab.ok("audit")
    faults.require_sound(lab)
    assert not (lab.root / ".git/relman-checkout").exists()
    assert list((lab.root / ".git").glob("relman-*")) == [], "leftovers are swept"


def _each(
    forge: Forge, scene: Scene, points: range | list[int], folder: Path
) -> Iterator[tuple[int, State]]:
    """Kills at each of the points, and runs again where a kill left something new behind."""
    seen = set()
    for point in points:
        lab = faults.copied(scene.before, folder / str(point))
        reached = _killed(forge, scene, lab, point)
        if (left := _left(lab, reached)) not in seen:
            _converges(scene, lab, reached)
        seen.add(left)
        shutil.rmtree(folder / str(point))
        yield point, reached


def _left(lab: Lab, reached: State) -> tuple[object, ...]:
    """All that the next run can find: what is applied, known of the remote, and checked out;
    objects; and what lies in .git, whatever its random name."""
    inside = (path.relative_to(lab.root / ".git") for path in (lab.root / ".git").rglob("*"))
    files = [re.sub(r"(relman-)[a-z0-9_]{8}$|[0-9a-f]{38}", r"\1*", str(path)) for path in inside]
    names = Counter(re.sub(r"objects/..", "objects", name) for name in files)
    known = ("main", "origin/main") if lab.remote else ("main",)
    refs = [lab.git("rev-parse", ref) == faults.tip(lab) for ref in known]
    return reached, *refs, lab.git("status", "--porcelain"), tuple(sorted(names.items()))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("remote", [True, False], ids=["remote", "local"])
def test_promote_killed_at_every_point(
    remote: bool, part: int, setting: Setting, forge: Forge, tmp_path: Path
) -> None:
    """Before everything that a promotion writes or starts."""
    scene = setting("promote", remote)
    points = range(part + 1, len(scene.events) + 1, PARTS)
    assert len([*_each(forge, scene, points, tmp_path)]) > 9


@pytest.mark.slow
@pytest.mark.parametrize("remote", [True, False], ids=["remote", "local"])
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "promote"])
def test_other_commands_killed(
    name: str, remote: bool, setting: Setting, forge: Forge, tmp_path: Path
) -> None:
    """Around the moment that takes effect, and half way there, and at the very end."""
    scene = setting(name, remote)
    total = len(scene.events)
    moment = next(
        number
        for number, event in enumerate(scene.events, start=1)
        if "git push" in event or "git update-ref" in event
    )
    points = sorted({total // 2, moment, min(moment + 1, total), total})
    reached = dict(_each(forge, scene, points, tmp_path))
    assert reached[moment] == scene.states[0]


def test_a_promotion_goes_through_its_states_in_order(
    setting: Setting, forge: Forge, tmp_path: Path
) -> None:
    """Later kills find more done, and nothing that was done is undone."""
    scene = setting("promote through", True)
    pushes = [n for n, event in enumerate(scene.events, start=1) if "git push" in event]
    assert len(pushes) == len(scene.states) - 1 == 2
    reached = [state for _, state in _each(forge, scene, pushes, tmp_path)]
    assert reached == scene.states[:-1]


@pytest.mark.slow
def test_killed_while_the_cache_is_cold(setting: Setting, forge: Forge, tmp_path: Path) -> None:
    """A chart that was written out or rendered in part is not taken for a whole one."""
    scene = setting("promote", True)
    lab = faults.copied(scene.before, tmp_path / "whole")
    cold = {"RELMAN_CACHE_DIR": str(tmp_path / "cold")}
    (whole,) = forge.run(Run(lab.root, scene.command, env=cold))
    cached = [n for n, event in enumerate(whole.events, start=1) if "/cold" in event]
    assert cached, "without a point in the cache nothing is tried here"
    for point in cached[:: max(1, len(cached) // 5)]:
        lab = faults.copied(scene.before, tmp_path / str(point))
        own = {"RELMAN_CACHE_DIR": str(tmp_path / f"cache-{point}")}
        reached = _killed(forge, scene, lab, point, own)
        (again,) = forge.run(Run(lab.root, scene.command, env=own))
        assert again.code == 0, again.err
        _converges(scene, lab, reached)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("remote", "verb"),
    [
        (True, "fetch"),
        (True, "fast-import"),
        (True, "commit-tree"),
        (True, "push"),
        (False, "fast-import"),
        (False, "status"),
        (False, "commit-tree"),
        (False, "update-ref"),
        (False, "read-tree"),
    ],
)
def test_git_dies(remote: bool, verb: str, setting: Setting, forge: Forge, tmp_path: Path) -> None:
    """relman says that git failed, and nothing has happened by half."""
    scene = setting("promote", remote)
    lab = faults.copied(scene.before, tmp_path / "lab")
    env = faults.broken_git(tmp_path / "bin", verb, "kill -9 $$")
    (ended,) = forge.run(Run(lab.root, scene.command, env=env))
    assert ended.code == 4
    assert "error: " in ended.err
    assert "Traceback" not in ended.err
    _converges(scene, lab, _reached(scene, lab))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("remote", "verb"),
    [(True, "fetch"), (True, "push"), (False, "update-ref"), (False, "fast-import")],
)
def test_relman_dies_while_git_goes_on(
    remote: bool, verb: str, setting: Setting, forge: Forge, tmp_path: Path
) -> None:
    """git is left running without its parent while the next run starts."""
    scene = setting("promote", remote)
    lab = faults.copied(scene.before, tmp_path / "lab")
    env = faults.broken_git(tmp_path / "bin", verb, "kill -9 $PPID")
    (ended,) = forge.run(Run(lab.root, scene.command, env=env))
    assert ended.code == KILLED
    (again,) = forge.run(Run(lab.root, scene.command))
    assert again.code == 0, again.err
    _converges(scene, lab, _reached(scene, lab))


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["pre-receive", "update", "post-receive"])
def test_the_remote_dies(stage: str, setting: Setting, forge: Forge, tmp_path: Path) -> None:
    """git receive-pack is killed before the branch moves there, or after: an answer that was lost
    is asked for."""
    scene = setting("promote", True)
    lab = faults.copied(scene.before, tmp_path / "lab")
    assert lab.remote
    deadly = faults.hook(lab.remote, stage, "kill -9 $PPID")
    (ended,) = forge.run(Run(lab.root, scene.command))
    assert ended.code == (0 if stage == "post-receive" else 4), ended.err
    deadly.unlink()
    reached = _reached(scene, lab)
    assert reached == scene.states[-1 if stage == "post-receive" else 0]
    _converges(scene, lab, reached)


def test_git_is_killed_while_it_writes_the_checkout(lab: Lab, forge: Forge) -> None:
    """Some files are new and some are old; the note of what was meant brings them up."""
    lab.cut("1.0.0")
    (lab.root / ".git/info/attributes").write_text("argocd/dev/applications/* filter=deadly\n")
    lab.git("config", "filter.deadly.smudge", "kill -9 $PPID")
    forge.run(Run(lab.root, ("deploy", "dev", "--yes")))
    lab.git("config", "--unset", "filter.deadly.smudge")
    (lab.root / ".git/index.lock").unlink(missing_ok=True)  # as git itself says to
    (again,) = forge.run(Run(lab.root, ("deploy", "dev", "--yes")))
    assert again.code == 0, again.err
    faults.require_sound(lab)


def test_an_empty_note_is_no_crash(lab: Lab) -> None:
    """After a power cut a renamed file may be empty."""
    lab.cut("1.0.0")
    (lab.root / ".git/relman-checkout").write_text("")
    assert lab.relman("deploy", "dev", "--yes").code != 3
