"""Handlers of the warmers' contract; see the enum Sample for what each does."""

import os
import sys
import threading
import time


class OutOfStock(Exception):
    pass


def find_stock():
    raise OutOfStock("no stock")


def echo(event, context):
    return event


def context(event, context):
    return {
        "requestId": context.aws_request_id,
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "remainingMs": context.get_remaining_time_in_millis(),
    }


def raises(event, context):
    find_stock()


def not_json(event, context):
    return {"lock": threading.Lock()}


def prints(event, context):
    print("out: " + event["text"])
    sys.stderr.write("err: " + event["text"])


def exits(event, context):
    sys.exit(3)


def sleeps(event, context):
    time.sleep(60)


def exhausts_memory(event, context):
    return len(bytearray(1 << 60))


def leaves_thread(event, context):
    threading.Thread(target=threading.Event().wait).start()
    return "started"


def environment(event, context):
    return os.environ.get(event["name"])
