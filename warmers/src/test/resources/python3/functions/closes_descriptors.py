import os

os.closerange(3, 100)


def handler(event, context):
    return "ok"
