"""Boots a Python function: listens, loads the handler, says that it is ready, serves.

Runs on CPython 3.8 and later with the standard library only. What belongs to the
platform lives in the package `_rekindle`, whose name no function is likely to use, so
that a function may have modules of its own called `bootstrap`, `context` and the like.
"""

import os
import sys

_RUNTIME = os.path.dirname(os.path.abspath(__file__))
if _RUNTIME not in sys.path:  # PYTHONSAFEPATH leaves the script's directory out
    sys.path.insert(0, _RUNTIME)

from _rekindle import exchange, faults, function, logs, readiness, renewal  # noqa: E402


def main():
    # Descriptor 3 moves out of the way first: functions close or reuse low numbers.
    ready = readiness.Readiness(3)
    logs.prepare_streams()
    # The function's code comes first, the platform's modules last: a function that
    # brings its own snapshot_restore_py gets that one.
    sys.path.remove(_RUNTIME)
    task_root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    if task_root in sys.path:
        sys.path.remove(task_root)
    sys.path.insert(0, task_root)
    sys.path.append(_RUNTIME)

    listener = exchange.listen(os.environ["REKINDLE_SOCKET"])
    renewal.name_log_stream(os.urandom(16))
    logs.install()
    try:
        handler = function.load(os.environ.get("_HANDLER", ""))
    except BaseException as error:  # SystemExit too: the reason must reach the platform
        fault = faults.describe(error)
        logs.log_fault(fault)
        ready.failed(fault)
        logs.flush()
        os._exit(1)
    logs.flush()
    ready.ok()
    try:
        exchange.serve(listener, function.Function(handler))
    except SystemExit as leaving:
        function.leave(leaving)
    except BaseException as error:  # KeyboardInterrupt and the like end it on Lambda too
        logs.log_fault(faults.describe(error))
        function.leave(SystemExit(1))


if __name__ == "__main__":
    main()
