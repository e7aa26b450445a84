"""Asks several things at the same time, and waits for none of them longer than was said."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from relman.core.errors import RelmanError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

MOST = 16
K = TypeVar("K", bound="Hashable")
T = TypeVar("T")


class Answer(Generic[T]):
    """What was found, or why it could not be. Exactly one of the two is set."""

    def __init__(self, value: T | None = None, problem: str = "") -> None:
        self.value = value
        self.problem = problem


def ask(jobs: Mapping[K, Callable[[], T]], seconds: float) -> dict[K, Answer[T]]:
    """The answer to every job, in their order. One that fails or is late hides no other.

    The threads are not waited for after that: what they are stuck in can't be interrupted, and
    must not keep the program from ending.
    """
    end = time.monotonic() + seconds
    todo: queue.SimpleQueue[K] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[K, Answer[T]]] = queue.SimpleQueue()
    over = threading.Event()
    for key in jobs:
        todo.put(key)
    for _ in range(min(MOST, len(jobs))):
        threading.Thread(target=_work, args=(jobs, todo, done, over), daemon=True).start()
    found: dict[K, Answer[T]] = {}
    try:
        while len(found) < len(jobs):
            key, answer = done.get(timeout=max(0.0, end - time.monotonic()))
            found[key] = answer
    except queue.Empty:
        pass
    finally:
        over.set()
    late: Answer[T] = Answer(problem=f"no answer in {seconds:.0f} s")
    return {key: found.get(key, late) for key in jobs}


def _work(
    jobs: Mapping[K, Callable[[], T]],
    todo: queue.SimpleQueue[K],
    done: queue.SimpleQueue[tuple[K, Answer[T]]],
    over: threading.Event,
) -> None:
    while not over.is_set():
        try:
            key = todo.get_nowait()
        except queue.Empty:
            return
        done.put((key, _answered(jobs[key])))


def _answered(job: Callable[[], T]) -> Answer[T]:
    try:
        return Answer(job())
    except RelmanError as error:
        return Answer(problem=f"{error}; {error.hint}" if error.hint else str(error))
    except Exception as error:  # nothing that a source does may pass for an answer
        return Answer(problem=f"{type(error).__name__}: {str(error)[:200]}")
