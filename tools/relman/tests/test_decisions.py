"""Approvals, holds and emergencies: what people decide, and what follows from it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from . import faults
from .lab import DIGEST, Lab
from .states import edited, everything, refuses, running, ssh_keygen

DEV = "releases/environments/dev.yaml"
PROD = "releases/environments/prod.yaml"
ALICE, BOB, CAROL = (f"{name}@example.com" for name in ("alice", "bob", "carol"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Every environment runs 1.0.0; 1.1.0 (another web) is in staging."""
    lab = running(tmp_path_factory.mktemp("decisions") / "lab")
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    lab.ok("promote", "dev", "staging", "--yes")
    return lab


@pytest.fixture
def deployed(template: Lab, tmp_path: Path) -> Lab:
    """A copy of one's own."""
    return faults.copied(template, tmp_path / "lab")


@pytest.fixture
def guarded(deployed: Lab) -> Lab:
    """The same, with two of Alice, Bob and the team of Carol to approve for prod."""
    project = deployed.read("releases/relman.yaml")
    deployed.write("releases/relman.yaml", f"{project}\nteams:\n  payments: [{CAROL}]\n")
    guard(deployed, required=2)
    return deployed


def guard(lab: Lab, more: str = "", required: int = 1) -> None:
    """Approvals for prod."""
    people = f"[{ALICE}, {BOB}, team/payments]" if required > 1 else f"[{ALICE}, {BOB}]"
    text = f"\ngates:\n  approvals:\n    required: {required}\n    from: {people}\n{more}"
    lab.write(PROD, lab.read(PROD).partition("\ngates:")[0] + text)
    lab.commit("prod is guarded")


def replicas(lab: Lab, file: str) -> None:
    """An environment's own values change."""
    lab.write(file, f"{lab.read(file)}\nvalues:\n  shop:\n    web:\n      replicas: 3\n")
    lab.commit("a third web")


def become(lab: Lab, mail: str) -> None:
    """Whoever runs the next commands."""
    lab.git("config", "user.email", mail)
    lab.git("config", "user.name", mail.partition("@")[0].capitalize())


def approve(lab: Lab, mail: str, *more: str) -> None:
    """One person's approval for prod."""
    become(lab, mail)
    lab.ok("approve", "prod", "--reason", "looks good", *more)


def gate(lab: Lab, name: str, *arguments: str) -> tuple[str, str]:
    """A gate's verdict and summary in the plan for prod."""
    plan = lab.ok("plan", "prod", *arguments, "-o", "json").json
    (found,) = [one for one in plan["gates"] if one["gate"] == name]
    return found["verdict"], found["summary"]


def decisions(lab: Lab, environment: str) -> list[str]:
    """The names of the files of decisions."""
    folder = f"releases/decisions/{environment}"
    listed = lab.git("ls-tree", "-r", "--name-only", "main", folder)
    return [name.removeprefix(f"{folder}/") for name in listed.splitlines()]


# -- hold, resume -----------------------------------------------------------------------------


def test_a_held_environment_stays_as_it_is(deployed: Lab) -> None:
    deployed.ok("hold", "prod", "--reason", "the sale runs")
    says = ("the gate hold is fail", "the sale runs", "relman resume prod --reason WHY")
    promote = ("promote", "staging", "prod", "--yes", "-o", "json")
    done = deployed.relman(*promote)
    assert done.code == 1
    assert all(part in done.err for part in says), done.err
    assert deployed.runs()["prod"] == "1.0.0"
    deployed.ok("resume", "prod", "--reason", "it is over")
    deployed.ok(*promote)
    assert deployed.runs()["prod"] == "1.1.0"
    assert decisions(deployed, "prod") == ["0001-hold.yaml", "0002-resume.yaml"]
    deployed.ok("audit")


@pytest.mark.parametrize("command", [("deploy", "dev", "1.0.0"), ("refresh", "dev")])
def test_deploys_and_refreshes_wait_too(deployed: Lab, command: tuple[str, ...]) -> None:
    replicas(deployed, DEV)
    deployed.ok("hold", "dev", "--reason", "a demo")
    done = deployed.relman(*command, "--yes")
    assert (done.code, "a demo" in done.err) == (1, True)


def test_a_rollback_passes_a_hold(deployed: Lab) -> None:
    deployed.ok("promote", "staging", "prod", "--yes")
    deployed.ok("hold", "prod", "--reason", "an incident")
    deployed.ok("hold", "prod", "--service", "web", "--reason", "an incident")
    deployed.ok("rollback", "prod", "--yes", "--reason", "an incident")
    assert deployed.runs()["prod"] == "1.0.0"
    deployed.ok("audit")


