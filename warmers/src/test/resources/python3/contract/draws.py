"""Draws from every random source of the standard library."""

import os
import random
import secrets
import sqlite3
import ssl
import tempfile
import uuid

random.seed(1)
own = random.Random(2)


class Dice(random.Random):
    """Has a seed method of its own that takes nothing."""

    def seed(self, *ignored):
        super().seed(3)


dice = Dice()
uuid.uuid1(), tempfile.mktemp(), ssl.RAND_bytes(8)  # leave state to be frozen
database = sqlite3.connect(":memory:")
database.execute("select random()").fetchone()


def handler(event, context):
    return {
        "seeded module": random.random(),
        "seeded generator": own.random(),
        "seeded subclass": dice.random(),
        "uuid1": str(uuid.uuid1()),
        "uuid1 node": uuid.getnode(),
        "uuid4": str(uuid.uuid4()),
        "urandom": os.urandom(8).hex(),
        "secrets": secrets.token_hex(8),
        "openssl": ssl.RAND_bytes(8).hex(),
        "sqlite": database.execute("select random()").fetchone()[0],
        "tempfile": tempfile.mktemp(),
        "log stream": context.log_stream_name,
    }
