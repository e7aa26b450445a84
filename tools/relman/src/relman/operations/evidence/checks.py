"""Runs the commands and requests that an environment declares."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from relman.adapters import commits, http, running
from relman.core import durations, masking
from relman.core.errors import Unavailable
from relman.core.models.evidence import CheckFound
from relman.operations.side_by_side import ask

if TYPE_CHECKING:
    from pathlib import Path

    from relman.core.models.gates import ReleaseCheck
    from relman.operations.evidence.asked import Asked

SEEN = ("PATH", "HOME", "LANG")
PAUSE = 1.0
END = 2000


def seconds(check: ReleaseCheck) -> float:
    """How long a check can take with all its tries."""
    return (durations.seconds(check.timeout) + PAUSE) * (check.retries + 1)


def look(asked: Asked) -> tuple[tuple[CheckFound, ...], str]:
    """Every check, side by side; commands in the files of the commit that the plan is based on."""
    checks = {check.name: check for check in asked.environment.gates.checks}
    with ExitStack() as stack:
        folder = None
        if any(check.command for check in checks.values()):
            git, base = asked.repository.snapshot.git, asked.plan.base
            folder = stack.enter_context(commits.checked_out(git, base))
        jobs = {name: partial(_tried, asked, one, folder) for name, one in checks.items()}
        answers = ask(jobs, asked.left)
    return tuple(
        answer.value or CheckFound(name=name, outcome="unknown", said=answer.problem)
        for name, answer in answers.items()
    ), ""


def _tried(asked: Asked, check: ReleaseCheck, folder: Path | None) -> CheckFound:
    for number in range(1, check.retries + 2):
        found = _once(asked, check, folder)
        if found.outcome == "pass" or number > check.retries:
            break
        time.sleep(PAUSE)
    return found.model_copy(update={"tries": number})


def _once(asked: Asked, check: ReleaseCheck, folder: Path | None) -> CheckFound:
    try:
        if check.url is not None:
            return _request(check, check.url)
        return _command(check, folder, _environment(asked, check))
    except Unavailable as error:
        return CheckFound(name=check.name, outcome="unknown", said=masking.mask(str(error)))


def _environment(asked: Asked, check: ReleaseCheck) -> dict[str, str]:
    """What a command sees: where programs are, what it is asked about, and what is declared."""
    passed = {name: os.environ[name] for name in SEEN if name in os.environ}
    about = {
        "RELMAN_ENVIRONMENT": asked.environment.name,
        "RELMAN_RELEASE": asked.release.version,
        "RELMAN_PLAN": asked.plan.hash,
    }
    return {**passed, **about, **check.env}


def _command(check: ReleaseCheck, folder: Path | None, env: dict[str, str]) -> CheckFound:
    if folder is None:
        raise Unavailable("there is no folder to run it in")
    limit = durations.seconds(check.timeout)
    done = running.run(check.command, cwd=folder, env=env, timeout=limit)
    if done.code is None:
        said = f"did not end in {check.timeout}"
        return _found(check, None, said, done.digest, done.end)
    right = done.code == check.expect.exit_code and check.expect.contains in done.end
    said = f"exit code {done.code}" + _lacks(check, done.end)
    return _found(check, right, said, done.digest, done.end)


def _request(check: ReleaseCheck, url: str) -> CheckFound:
    answer = http.get(url, durations.seconds(check.timeout))
    text = answer.body.decode(errors="replace")
    right = answer.status == check.expect.status and check.expect.contains in text
    said = f"answered {answer.status}" + _lacks(check, text)
    return _found(check, right, said, answer.digest, text)


def _lacks(check: ReleaseCheck, text: str) -> str:
    wanted = check.expect.contains
    return f", without {wanted!r}" if wanted not in text else ""


def _found(
    check: ReleaseCheck, right: bool | None, said: str, output: str, text: str
) -> CheckFound:
    """Secrets are hidden before a name can be cut off its secret."""
    end = masking.mask_lines(text[-2 * running.END :].strip())[-END:]
    outcome = "unknown" if right is None else "pass" if right else "fail"
    return CheckFound(name=check.name, outcome=outcome, said=said, output=output, end=end)
