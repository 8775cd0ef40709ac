#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

/* Leaves room for the frame around it. */
#define MAX_ANSWER (MAX_FRAME - 64)

/* Takes a path and a message; fails if there is one already or the path is none. */
int hold_greeting(struct greeting *g, uint32_t tag, const uint8_t *payload, size_t bytes)
{
	const uint8_t *nul = memchr(payload, 0, bytes);

	if (g->message) {
		errno = EBUSY;
		return -1;
	}
	if (!nul || nul == payload ||
	    (size_t)(nul - payload) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		errno = EINVAL;
		return -1;
	}
	g->message = malloc(bytes);
	g->answer = malloc(MAX_ANSWER);
	if (!g->message || !g->answer) {
		end_greeting(g);
		errno = ENOMEM;
		return -1;
	}
	memcpy(g->message, payload, bytes);
	g->bytes = bytes;
	g->sent = nul - payload + 1;
	g->answered = 0;
	g->tag = tag;
	g->fd = -1;
	g->held = 1;
	return 0;
}

enum greeting_state begin_greeting(struct greeting *g)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	g->held = 0;
	strcpy(address.sun_path, g->message);
	g->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (g->fd < 0 || connect(g->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return GREETING_FAILED;
	return continue_greeting(g);
}

enum greeting_state continue_greeting(struct greeting *g)
{
	ssize_t n;

	while (g->sent < g->bytes) {
		n = send(g->fd, g->message + g->sent, g->bytes - g->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? GREETING_GOES_ON : GREETING_FAILED;
		g->sent += n;
	}
	for (;;) {
		if (g->answered == MAX_ANSWER) {
			errno = EMSGSIZE;
			return GREETING_FAILED;
		}
		n = recv(g->fd, g->answer + g->answered, MAX_ANSWER - g->answered, 0);
		if (n == 0)
			return GREETING_ANSWERED; /* an answer is whole when the function closes */
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? GREETING_GOES_ON : GREETING_FAILED;
		g->answered += n;
	}
}

short greeting_events(const struct greeting *g)
{
	return g->sent < g->bytes ? POLLOUT : POLLIN;
}

void end_greeting(struct greeting *g)
{
	if (g->fd >= 0)
		close(g->fd);
	free(g->message);
	free(g->answer);
	*g = (struct greeting){ .fd = -1 };
}
