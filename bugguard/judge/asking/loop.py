"""An event loop that ends when its work does, whatever its threads still wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

GRACE = 0.5  #: seconds for tasks to end that were told to

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` comes to. Unlike ``asyncio.run`` it waits for no thread, prints nothing, and
    gives tasks that do not end no more than two seconds."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_Threads())
    loop.set_exception_handler(lambda _loop, _context: None)  # the default one prints
    try:
        return loop.run_until_complete(work)
    finally:
        _close(loop)


class _Threads(ThreadPoolExecutor):
    """Threads that nobody waits for: a name server that hangs must not hold up the process."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future


def _close(loop: asyncio.AbstractEventLoop) -> None:
    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=3 * GRACE))
        ending = loop.create_task(loop.shutdown_asyncgens())
        loop.run_until_complete(asyncio.wait([ending], timeout=GRACE))
    finally:
        loop.close()
