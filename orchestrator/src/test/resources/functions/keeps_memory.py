"""A function that dies when memory at low addresses is unmapped, as CRIU does after a restore.

CRIU suspends a function's own filters meanwhile, but it cannot when it is filtered itself, as
it is for mapped restores.
"""

import ctypes
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
MUNMAP = 11
NUMBER, ADDRESS_LOW, ADDRESS_HIGH = 0, 16, 20  # offsets in struct seccomp_data
LOAD, JUMP_IF_EQUAL, JUMP_IF_GREATER, RETURN = 0x20, 0x15, 0x25, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
BELOW_PROGRAMS = 0x400000


def filter_calls(*instructions):
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    code = ctypes.create_string_buffer(program, len(program))
    filters = struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(filters), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


filter_calls(
    (LOAD, 0, 0, NUMBER),
    (JUMP_IF_EQUAL, 0, 5, MUNMAP),
    (LOAD, 0, 0, ADDRESS_HIGH),
    (JUMP_IF_GREATER, 3, 0, 0),
    (LOAD, 0, 0, ADDRESS_LOW),
    (JUMP_IF_GREATER, 1, 0, BELOW_PROGRAMS),
    (RETURN, 0, 0, KILL),
    (RETURN, 0, 0, ALLOW),
)


def handler(event, context):
    return event.get("n", 0) + 1
