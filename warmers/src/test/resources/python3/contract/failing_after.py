import snapshot_restore_py


@snapshot_restore_py.register_after_restore
def connect():
    raise ConnectionError("no database")


def handler(event, context):
    return None