def test_a_held_service_keeps_its_image(deployed: Lab) -> None:
    deployed.ok("hold", "prod", "--service", "web", "--reason", "its cache is rebuilt")
    assert gate(deployed, "hold")[0] == "fail"
    assert "web is on hold" in gate(deployed, "hold")[1]
    deployed.ok("resume", "prod", "--service", "web", "--reason", "done")
    deployed.ok("hold", "prod", "--service", "api", "--reason", "its database moves")
    assert gate(deployed, "hold") == ("pass", "api on hold, and not changed")
    deployed.ok("promote", "staging", "prod", "--yes")


def test_status_says_what_is_on_hold(deployed: Lab) -> None:
    deployed.ok("hold", "prod", "--reason", "the sale runs")
    deployed.ok("hold", "dev", "--service", "api", "--reason", "its database moves")
    deployed.ok("resume", "dev", "--service", "api", "--reason", "it has moved")
    environments = deployed.ok("status", "-o", "json").json["environments"]
    held = {one["environment"]: [why["reason"] for why in one["held"]] for one in environments}
    assert held == {"dev": [], "staging": [], "prod": ["the sale runs"]}
    assert "prod is on hold since" in deployed.ok("status").out


def test_a_hold_is_said_once(deployed: Lab) -> None:
    deployed.ok("hold", "prod", "--reason", "first")
    before = everything(deployed)
    again = deployed.ok("hold", "prod", "--reason", "second", "-o", "json").json
    assert again["reason"] == "first"
    assert everything(deployed) == before
    deployed.ok("resume", "prod", "--reason", "over")
    before = everything(deployed)
    deployed.ok("resume", "prod", "--reason", "over")
    assert everything(deployed) == before


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (("hold", "nowhere", "--reason", "x"), 2, "there is no environment 'nowhere'"),
        (("hold", "prod", "--reason", " "), 2, "a reason is needed"),
        (("hold", "prod", "--service", "cart", "--reason", "x"), 2, "no service 'cart'"),
        (("resume", "prod", "--reason", "x"), 1, "prod is not on hold"),
        (("resume", "prod", "--service", "web", "--reason", "x"), 1, "web in prod is not on hold"),
        (("approve", "prod", "--reason", "x"), 1, "prod asks for no approvals"),
    ],
)
def test_decisions_that_are_refused(
    deployed: Lab, command: tuple[str, ...], code: int, says: str
) -> None:
    refuses(deployed, *command, code=code, says=says)


def test_a_decision_is_kept_with_who_when_and_why(deployed: Lab) -> None:
    become(deployed, ALICE)
    deployed.ok("hold", "prod", "--service", "web", "--reason", "two\nlines")
    said = yaml.safe_load(deployed.read("releases/decisions/prod/0001-hold.yaml"))
    assert (said["by"], said["reason"], said["service"]) == (
        f"Alice <{ALICE}>",
        "two\nlines",
        "web",
    )
    body = deployed.git("log", "-1", "--format=%B")
    assert body.startswith("hold prod: web\n\ntwo\nlines\n")
    assert "Relman-Decision: hold" in body


# -- approvals --------------------------------------------------------------------------------


def test_enough_approvals_open_the_way(guarded: Lab) -> None:
    promote = ("promote", "staging", "prod", "--yes")
    assert gate(guarded, "approvals") == ("fail", "0 of 2")
    approve(guarded, ALICE)
    done = guarded.relman(*promote)
    assert done.code == 1
    assert "the gate approvals is fail: 1 of 2: Alice" in done.err
    assert f"by {BOB} or {CAROL}" in done.err
    approve(guarded, CAROL, "1.1.0")
    guarded.ok(*promote)
    record = yaml.safe_load(guarded.read("releases/records/prod/0002-1.1.0.yaml"))
    (kept,) = [one for one in record["gates"] if one["gate"] == "approvals"]
    files = [one["file"] for one in kept["evidence"]["approvals"]]
    assert files == ["0001-approve.yaml", "0002-approve.yaml"]
    guarded.ok("audit")


def test_one_person_counts_once(guarded: Lab) -> None:
    approve(guarded, ALICE)
    before = everything(guarded)
    approve(guarded, ALICE)
    become(guarded, ALICE.upper())
    guarded.ok("approve", "prod", "--reason", "again")
    assert everything(guarded) == before
    assert gate(guarded, "approvals") == ("fail", "1 of 2: Alice")


