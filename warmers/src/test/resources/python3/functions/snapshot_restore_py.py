"""A function may bring the library itself; this one can be told from the platform's."""

_hooks = []


def register_before_snapshot(func, *args, **kwargs):
    _hooks.append((func, args, kwargs))
    return func


def get_before_snapshot():
    print("my own snapshot_restore_py ran a hook")
    return _hooks


def get_after_restore():
    return []
