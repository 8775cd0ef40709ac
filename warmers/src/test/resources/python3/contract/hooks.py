from snapshot_restore_py import register_after_restore, register_before_snapshot

ran = []

register_before_snapshot(ran.append, "before1")
register_after_restore(ran.append, "after1")


@register_before_snapshot
def before2():
    ran.append("before2")


@register_after_restore
def after2():
    ran.append("after2")


def handler(event, context):
    return ran
