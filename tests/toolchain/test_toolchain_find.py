"""Finding: PATH before the cache, where the cache is, which Go, and what is told to the user."""

from pathlib import Path

import pytest

from .lab import GO_MOD, Lab


def test_the_right_version_on_path_is_used(lab: Lab) -> None:
    mine = lab.on_path("hello", "#!/bin/sh\necho hello v1.2.3+build.7\n")
    assert lab.run("path", "hello").stdout == f"{mine}\n"
    assert lab.run("build", "hello").returncode == 0
    assert lab.listed()["hello"]["source"] == "path"
    assert lab.builds == 0


@pytest.mark.parametrize(
    "script", ["echo v1.2.4", "echo v1.2.3-rc.1", "echo v1.2", "echo v1.2.3; exit 1"]
)
def test_another_version_on_path_is_not_used(bare_lab: Lab, script: str) -> None:
    mine = bare_lab.on_path("hello", f"#!/bin/sh\n{script}\n")
    done = bare_lab.run("path", "hello")
    assert done.returncode == 4
    assert done.stdout == ""
    assert f"{mine} is " in done.stderr


def test_a_wrong_version_on_path_is_built_past(lab: Lab) -> None:
    mine = lab.on_path("hello", "#!/bin/sh\necho v9.9.9\n")
    assert lab.run("build", "hello").returncode == 0
    assert lab.run("path", "hello").stdout == f"{lab.binary}\n"
    tool = lab.listed()["hello"]
    assert (tool["state"], tool["source"]) == ("ready", "cache")
    assert tool["note"] == f"{mine} is 9.9.9: not used"


def test_a_missing_tool_says_what_to_do(bare_lab: Lab) -> None:
    done = bare_lab.run("path", "hello")
    assert done.returncode == 4
    assert done.stderr.startswith("toolchain: hello-1.2.3 is missing; run: python ")
    assert done.stderr.endswith("toolchain.py build hello\n")


@pytest.mark.parametrize("setting", ["", "relative"])
def test_without_a_cache_setting_it_is_in_the_home(bare_lab: Lab, setting: str) -> None:
    bare_lab.env["XDG_CACHE_HOME"] = setting
    bare_lab.on_path("go", "#!/bin/sh\nexit 1\n")
    bare_lab.run("build", "hello")
    assert Path(bare_lab.env["HOME"], ".cache/relman/tools").is_dir()
    assert not bare_lab.cache.exists()


def test_the_cache_follows_its_setting(lab: Lab) -> None:
    lab.env["XDG_CACHE_HOME"] = str(lab.root / "elsewhere")
    assert lab.run("build", "hello").returncode == 0
    assert (lab.root / "elsewhere/relman/tools/hello-1.2.3/hello").is_file()
    assert not lab.cache.exists()


def test_list_is_a_table(bare_lab: Lab) -> None:
    done = bare_lab.run("list")
    header, row = done.stdout.splitlines()
    assert header.split() == ["TOOL", "VERSION", "STATE", "PATH", "NOTE"]
    assert row.split()[:4] == ["hello", "1.2.3", "missing", "-"]
    assert set(bare_lab.listed()["hello"]) == {
        "name",
        "version",
        "state",
        "source",
        "path",
        "note",
        "purpose",
    }


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["path", "nothing"], "no tool named nothing; tools.toml has hello"),
        (["build", "nothing"], "no tool named nothing; tools.toml has hello"),
        (["frobnicate"], "invalid choice"),
        ([], "required"),
    ],
)
def test_wrong_usage(bare_lab: Lab, args: list[str], said: str) -> None:
    done = bare_lab.run(*args)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('version = "1.2.3"\n', "", "[hello]: version is missing"),
        ('version = "1.2.3"', "version = 1", "[hello]: version must be a string"),
        ('purpose = "tests"', 'porpoise = "tests"', "[hello]: unknown key porpoise"),
        (
            "version_args = []",
            "version_args = [1]",
            "[hello]: version_args must be a list of strings",
        ),
        ("[hello]", "[hello", "tools.toml: "),
        ("[hello]", '["../hello"]', "a tool is a section with a lower-case name"),
        ("default = true", 'wrapper = "../x"', "wrapper must name a folder"),
        ("default = true", 'wrapper = "absent"', "No such file"),
        ('"1.2.3"', '"1.2.30"', "run: go get example.invalid/hello@v1.2.30"),
        ('"1.2.3"', '"1.2"', "does not require"),
    ],
)
def test_a_wrong_catalogue(bare_lab: Lab, old: str, new: str, said: str) -> None:
    bare_lab.tools.write_text(bare_lab.tools.read_text().replace(old, new))
    done = bare_lab.run("list")
    assert done.returncode == 2
    assert said in done.stderr


def test_two_tools_can_share_a_wrapper(bare_lab: Lab) -> None:
    text = bare_lab.tools.read_text()
    bare_lab.tools.write_text(text + text.replace("[hello]", "[other]") + 'wrapper = "hello"\n')
    assert list(bare_lab.listed()) == ["hello", "other"]


def test_without_go_it_says_where_to_get_it(bare_lab: Lab) -> None:
    # A file that is not executable hides no other Go, so an old one stands in for none.
    bare_lab.on_path("go", "#!/bin/sh\necho go1.4\n")
    done = bare_lab.run("build", "hello")
    assert done.returncode == 4
    assert "no Go 1.24 or newer on PATH: install Go from " in done.stderr


def test_a_go_release_candidate_is_not_used(bare_lab: Lab) -> None:
    bare_lab.on_path("go", "#!/bin/sh\necho go1.99rc1\n")
    assert bare_lab.run("build", "hello").returncode == 4


def test_a_pinned_go_that_is_too_old_is_told(bare_lab: Lab) -> None:
    bare_lab.env["RELMAN_TOOLCHAIN_GO"] = "auto"
    (bare_lab.tools.parent / "hello" / "go.mod").write_text(GO_MOD.replace("1.24", "1.999"))
    done = bare_lab.run("build", "hello")
    assert done.returncode == 2
    assert "1.999 is needed" in done.stderr


def test_without_pypi_it_says_so_and_leaves_nothing(bare_lab: Lab) -> None:
    bare_lab.env |= {"RELMAN_TOOLCHAIN_GO": "pypi", "PIP_NO_INDEX": "1"}
    done = bare_lab.run("build", "hello")
    assert done.returncode == 4
    assert "can't install go-" in done.stderr
    assert str(bare_lab.cache / "logs") in done.stderr
    assert bare_lab.leftovers == []
    assert not list(bare_lab.cache.glob("go-*"))


def test_a_wrong_choice_of_go(bare_lab: Lab) -> None:
    bare_lab.env["RELMAN_TOOLCHAIN_GO"] = "brew"
    done = bare_lab.run("build", "hello")
    assert done.returncode == 2
    assert "must be auto, path or pypi" in done.stderr
