import bootstrap
import hooks
import renewal
import snapshot_restore_py


@snapshot_restore_py.register_before_snapshot
def before():
    pass


def handler(event, context):
    return [bootstrap.NAME, renewal.NAME, hooks.NAME]