def test_more_approvals_than_people(deployed: Lab) -> None:
    """The list has two, and Robin's own wouldn't count."""
    guard(deployed, required=3)
    edited(deployed, PROD, "team/payments", "robin@example.com")
    done = deployed.relman("why", "prod", "-o", "json")
    (found,) = [one for one in done.json["gates"] if one["gate"] == "approvals"]
    assert found["nextStep"].endswith(
        f"by {ALICE} or {BOB} and others, whom gates.approvals.from must name first"
    )


def test_only_the_listed_may_approve(guarded: Lab) -> None:
    become(guarded, "mallory@example.com")
    says = ("mallory@example.com is not among those who may approve", ALICE, CAROL)
    refuses(guarded, "approve", "prod", "--reason", "x", code=1, says=says)


def test_a_changed_plan_voids_approvals(guarded: Lab) -> None:
    """Other values of prod make another plan of the same release."""
    approve(guarded, ALICE)
    approve(guarded, BOB)
    assert gate(guarded, "approvals")[0] == "pass"
    replicas(guarded, PROD)
    verdict, summary = gate(guarded, "approvals")
    assert verdict == "fail"
    assert "Alice's (0001-approve.yaml) is void: the plan has changed since" in summary
    approve(guarded, ALICE)
    assert gate(guarded, "approvals")[1].startswith("1 of 2: Alice; Bob's")
    approve(guarded, BOB)
    guarded.ok("promote", "staging", "prod", "--yes")
    guarded.ok("audit")


@pytest.mark.parametrize(
    ("key", "value"), [("environment: prod", "environment: staging"), ("number: 1", "number: 2")]
)
def test_an_approval_that_belongs_elsewhere_opens_nothing(
    deployed: Lab, key: str, value: str
) -> None:
    """A copy, put there by hand."""
    guard(deployed)
    approve(deployed, ALICE)
    edited(deployed, "releases/decisions/prod/0001-approve.yaml", key, value)
    says = ("0001-approve.yaml: says that it is releases/decisions/", "relman audit")
    refuses(deployed, "promote", "staging", "prod", "--yes", code=2, says=says)
    assert deployed.relman("audit").code == 1


def test_an_approval_is_of_one_release(guarded: Lab) -> None:
    approve(guarded, ALICE)
    approve(guarded, BOB)
    guarded.cut("1.2.0", web=3)
    assert gate(guarded, "approvals", "1.2.0") == ("fail", "0 of 2")


def test_the_plan_that_was_seen(guarded: Lab) -> None:
    become(guarded, ALICE)
    seen = guarded.ok("plan", "prod", "-o", "json").json["hash"]
    edited(guarded, PROD, "required: 2", "required: 1")
    approve(guarded, ALICE, "--plan", seen)
    replicas(guarded, PROD)
    says = ("is another one by now", "relman plan prod 1.1.0")
    refuses(guarded, "approve", "prod", "--reason", "x", "--plan", seen[:30], code=1, says=says)
    refuses(guarded, "approve", "prod", "--reason", "x", "--plan", "1", code=2, says="too short")


def test_the_author_does_not_count(deployed: Lab) -> None:
    """Unless the environment says so."""
    guard(deployed)
    become(deployed, ALICE)
    deployed.cut("1.2.0", web=3)
    says = "an author's approval doesn't count"
    refuses(deployed, "approve", "prod", "1.2.0", "--reason", "x", code=1, says=says)
    guard(deployed, "    author: true\n")
    approve(deployed, ALICE, "1.2.0")
    assert gate(deployed, "approvals", "1.2.0") == ("pass", "1 of 1: Alice")
    guard(deployed)
    assert gate(deployed, "approvals", "1.2.0") == (
        "fail",
        "0 of 1; Alice's (0001-approve.yaml) is by the author of the change",
    )


def test_who_refreshes_does_not_count(deployed: Lab) -> None:
    guard(deployed)
    replicas(deployed, PROD)
    approve(deployed, ALICE, "1.0.0")
    done = deployed.relman("refresh", "prod", "--yes")
    assert (done.code, "by the author of the change" in done.err) == (1, True), done.err
    become(deployed, BOB)
    deployed.ok("refresh", "prod", "--yes")
    deployed.ok("audit")


