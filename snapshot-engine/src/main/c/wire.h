/* The control protocol between the engine (Java) and a sandbox's init.
 *
 * A frame is: uint32 length of what follows (big endian), uint8 type, uint32 tag (big endian),
 * payload. Requests carry a tag that the reply repeats; events have tag 0. Text fields are
 * NUL-terminated strings. dev.rekindle.engine.ControlFrame is the other end.
 */
#ifndef REKINDLE_WIRE_H
#define REKINDLE_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum request {
	REQ_CONFIGURE = 1, /* strings: directives, see configure() */
	REQ_SPAWN = 2,     /* strings: directives, see spawn() */
	REQ_CRIU = 3,      /* uint8 identity, then a criu_req message */
	REQ_KILL = 4,      /* uint32 pid, uint32 signal */
	REQ_MEMORY = 5,    /* empty */
	REQ_PRIME = 6,     /* uint8 identity: starts CRIU, which then waits for its REQ_CRIU */
	REQ_GREET = 7,     /* string path of a socket, or @ and how names begin, then bytes to say there; see greeting.c */
	REQ_RELAY = 8,     /* uint8: 0 ends the relay with its connections, 1 starts another one */
	REQ_IDENTITIES = 9, /* empty: writes NEW_IDENTITIES; see identity.h */
};

enum event {
	EV_HELLO = 64,  /* uint32 host pid of init, uint8 can dump as root, uint64 inodes of the
			 * two output pipes */
	EV_REPLY = 65,  /* tag; uint32 errno (0 = done), payload or message */
	EV_OUTPUT = 66, /* uint8 stream (1, 2), bytes */
	EV_READY = 67,  /* what the function wrote to its readiness pipe */
	EV_EXITED = 68, /* uint32 pid, uint32 wait status */
};

enum identity {
	AS_ROOT = 0,
	AS_FUNCTION = 1, /* the function's uid with root's capabilities: see run_criu() */
	AS_ROOT_MAPPED = 2, /* as root, for a mapped restore: see adoption.h */
	AS_ROOT_WATCHED = 3, /* as root, for another restore whose files keep their identity */
};

/* The uid and gid that functions run under; no entry of the host's passwd. */
#define FUNCTION_ID 61100

/* The uid and gid of the relay: another one, so that functions cannot touch it. */
#define RELAY_ID 61101

/* Init's descriptor of /rekindle/private/work, CRIU's work directory. */
#define WORK_DIRECTORY_FD 9

#define MAX_FRAME (1u << 20)

int send_frame(int fd, uint8_t type, uint32_t tag, const void *head, size_t head_bytes,
	       const void *body, size_t body_bytes);
int read_exactly(int fd, void *buffer, size_t bytes);
uint32_t get_u32(const uint8_t *p);
void put_u32(uint8_t *p, uint32_t v);

#endif
