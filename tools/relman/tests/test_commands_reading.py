"""What the commands that only read print, their JSON, and their exit codes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .clocks import standing
from .lab import Lab
from .states import edited, environment, running

RELEASE = "releases/versions/1.0.0.yaml"
RECORD = "releases/records/dev/0001-1.0.0.yaml"
APPLICATION = "argocd/dev/applications/dev-shop.yaml"
DEV = "releases/environments/dev.yaml"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Every environment runs 1.0.0."""
    return running(tmp_path / "lab")


def _json(lab: Lab, *arguments: str) -> Any:
    return lab.ok(*arguments, "-o", "json").json


def test_status(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    found = _json(lab, "status")
    assert list(found) == ["base", "newestRelease", "environments"]
    assert found["newestRelease"] == "1.1.0"
    dev = found["environments"][0]
    assert list(dev) == ["environment", "after", "clusters", "release", "since", "by", "action",
                         "blocked", "images", "behind", "held", "live"]  # fmt: skip
    assert (dev["release"], dev["action"], dev["behind"]) == ("1.0.0", "deploy", ["1.1.0"])
    assert dev["by"] == "Robin <robin@example.com>"
    assert [one["environment"] for one in found["environments"]] == ["dev", "staging", "prod"]
    text = lab.ok("status").out
    assert "ENVIRONMENT" in text
    assert "1.0.0" in text


def test_status_of_nothing(tmp_path: Path) -> None:
    from .lab import make

    lab = make(tmp_path / "new")
    assert {one["release"] for one in _json(lab, "status")["environments"]} == {None}
    assert _json(lab, "releases") == []
    assert _json(lab, "history") == []
    assert lab.ok("audit").out == "0 records and 0 releases are whole\n"


def test_history(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    standing(monkeypatch).now = "2100-01-01T10:00:00Z"  # not within the second of those before
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes", "--reason", "spring")
    found = _json(lab, "history")
    assert [(one["environment"], one["release"]) for one in found] == [
        ("dev", "1.1.0"), ("prod", "1.0.0"), ("staging", "1.0.0"), ("dev", "1.0.0"),
    ]  # fmt: skip
    assert list(found[0]) == [
        "apiVersion", "kind", "number", "environment", "action", "release", "releaseDigest",
        "fromRelease", "source", "only", "plan", "base", "time", "author", "reason", "gates",
        "accepted", "blocked", "files", "generator", "previous",
    ]  # fmt: skip
    assert found[0]["reason"] == "spring"
    assert len(_json(lab, "history", "dev", "-n", "1")) == 1
    assert "spring" in lab.ok("history", "dev").out


def test_releases_and_show(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.cut("1.1.0-rc.1", web=3)
    lab.ok("deploy", "dev", "1.1.0", "--yes")
    lab.ok("rollback", "dev", "--yes")
    found = _json(lab, "releases")
    assert [one["version"] for one in found] == ["1.1.0", "1.1.0-rc.1", "1.0.0"]
    assert list(found[0]) == ["version", "digest", "created", "author", "note", "runsIn", "ranIn"]
    assert (found[0]["runsIn"], found[0]["ranIn"]) == ([], ["dev"])
    assert found[2]["runsIn"] == ["dev", "staging", "prod"]
    shown = _json(lab, "show", "1.1.0")
    assert list(shown) == ["release", "runsIn", "ranIn", "blockedIn"]
    assert shown["blockedIn"] == ["dev"]
    assert "blocked   dev" in lab.ok("show", "1.1.0").out


def test_diff(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    edited(lab, "releases/environments/staging.yaml", "clusters:",
           "values:\n  shop: {web: {replicas: 5}}\nclusters:")  # fmt: skip
    found = _json(lab, "diff", "dev", "staging")
    assert list(found) == ["before", "after", "chartsChanged", "images", "components", "values"]
    assert [one["path"] for one in found["images"]] == ["web"]
    assert [one["path"] for one in found["values"]] == ["values.shop"]
    assert not found["chartsChanged"]
    assert lab.relman("diff", "dev", "staging", "--exit-code").code == 5
    assert lab.relman("diff", "prod", "1.0.0", "--exit-code").code == 0
    assert "nothing differs" in lab.ok("diff", "prod", "1.0.0").out
    assert "~ images.web" in lab.ok("diff", "1.0.0", "1.1.0").out
    values = '~ values.values.shop: (none) -> {"web": {"replicas": 5}}\n'
    assert values in lab.ok("diff", "dev", "staging").out


def test_render(lab: Lab, tmp_path: Path) -> None:
    found = _json(lab, "render", "dev")
    assert [list(one) for one in found] == [["cluster", "component", "text", "why"]]
    assert lab.ok("render", "dev").out == found[0]["text"]
    written = lab.ok("render", "dev", "--into", str(tmp_path / "out")).out
    assert written == f"{tmp_path}/out/dev/shop.yaml\n"
    assert (tmp_path / "out/dev/shop.yaml").read_text() == found[0]["text"]
    assert "@sha256:" in found[0]["text"]
    assert "@sha256:" not in lab.ok("render", "dev", "--draft").out


def test_render_check_tells_an_edit_from_what_waits_for_a_refresh(lab: Lab) -> None:
    assert lab.ok("render", "--check").out == "generated files are current\n"
    edited(lab, DEV, "clusters:", "values:\n  shop: {web: {replicas: 5}}\nclusters:")
    pending = lab.relman("render", "--check", "-o", "json")
    assert pending.code == 5
    assert {one["state"] for one in pending.json} == {"pending"}
    assert list(pending.json[0]) == ["environment", "path", "state"]
    assert lab.relman("render", "--check", "--allow-pending").code == 0
    assert lab.relman("render", "prod", "--check").code == 0
    assert lab.relman("lint").code == 0
    edited(lab, APPLICATION, "namespace: shop", "namespace: other")
    done = lab.relman("render", "--check", "--allow-pending")
    assert done.code == 5
    assert APPLICATION in done.out
    assert "edited" in done.out


def test_render_check_of_the_checkout(lab: Lab) -> None:
    lab.write("argocd/dev/applications/extra.yaml", "x: 1\n")
    assert lab.relman("render", "--check").code == 0
    done = lab.relman("render", "--check", "--worktree")
    assert done.code == 5
    assert "argocd/dev/applications/extra.yaml" in done.out


def test_lint(lab: Lab) -> None:
    assert lab.ok("lint").out == "no findings\n"
    lab.write(DEV, environment("dev", more="values:\n  shop: {web: {replicas: many}}\n"))
    lab.write("releases/environments/prod.yaml",
              environment("prod", "[staging]",
                          "values:\n  shop: {api: {replicas: many}}\n"))  # fmt: skip
    done = lab.relman("lint", "-o", "json")
    assert done.code == 1
    assert list(done.json[0]) == ["severity", "check", "place", "message", "hint"]
    places = {one["place"] for one in done.json if one["severity"] == "error"}
    assert places == {f"{DEV}: values.shop", "releases/environments/prod.yaml: values.shop"}
    assert lab.relman("lint", "--base", "HEAD").code == 0


def test_an_environment_that_is_gone_goes_on_in_argo_cd(lab: Lab) -> None:
    (lab.root / "releases/environments/prod.yaml").unlink()
    lab.commit()
    assert [one["environment"] for one in _json(lab, "history", "prod")] == ["prod"]
    assert len(_json(lab, "history")) == 3
    found = {one["place"]: one for one in _json(lab, "lint")}
    assert found["argocd/prod"]["severity"] == "warning"
    assert "there is no environment prod" in found["argocd/prod"]["message"]
    lab.git("rm", "-rq", "argocd/prod")
    assert lab.ok("lint").out == "no findings\n"


def test_doctor(lab: Lab) -> None:
    found = {one["name"]: one for one in _json(lab, "doctor")}
    assert list(found["git"]) == ["name", "state", "found", "purpose", "fix"]
    assert found["git"]["state"] == "ok"
    assert found["repository"]["state"] == "ok"
    assert found["remote"]["state"] == "optional"
    lab.git("remote", "add", "origin", "/nowhere.git")
    done = lab.relman("doctor")
    assert done.code == 4
    assert "/nowhere.git" in done.out


def test_doctor_outside_of_a_repository(tmp_path: Path) -> None:
    from .lab import relman

    done = relman("doctor", cwd=tmp_path)
    assert done.code == 4
    assert "not a git repository" in done.out


def test_a_folder_inside_of_the_clone_and_another_one(lab: Lab, tmp_path: Path) -> None:
    from .lab import relman

    inside = relman("status", "-o", "json", cwd=lab.root / "charts/web")
    assert inside.json == _json(lab, "status")
    assert relman("status", "-o", "json", "-C", str(lab.root), cwd=tmp_path).json == inside.json


# -- audit ------------------------------------------------------------------------------------


def _findings(lab: Lab, base: str | None = None) -> list[tuple[str, str]]:
    done = lab.relman("audit", "-o", "json", *(["--base", base] if base else []))
    assert done.code == (1 if done.json["findings"] else 0)
    assert list(done.json) == ["releases", "records", "decisions", "older", "findings"]
    return [(one["place"], one["message"]) for one in done.json["findings"]]


def _unnoticed_by_log(lab: Lab) -> None:
    """History rewritten, so that only the content can tell."""
    lab.git("checkout", "-q", "--orphan", "fresh")
    lab.git("add", "--all")
    lab.git("commit", "-q", "-m", "all anew")


def test_audit_of_what_is_whole(lab: Lab) -> None:
    assert _findings(lab) == []
    assert lab.ok("audit").out == "3 records and 1 releases are whole\n"


def test_audit_starts_no_process_for_each_record(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the history is, git is started a handful of times."""
    started = _counting_git(tmp_path, monkeypatch)
    lab.ok("audit")
    once = started()
    for number in range(2, 5):
        lab.cut(f"1.{number}.0", web=number)
        lab.ok("deploy", "dev", "--yes")
    started()
    lab.ok("audit")
    assert started() == once <= 10


def _counting_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Gives how many gits were started since the last time that it was asked."""
    log, shim = folder / "started", folder / "bin/git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho >> {log}\nexec {shutil.which("git")} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent), prepend=":")

    def since() -> int:
        count = len(log.read_text()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    return since


def test_audit_finds_an_edited_record(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    edited(lab, RECORD, "author: ", "reason: none\nauthor: ")
    places = _findings(lab)
    assert any(place == RECORD and "was changed by commit" in why for place, why in places)
    assert any("0002-1.1.0.yaml: names another record before it" in why for _, why in places)


def test_audit_finds_an_edited_record_without_history(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    lab.write(RECORD, lab.read(RECORD).replace("author: ", "reason: none\nauthor: "))
    _unnoticed_by_log(lab)
    assert any("names another record" in why for _, why in _findings(lab, "fresh"))


def test_audit_finds_a_deleted_record(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    (lab.root / RECORD).unlink()
    lab.commit()
    found = _findings(lab)
    assert any(place == RECORD and "was deleted by" in why for place, why in found)
    assert any("expected number 1" in why for _, why in found)


def test_audit_finds_records_in_another_order(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.ok("deploy", "dev", "--yes")
    second = "releases/records/dev/0002-1.1.0.yaml"
    one, two = lab.read(RECORD), lab.read(second)
    (lab.root / RECORD).unlink()
    (lab.root / second).unlink()
    lab.write("releases/records/dev/0001-1.1.0.yaml", f"{two}\n")
    lab.write("releases/records/dev/0002-1.0.0.yaml", f"{one}\n")
    _unnoticed_by_log(lab)
    assert _findings(lab, "fresh")


def test_audit_finds_a_record_of_another_environment(lab: Lab) -> None:
    """The first record names none before it, so only its own words tell where it belongs."""
    lab.write("releases/records/prod/0001-1.0.0.yaml", lab.read(RECORD) + "\n")
    _unnoticed_by_log(lab)
    found = _findings(lab, "fresh")
    assert any("0001-1.0.0.yaml" in place + why and "dev" in why for place, why in found)


def test_audit_finds_a_record_whose_file_says_another_release(lab: Lab) -> None:
    lab.cut("1.1.0", web=2)
    lab.git("mv", RECORD, RECORD.replace("1.0.0", "1.1.0"))
    lab.commit()
    _unnoticed_by_log(lab)
    assert any("0001-1.1.0.yaml" in place + why for place, why in _findings(lab, "fresh"))


def test_audit_finds_an_edited_release(lab: Lab) -> None:
    edited(lab, RELEASE, "namespace: shop", "namespace: other")
    found = _findings(lab)
    assert any(place == RELEASE and "was changed by commit" in why for place, why in found)
    assert any(place == RELEASE and "digest" in why for place, why in found)


def test_audit_finds_a_release_that_is_gone(lab: Lab) -> None:
    (lab.root / RELEASE).unlink()
    _unnoticed_by_log(lab)
    assert any("its release: there is no release" in why for _, why in _findings(lab, "fresh"))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (APPLICATION, "namespace: shop", "namespace: other"),
        ("argocd/dev/applications/project.yaml", "kind: Namespace", "kind: ClusterRole"),
        (APPLICATION, "example.com/web", "example.org/web"),
        ("argocd/dev/release.yaml", "1.0.0", "1.1.0"),
    ],
)  # fmt: skip
def test_audit_finds_what_was_generated_and_then_edited(
    lab: Lab, path: str, before: str, after: str
) -> None:
    edited(lab, path, before, after)
    assert any(place.startswith("argocd/dev") for place, _ in _findings(lab))


def test_audit_finds_a_smuggled_application(lab: Lab) -> None:
    lab.write("argocd/dev/applications/extra.yaml", lab.read(APPLICATION))
    lab.commit()
    assert _findings(lab)


def test_audit_finds_what_a_merge_brings(lab: Lab) -> None:
    """A pull request that edits a record, merged by a merge commit."""
    lab.git("checkout", "-q", "-b", "pr")
    edited(lab, RECORD, "author: ", "reason: none\nauthor: ")
    lab.git("checkout", "-q", "main")
    lab.git("merge", "-q", "--no-ff", "-m", "merge", "pr")
    assert any(place == RECORD and "was changed" in why for place, why in _findings(lab))


@pytest.mark.parametrize(("redirection", "code"), [(">&-", 0), ("2>&-", 0), ("> /dev/full", 4)])
def test_an_output_that_takes_nothing(lab: Lab, redirection: str, code: int) -> None:
    """A shell can close it, and a disk can be full."""
    relman = shlex.quote(str(Path(sys.executable).with_name("relman")))
    done = subprocess.run(
        ["sh", "-c", f"{relman} status {redirection}"],
        cwd=lab.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert "unexpected" not in done.stderr
    assert ("no space left" in done.stderr) == (code == 4)
