"""Snapshot hooks under the names of AWS's snapshot_restore_py.

Both functions also work as decorators. Before-snapshot hooks run last registered first,
after-restore hooks in the order of registration. A hook registered twice runs twice.
"""

_before_snapshot = []
_after_restore = []


def register_before_snapshot(func, *args, **kwargs):
    """Has func(*args, **kwargs) called before a snapshot is taken; returns func."""
    _before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """Has func(*args, **kwargs) called after a snapshot is restored; returns func."""
    _after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    """The hooks to run before a snapshot, as (func, args, kwargs)."""
    return _before_snapshot


def get_after_restore():
    """The hooks to run after a restore, as (func, args, kwargs)."""
    return _after_restore
