/* The function's listening socket and its readiness pipe, for dev.rekindle.warmers.jvm.NativeCalls.
 *
 * Not java.nio: a function that interrupts the thread which serves it would close a channel for
 * good, and Java has no call for descriptor 3. */
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Above the numbers that programs which tidy up descriptors usually close. */
#define OUT_OF_THE_WAY 200
#define BACKLOG 128
#define MAX_PIECE 65536

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_dev_rekindle_warmers_jvm_NativeCalls_##name

static int fail(JNIEnv *env, const char *what)
{
	char text[256];
	jclass type = (*env)->FindClass(env, "java/io/IOException");

	strncpy(text, what, 100);
	text[100] = 0;
	strcat(text, ": ");
	strncat(text, strerror(errno), 100);
	if (type)
		(*env)->ThrowNew(env, type, text);
	return -1;
}

static int out_of_the_way(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);

	if (moved < 0)
		return fd; /* a limit below that number: it works where it is */
	close(fd);
	return moved;
}

NATIVE(jint, takeDescriptor)(JNIEnv *env, jclass self, jint fd)
{
	(void)self;
	if (fcntl(fd, F_GETFD) < 0)
		return fail(env, "readiness pipe");
	return out_of_the_way(fd);
}

NATIVE(jint, listen)(JNIEnv *env, jclass self, jbyteArray path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	jsize length = (*env)->GetArrayLength(env, path);
	int fd;

	(void)self;
	if (length >= (jsize)sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return fail(env, "path of the socket");
	}
	(*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)address.sun_path);
	unlink(address.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(env, "socket");
	/* All may connect: the directory around it decides who can. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(address.sun_path, 0666) < 0 || listen(fd, BACKLOG) < 0) {
		fail(env, address.sun_path);
		close(fd);
		return -1;
	}
	return out_of_the_way(fd);
}

NATIVE(jint, accept)(JNIEnv *env, jclass self, jint listener)
{
	int fd;

	(void)self;
	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? fail(env, "accept") : out_of_the_way(fd);
}

/* Reads at most a piece; 0 is the end of the stream. */
NATIVE(jint, read)(JNIEnv *env, jclass self, jint fd, jbyteArray bytes, jint offset, jint length)
{
	char piece[MAX_PIECE];
	ssize_t n;

	(void)self;
	do
		n = read(fd, piece, length < MAX_PIECE ? (size_t)length : MAX_PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(env, "read");
	(*env)->SetByteArrayRegion(env, bytes, offset, (jsize)n, (jbyte *)piece);
	return (jint)n;
}

/* Writes at most a piece, to a socket or a pipe. */
NATIVE(jint, write)(JNIEnv *env, jclass self, jint fd, jbyteArray bytes, jint offset, jint length)
{
	char piece[MAX_PIECE];
	jint size = length < MAX_PIECE ? length : MAX_PIECE;
	ssize_t n;

	(void)self;
	(*env)->GetByteArrayRegion(env, bytes, offset, size, (jbyte *)piece);
	if ((*env)->ExceptionCheck(env))
		return -1;
	do {
		/* A function may have given SIGPIPE its deadly default back. */
		n = send(fd, piece, (size_t)size, MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, piece, (size_t)size);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? fail(env, "write") : (jint)n;
}

NATIVE(void, close)(JNIEnv *env, jclass self, jint fd)
{
	(void)env;
	(void)self;
	close(fd);
}
