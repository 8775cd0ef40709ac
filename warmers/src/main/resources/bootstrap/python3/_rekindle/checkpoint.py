"""Makes the process fit for a checkpoint."""

import gc

from . import hooks, logs, renewal


def prepare():
    """Runs the function's hooks, then leaves memory small and still."""
    hooks.run_before_snapshot()
    gc.unfreeze()  # else an earlier checkpoint's objects would be neither freed nor found
    gc.collect()
    renewal.find_generators()
    # Frozen objects are never visited by later collections, which would write into
    # their headers and so copy pages that all clones share.
    gc.freeze()
    logs.flush()
