import a_module_that_nobody_has


def handler(event, context):
    return None