def test_a_rollback_needs_no_approval(guarded: Lab) -> None:
    approve(guarded, ALICE)
    approve(guarded, BOB)
    guarded.ok("promote", "staging", "prod", "--yes")
    guarded.ok("rollback", "prod", "--yes", "--reason", "slow")
    guarded.ok("audit")


def test_a_team_that_does_not_exist(deployed: Lab) -> None:
    guard(deployed)
    edited(deployed, PROD, f"[{ALICE}, {BOB}]", "[team/payments]")
    assert gate(deployed, "approvals") == ("fail", "there is no team payments")


def test_a_remote_gets_the_decisions(tmp_path: Path) -> None:
    """Two people's clones."""
    lab = running(tmp_path / "lab", remote=True)
    guard(lab)
    lab.cut("1.1.0", web=2)
    other = faults.cloned(lab, tmp_path / "other", "Bob")
    other.ok("approve", "prod", "1.1.0", "--reason", "fine")
    other.ok("hold", "staging", "--reason", "wait")
    lab.ok("deploy", "dev", "--yes")
    done = lab.relman("promote", "dev", "prod", "--yes")
    assert (done.code, "staging is on hold" in done.err) == (1, True)
    lab.ok("resume", "staging", "--reason", "go")
    lab.ok("promote", "dev", "prod", "--yes")
    lab.fetch()
    lab.ok("audit")


# -- signed approvals -------------------------------------------------------------------------


