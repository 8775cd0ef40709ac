"""Handlers that use the language's edges. The misbehaving ones return event["n"]."""

import atexit
import gc
import io
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from decimal import Decimal


def deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


def evaluate(event, context):
    return eval(event)


def changes_directory(event, context):
    os.chdir("/")
    return event["n"]


def replaces_stdout(event, context):
    sys.stdout = io.StringIO()
    sys.stderr = None
    return event["n"]


def closes_stdout(event, context):
    sys.stdout.close()
    sys.stderr.close()
    return event["n"]


def sets_default_timeout(event, context):
    socket.setdefaulttimeout(0.000001)
    return event["n"]


def default_sigpipe(event, context):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return event["n"]


def forks_a_child_that_stays(event, context):
    parent = os.getpid()
    if os.fork() == 0:
        while os.getppid() == parent:  # leaves when the test has ended the function
            time.sleep(0.05)
        os._exit(0)
    return event["n"]


def breaks_json(event, context):
    json.loads = json.dumps = None
    return event["n"]


def disables_gc(event, context):
    gc.disable()
    return event["n"]


def closes_low_descriptors(event, context):
    os.closerange(3, 100)
    return event["n"]


def leaves_alarm(event, context):
    def ring(number, frame):
        os.write(1, b"alarm\n")
        raise RuntimeError("alarm")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    return event["n"]


class Unshowable(Exception):
    def __str__(self):
        raise ValueError("no words")


def raises_unshowable(event, context):
    raise Unshowable()


def raises_enormous(event, context):
    raise ValueError("\N{PARTY POPPER}" * 5_000_000)


def recurses(event, context):
    return recurses(event, context)


def exits_with_thread(event, context):
    threading.Thread(target=threading.Event().wait).start()
    atexit.register(print, "exit handler ran")
    sys.exit("leaving now")


def logs(event, context):
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger("shop").info("sold %d", 3)


class Proxy:
    @property
    def __class__(self):
        raise RuntimeError("outside of a request")


proxy = Proxy()


def keeps_raising_proxy(event, context):
    return event["n"]


def hour_at_epoch(event, context):
    return time.localtime(0).tm_hour
