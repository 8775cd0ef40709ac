"""A function whose hook holds its checkpoint up until the test lets it go on."""

import os
import time

from snapshot_restore_py import register_before_snapshot


@register_before_snapshot
def hold():
    open("/tmp/freezing", "w").close()
    while not os.path.exists("/run/rekindle/go"):
        time.sleep(0.005)


def handler(event, context):
    return "v" + context.function_version
