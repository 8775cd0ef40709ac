#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

int read_exactly(int fd, void *buffer, size_t bytes)
{
	uint8_t *at = buffer;

	while (bytes > 0) {
		ssize_t n = read(fd, at, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		bytes -= n;
	}
	return 0;
}

int send_frame(int fd, uint8_t type, uint32_t tag, const void *head, size_t head_bytes,
	       const void *body, size_t body_bytes)
{
	uint8_t prefix[9];
	struct iovec iov[3] = {
		{ prefix, sizeof(prefix) },
		{ (void *)head, head_bytes },
		{ (void *)body, body_bytes },
	};
	int i = 0;

	put_u32(prefix, 5 + head_bytes + body_bytes);
	prefix[4] = type;
	put_u32(prefix + 5, tag);
	while (i < 3) {
		ssize_t n = writev(fd, iov + i, 3 - i);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		while (i < 3 && (size_t)n >= iov[i].iov_len)
			n -= iov[i++].iov_len;
		if (i < 3) {
			iov[i].iov_base = (uint8_t *)iov[i].iov_base + n;
			iov[i].iov_len -= n;
		}
	}
	return 0;
}
