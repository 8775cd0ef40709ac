"""Runs the hooks that the function registered with snapshot_restore_py.

Unlike on Lambda a process may be checkpointed more than once, so hooks stay registered.
"""

import sys


def run_before_snapshot():
    """Last registered first."""
    for function, arguments, keywords in reversed(_registered("get_before_snapshot")):
        function(*arguments, **keywords)


def run_after_restore():
    """In the order of registration."""
    for function, arguments, keywords in _registered("get_after_restore"):
        function(*arguments, **keywords)


def _registered(getter):
    # Not loaded: no hook can have been registered. The function's own copy serves too.
    module = sys.modules.get("snapshot_restore_py")
    return list(getattr(module, getter)()) if module is not None else []