@dataclass(frozen=True)
class Keys:
    """Real ssh keys, and the file that says whose signature counts."""

    folder: Path

    def make(self, name: str) -> Path:
        """A new key without a passphrase."""
        key = self.folder / name
        command = [ssh_keygen(), "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)]
        subprocess.run(command, check=True)
        return key

    def allow(self, **people: Path) -> None:
        """Who may sign, with which key."""
        lines = [
            f"{name}@example.com {key.with_suffix('.pub').read_text()}"
            for name, key in people.items()
        ]
        (self.folder / "allowed").write_text("".join(lines))

    def use(self, lab: Lab, key: Path) -> None:
        """Commits are signed with this key from now on."""
        for name, value in (
            ("gpg.format", "ssh"),
            ("gpg.ssh.allowedSignersFile", str(self.folder / "allowed")),
            ("user.signingKey", str(key)),
            ("commit.gpgSign", "true"),
        ):
            lab.git("config", name, value)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Nobody has a key yet."""
    (tmp_path / "keys").mkdir()
    return Keys(tmp_path / "keys")


@pytest.fixture
def signed(deployed: Lab) -> Lab:
    """Prod asks for one signed approval of Alice or Bob."""
    guard(deployed, "    signed: true\n")
    return deployed


def test_a_signed_approval(signed: Lab, keys: Keys) -> None:
    alice = keys.make("alice")
    keys.allow(alice=alice)
    keys.use(signed, alice)
    approve(signed, ALICE)
    assert gate(signed, "approvals") == ("pass", "1 of 1: Alice")
    signed.ok("promote", "staging", "prod", "--yes")
    signed.ok("audit")


def test_an_approval_must_be_signed(signed: Lab) -> None:
    become(signed, ALICE)
    says = ("must be signed", "commit.gpgSign")
    refuses(signed, "approve", "prod", "--reason", "x", code=1, says=says)


def test_an_unsigned_approval_of_before_is_given_again(deployed: Lab, keys: Keys) -> None:
    guard(deployed)
    approve(deployed, ALICE)
    guard(deployed, "    signed: true\n")
    assert gate(deployed, "approvals")[0] == "fail"
    assert "its commit is not signed" in gate(deployed, "approvals")[1]
    alice = keys.make("alice")
    keys.allow(alice=alice)
    keys.use(deployed, alice)
    approve(deployed, ALICE)
    assert gate(deployed, "approvals") == ("pass", "1 of 1: Alice")


def test_nobody_signs_for_somebody_else(signed: Lab, keys: Keys) -> None:
    """Bob's key is a trusted one, but it isn't Alice's."""
    alice, bob = keys.make("alice"), keys.make("bob")
    keys.allow(alice=alice, bob=bob)
    keys.use(signed, bob)
    approve(signed, ALICE)
    verdict, summary = gate(signed, "approvals")
    assert (verdict, f"signed by {BOB}" in summary) == ("fail", True)


def test_a_key_that_nobody_trusts(signed: Lab, keys: Keys) -> None:
    keys.allow(bob=keys.make("bob"))
    keys.use(signed, keys.make("alice"))
    approve(signed, ALICE)
    verdict, summary = gate(signed, "approvals")
    assert (verdict, "a key that nobody here trusts" in summary) == ("fail", True)


def test_where_signatures_can_not_be_checked(signed: Lab, keys: Keys) -> None:
    """Whoever promotes has no file of those who may sign: unknown, which never passes."""
    alice = keys.make("alice")
    keys.allow(alice=alice)
    keys.use(signed, alice)
    approve(signed, ALICE)
    signed.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    verdict, summary = gate(signed, "approvals")
    assert (verdict, "allowedSignersFile" in summary) == ("unknown", True)
    assert signed.relman("promote", "staging", "prod", "--yes").code == 1


def test_a_copied_approval_has_no_signature(signed: Lab, keys: Keys) -> None:
    """The file of a signed approval, put back by somebody else after it was taken away."""
    alice = keys.make("alice")
    keys.allow(alice=alice)
    keys.use(signed, alice)
    approve(signed, ALICE)
    copied = signed.read("releases/decisions/prod/0001-approve.yaml")
    signed.git("reset", "--quiet", "--hard", "HEAD~1")
    signed.git("config", "commit.gpgSign", "false")
    signed.write("releases/decisions/prod/0001-approve.yaml", copied)
    signed.commit("a copy")
    verdict, summary = gate(signed, "approvals")
    assert (verdict, "its commit is not signed" in summary) == ("fail", True)


# -- emergencies ------------------------------------------------------------------------------


def test_an_emergency_skips_a_gate_and_is_kept(guarded: Lab) -> None:
    guarded.ok("hold", "prod", "--reason", "the sale runs")
    promote = ("promote", "staging", "prod", "--yes", "--reason", "the shop is down")
    done = guarded.relman(*promote, "--emergency", "approvals")
    assert (done.code, "the gate hold is fail" in done.err) == (1, True)
    guarded.ok(*promote, "--emergency", "approvals", "--emergency", "hold")
    record = yaml.safe_load(guarded.read("releases/records/prod/0002-1.1.0.yaml"))
    skipped = {one["gate"]: one["verdict"] for one in record["gates"] if one.get("skipped")}
    assert skipped == {"hold": "fail", "approvals": "fail"}
    assert "EMERGENCY: hold, approvals" in guarded.ok("history", "prod").out
    assert "Relman-Emergency: hold, approvals" in guarded.git("log", "-1", "--format=%B")
    guarded.ok("audit")


def test_a_gate_that_passes_is_not_skipped(guarded: Lab) -> None:
    """What would have passed is no emergency."""
    approve(guarded, ALICE)
    approve(guarded, BOB)
    guarded.ok(
        "promote", "staging", "prod", "--yes", "--emergency", "approvals", "--reason", "hurry"
    )
    assert "EMERGENCY" not in guarded.ok("history", "prod").out


def test_history_is_red_on_a_terminal(guarded: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.ok(
        "promote", "staging", "prod", "--yes", "--emergency", "approvals", "--reason", "down"
    )
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = guarded.ok("history", "prod").out
    assert "\x1b[31mpromote, EMERGENCY: approvals" in text


def test_past_the_path_in_an_emergency(deployed: Lab) -> None:
    """Straight into prod what no other environment has run."""
    deployed.cut("1.1.1", web=5)
    deploy = ("deploy", "prod", "1.1.1", "--yes", "--reason", "the shop is down")
    assert deployed.relman(*deploy).code == 1
    deployed.ok(*deploy, "--emergency", "source")
    assert deployed.runs()["prod"] == "1.1.1"
    deployed.ok("audit")


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--emergency", "approvals"), 2, "an emergency needs a reason"),
        (("--emergency", "aprovals", "--reason", "x"), 2, "there is no gate 'aprovals'"),
        (("--emergency", "objects", "--reason", "x"), 1, "objects can't be skipped"),
    ],
)
def test_emergencies_that_are_refused(
    guarded: Lab, more: tuple[str, ...], code: int, says: str
) -> None:
    refuses(guarded, "promote", "staging", "prod", "--yes", *more, code=code, says=says)


# -- one service only -------------------------------------------------------------------------


@pytest.fixture
def ahead(deployed: Lab) -> Lab:
    """Staging has another web and another api than prod."""
    deployed.cut("1.2.0", web=3, api=4)
    deployed.ok("deploy", "dev", "--yes")
    deployed.ok("promote", "dev", "staging", "--yes")
    return deployed


