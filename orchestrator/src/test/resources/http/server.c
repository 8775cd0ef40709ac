/* A static program that serves HTTP with nothing but system calls and one buffer on the heap. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_all(int fd, const char *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(fd, data, bytes);
		if (n <= 0)
			return;
		data += n;
		bytes -= n;
	}
}

static void answer(int fd, const char *body, size_t bytes)
{
	char head[128];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
			 bytes);

	send_all(fd, head, n);
	send_all(fd, body, bytes);
}

static void serve(int fd)
{
	static char head[16384];
	static int count;
	size_t have = 0, length = 0;
	char *end = NULL, *field, *body, number[16];

	while (!end) {
		ssize_t n = read(fd, head + have, sizeof(head) - 1 - have);
		if (n <= 0)
			return;
		have += n;
		head[have] = 0;
		end = strstr(head, "\r\n\r\n");
	}
	if (strncmp(head, "GET /count", 10) == 0) {
		snprintf(number, sizeof(number), "%d", ++count);
		answer(fd, number, strlen(number));
		return;
	}
	field = strcasestr(head, "\r\nContent-Length:");
	if (field)
		length = strtoul(field + 17, NULL, 10);
	body = malloc(length + 1);
	have -= end + 4 - head;
	memcpy(body, end + 4, have);
	while (have < length) {
		ssize_t n = read(fd, body + have, length - have);
		if (n <= 0)
			break;
		have += n;
	}
	answer(fd, body, have);
	free(body);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT"))) };
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 64) < 0)
		return 1;
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		serve(fd);
		close(fd);
	}
}
