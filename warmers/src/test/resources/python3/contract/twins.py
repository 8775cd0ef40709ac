"""Forks pairs of twins from one memory, as a snapshot's clones are, and compares them."""

import json
import os

import draws
from _rekindle import renewal


def _pair(context, renew):
    values = []
    for number in (1, 2):
        reader, writer = os.pipe()
        if os.fork() == 0:
            if renew:
                renewal.renew({"entropy": "%02x" % number * 64})
                context.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
            os.write(writer, json.dumps(draws.handler({}, context)).encode())
            os._exit(0)
        os.close(writer)
        with open(reader) as answer:
            values.append(json.load(answer))
        os.wait()
    return [source for source in values[0] if values[0][source] == values[1][source]]


def handler(event, context):
    renewal.prepare()
    return {"frozen": _pair(context, False), "renewed": _pair(context, True)}
