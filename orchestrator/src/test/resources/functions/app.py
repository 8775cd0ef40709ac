"""A function that does what its event's field "do" says."""

import json
import os
import random
import sys
import time
import uuid

booted = uuid.uuid4().hex
served = 0
ballast = os.urandom(1 << 20) * int(os.environ.get("BALLAST_MB", "0"))


def echo(event):
    return {"echo": event, "served": served, "booted": booted, "pid": os.getpid()}


def wait_for_gate(event):
    """Answers once the test has made a file in the instance's socket directory."""
    while not os.path.exists("/run/rekindle/go"):
        time.sleep(0.005)
    return echo(event)


def fail(event):
    raise ValueError(event.get("message", "as asked"))


def leave(event):
    sys.exit(event.get("code", 3))


def die(event):
    os._exit(7)


def hang(event):
    while True:
        time.sleep(1)


def allocate(event):
    kept = []
    while True:
        kept.append(bytearray(os.urandom(1 << 20)))


def write(event):
    for line in range(event["lines"]):
        print(f"{line:07d} " + "x" * 91)
    return event["lines"]


def unserialisable(event):
    return {"file": open("/dev/null"), "set": {1, 2}}


def large(event):
    return "y" * event["bytes"]


def draw(event):
    return {"uuid": str(uuid.uuid4()), "random": random.random(), "bytes": os.urandom(16).hex()}


def environment(event):
    return dict(os.environ)


def seen(event):
    """What the function can see of the host."""
    return {"root": sorted(os.listdir("/")), "uid": os.getuid(), "task": os.listdir("/var/task")}


def handler(event, context):
    global served
    served += 1
    actions = {
        "gate": wait_for_gate, "fail": fail, "leave": leave, "die": die, "hang": hang,
        "allocate": allocate, "write": write, "unserialisable": unserialisable, "large": large,
        "draw": draw, "environment": environment, "seen": seen,
    }
    asked = event.get("do") if isinstance(event, dict) else None
    return actions.get(asked, echo)(event)
