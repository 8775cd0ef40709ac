"""Handlers that show what AWS's Python client (awslambdaric 4.0.1) makes of them."""

import collections
import enum
import logging
import os
from decimal import Decimal

Row = collections.namedtuple("Row", "id name")
initialization_type = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE")


class Asdict:
    def _asdict(self):
        return {"q": 1}


class ForJson:
    def for_json(self):
        return 1


class Shelf(dict):
    def __getattr__(self, name):
        return Shelf()


class Level(enum.IntEnum):
    LOW = 1


def circle():
    ring = []
    ring.append({"ring": ring})
    return ring


def evaluate(event, context):
    return eval(event)


def raises(event, context):
    return 1 / int(event["n"]) + sum([])


def tells(event, context):
    client = context.client_context
    return {
        "arn": context.invoked_function_arn,
        "tenant": context.tenant_id,
        "identity": [
            context.identity.cognito_identity_id,
            context.identity.cognito_identity_pool_id,
        ],
        "client": client and [client.custom, client.env, client.client.app_title],
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "initialization": initialization_type,
        "words": repr(context),
    }


def logs(event, context):
    logger = logging.getLogger("shop")
    logger.debug("left out")
    logger.warning("sold %d", event["n"], extra={"shelf": Level.LOW, "odd": {1}})
    try:
        {}["żółw"]
    except KeyError:
        logger.exception("not found")
    return event["n"]