ONLY = ("promote", "staging", "prod", "--only", "web", "--yes")
PART = "1.0.1-web.1.2.0"


def _images(lab: Lab, version: str) -> dict[str, str]:
    images = lab.ok("show", version, "-o", "json").json["release"]["images"]
    return {name: image["reference"].rpartition("/")[2][:7] for name, image in images.items()}


def test_one_service_is_promoted(ahead: Lab) -> None:
    """One commit makes the release and brings it in; everything else stays as it was."""
    before = len(ahead.git("rev-list", "main").split())
    ahead.ok(*ONLY)
    assert ahead.runs() == {"dev": "1.2.0", "staging": "1.2.0", "prod": PART}
    assert _images(ahead, PART) == {"web": "web:3.0", "api": "api:1.0"}
    assert len(ahead.git("rev-list", "main").split()) == before + 1
    record = yaml.safe_load(ahead.read(f"releases/records/prod/0002-{PART}.yaml"))
    assert (record["only"], record["source"]) == ("web", "staging")
    ahead.ok("audit")
    state = everything(ahead)
    assert f"prod runs {PART} already" in ahead.ok(*ONLY).err
    assert everything(ahead) == state
    ahead.ok("rollback", "prod", "--yes", "--reason", "slow")
    assert ahead.runs()["prod"] == "1.0.0"
    assert ahead.relman(*ONLY).code == 1, "what was left behind stays away"
    ahead.ok("audit")


def test_one_service_after_the_other(ahead: Lab) -> None:
    ahead.ok(*ONLY)
    ahead.ok("promote", "staging", "prod", "--only", "api", "--yes")
    both = f"{PART}.api.1.2.0"
    assert ahead.runs()["prod"] == both
    assert _images(ahead, both) == _images(ahead, "1.2.0")
    ahead.ok("promote", "staging", "prod", "--yes")
    ahead.ok("audit")


def test_a_part_is_approved_as_it_will_be(ahead: Lab) -> None:
    """The approval is of the release that --only makes, before that is written."""
    guard(ahead)
    become(ahead, ALICE)
    ahead.ok("approve", "prod", "--reason", "only the web")
    assert ahead.relman(*ONLY).code == 1
    ahead.ok("approve", "prod", "--only", "web", "--reason", "only the web")
    ahead.ok(*ONLY)
    ahead.ok("audit")


def test_a_hold_of_another_service_lets_a_part_through(ahead: Lab) -> None:
    ahead.ok("hold", "prod", "--service", "api", "--reason", "its database moves")
    assert ahead.relman("promote", "staging", "prod", "--yes").code == 1
    ahead.ok(*ONLY)


def test_a_part_must_fit_the_rest(deployed: Lab) -> None:
    """What the new web needs of the api is not there yet."""
    name = "  web:\n"
    edited(deployed, "releases/relman.yaml", name, f'{name}    requires: {{api: ">=4"}}\n')
    deployed.ok(
        "cut", "2.0.0",
        "--image", f"web=registry.example.com/web:3.0.0@{DIGEST.format(3)}",
        "--image", f"api=registry.example.com/api:4.0.0@{DIGEST.format(4)}",
    )  # fmt: skip
    deployed.ok("deploy", "dev", "--yes")
    deployed.ok("promote", "dev", "staging", "--yes")
    done = deployed.relman(*ONLY)
    assert (done.code, "the gate compatibility is" in done.err) == (1, True), done.err
    deployed.ok("promote", "staging", "prod", "--only", "api", "--yes")
    deployed.ok(*ONLY)
    deployed.ok("audit")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("staging", "prod", "--only", "cart"), 1, "has no service 'cart'"),
        (("dev", "prod", "--only", "web"), 1, "staging lies between dev and prod"),
        (("staging", "prod", "--only", "web", "--release", "9.9.9"), 1, "staging runs 1.2.0"),
        (("staging", "prod", "--only", "web", "--pr"), 2, "exclude each other"),
    ],
)
def test_parts_that_are_refused(
    ahead: Lab, arguments: tuple[str, ...], code: int, says: str
) -> None:
    refuses(ahead, "promote", *arguments, "--yes", code=code, says=says)


def test_a_part_of_a_new_environment(lab: Lab) -> None:
    lab.cut("1.0.0")
    lab.ok("deploy", "dev", "--yes")
    refuses(lab, "promote", "dev", "staging", "--only", "web", code=1, says="staging runs nothing")
