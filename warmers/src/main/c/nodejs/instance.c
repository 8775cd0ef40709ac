/* The part of a Node.js function's process that JavaScript cannot do:
 * - the function's listening socket, apart from Node's own streams, which functions replace or patch,
 *   and with a wait that stops the event loop: no timer may run in a clone before it is renewed;
 * - OpenSSL's generator, which Node offers no way to reseed;
 * - filling random bytes of before a snapshot anew (filled.c);
 * - giving free memory back.
 * All calls are made from Node's main thread. */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "filled.h"
#include "node_calls.h"

/* Programs that tidy up descriptors usually stop at a low number. */
#define OUT_OF_THE_WAY 200

/* Room for clients that come in a row and leave: connecting without waiting fails when it is full. */
#define BACKLOG 128

#define MAX_ARGUMENTS 3

static napi_env environment;
static napi_ref on_connection;
static uv_poll_t *watched;
static void (*rand_add)(const void *, int, double);
static void *(*current_isolate)(void);
static void (*low_memory)(void *isolate);

static int arguments(napi_env env, napi_callback_info info, napi_value *values, size_t wanted)
{
	size_t count = MAX_ARGUMENTS;

	return napi_get_cb_info(env, info, &count, values, NULL, NULL) == 0 && count >= wanted;
}

static napi_value number(napi_env env, int value)
{
	napi_value result = NULL;

	napi_create_int32(env, value, &result);
	return result;
}

static napi_value truth(napi_env env, bool value)
{
	napi_value result = NULL;

	napi_get_boolean(env, value, &result);
	return result;
}

static napi_value refuse(napi_env env, const char *what)
{
	napi_throw_error(env, strerrorname_np(errno), what);
	return NULL;
}

static int out_of_the_way(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);

	close(fd);
	return moved;
}

/* moveAway(fd): the same open file under a high number that children do not inherit. */
static napi_value move_away(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	int32_t fd;

	if (!arguments(env, info, given, 1) || napi_get_value_int32(env, given[0], &fd) != 0) {
		errno = EINVAL;
		return refuse(env, "moveAway takes a descriptor");
	}
	fd = out_of_the_way(fd);
	return fd < 0 ? refuse(env, "the descriptor cannot be moved") : number(env, fd);
}

/* listen(path): a socket to which all may connect, for the directory around it decides who can. A
 * path that begins with @ is a name of the network namespace, without a file. */
static napi_value listen_at(napi_env env, napi_callback_info info)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	napi_value given[MAX_ARGUMENTS];
	socklen_t bytes = sizeof(address);
	size_t length;
	int fd;

	if (!arguments(env, info, given, 1) ||
	    napi_get_value_string_utf8(env, given[0], address.sun_path, sizeof(address.sun_path), &length) != 0) {
		errno = EINVAL;
		return refuse(env, "listen takes a path");
	}
	if (*address.sun_path == '@') {
		*address.sun_path = 0;
		bytes = offsetof(struct sockaddr_un, sun_path) + length;
	} else {
		unlink(address.sun_path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, bytes) < 0 ||
	    (*address.sun_path && chmod(address.sun_path, 0666) < 0) || listen(fd, BACKLOG) < 0 || (fd = out_of_the_way(fd)) < 0)
		return refuse(env, "the function's socket cannot be opened");
	return number(env, fd);
}

static void readable(uv_poll_t *handle, int status, int events)
{
	napi_value callback, global, result, error;
	napi_handle_scope scope;

	(void)handle, (void)status, (void)events;
	if (napi_open_handle_scope(environment, &scope) != 0)
		return;
	if (napi_get_reference_value(environment, on_connection, &callback) == 0 &&
	    napi_get_global(environment, &global) == 0 &&
	    napi_make_callback(environment, NULL, global, callback, 0, NULL, &result) != 0 &&
	    napi_get_and_clear_last_exception(environment, &error) == 0)
		napi_fatal_exception(environment, error);
	napi_close_handle_scope(environment, scope);
}

/* watch(fd, callback): has the event loop call back while a client waits, once resume() is called. */
static napi_value watch(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	uv_loop_t *loop;
	int32_t fd;

	watched = calloc(1, uv_handle_size(UV_POLL));
	if (!watched || !arguments(env, info, given, 2) || napi_get_value_int32(env, given[0], &fd) != 0 ||
	    napi_create_reference(env, given[1], 1, &on_connection) != 0 ||
	    napi_get_uv_event_loop(env, &loop) != 0 || uv_poll_init(loop, watched, fd) != 0) {
		errno = EINVAL;
		return refuse(env, "the function's socket cannot be watched");
	}
	environment = env;
	return NULL;
}

/* resume(): from now on clients are looked for, which keeps the process alive. */
static napi_value resume(napi_env env, napi_callback_info info)
{
	(void)info;
	if (uv_poll_start(watched, UV_READABLE, readable) != 0) {
		errno = EINVAL;
		return refuse(env, "the function's socket cannot be watched");
	}
	return NULL;
}

/* pause(): clients wait, and the event loop may run empty. */
static napi_value pause_watch(napi_env env, napi_callback_info info)
{
	(void)env, (void)info;
	uv_poll_stop(watched);
	return NULL;
}

/* unref(): clients are looked for without keeping the process alive. */
static napi_value unref_watch(napi_env env, napi_callback_info info)
{
	(void)env, (void)info;
	uv_unref(watched);
	return NULL;
}

/* activeRequests(): how many requests of the event loop are under way, jobs of the thread pool among
 * them, which Node.js does not list. */
static napi_value active_requests(napi_env env, napi_callback_info info)
{
	uv_loop_t *loop;

	(void)info;
	return number(env, napi_get_uv_event_loop(env, &loop) == 0 ? (int)loop->active_requests : 0);
}

/* accept(fd, wait): the next client's descriptor; -1 if there is none and none was to be waited for.
 * While it waits the event loop stands still. */
static napi_value accept_client(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	int32_t listener;
	bool wait;
	int fd;

	if (!arguments(env, info, given, 2) || napi_get_value_int32(env, given[0], &listener) != 0 ||
	    napi_get_value_bool(env, given[1], &wait) != 0) {
		errno = EINVAL;
		return refuse(env, "accept takes a descriptor and a truth value");
	}
	for (;;) {
		struct pollfd entry = { .fd = listener, .events = POLLIN };

		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			return number(env, out_of_the_way(fd));
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			return refuse(env, "the function's socket does not accept");
		if (!wait && errno == EAGAIN)
			return number(env, -1);
		if (errno == EAGAIN)
			poll(&entry, 1, -1);
	}
}

/* receive(fd, buffer): bytes received, at most the buffer's length; 0 at the end, -1 if it broke. */
static napi_value receive(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	int32_t fd;
	void *data;
	size_t size;
	ssize_t n;

	if (!arguments(env, info, given, 2) || napi_get_value_int32(env, given[0], &fd) != 0 ||
	    napi_get_buffer_info(env, given[1], &data, &size) != 0) {
		errno = EINVAL;
		return refuse(env, "receive takes a descriptor and a buffer");
	}
	do
		n = recv(fd, data, size, 0);
	while (n < 0 && errno == EINTR);
	return number(env, n);
}

/* One piece; MSG_NOSIGNAL because a function may have given SIGPIPE its deadly default back. */
static ssize_t put(int fd, const char *data, size_t size)
{
	ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

	return n < 0 && errno == ENOTSOCK ? write(fd, data, size) : n;
}

/* send(fd, buffer): writes all of it, waiting as long as it takes; false if the other side is gone. */
static napi_value send_all(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	int32_t fd;
	void *data;
	size_t size, done = 0;

	if (!arguments(env, info, given, 2) || napi_get_value_int32(env, given[0], &fd) != 0 ||
	    napi_get_buffer_info(env, given[1], &data, &size) != 0) {
		errno = EINVAL;
		return refuse(env, "send takes a descriptor and a buffer");
	}
	while (done < size) {
		struct pollfd entry = { .fd = fd, .events = POLLOUT };
		ssize_t n = put(fd, (const char *)data + done, size - done);

		if (n >= 0)
			done += n;
		else if (errno == EAGAIN)
			poll(&entry, 1, -1);
		else if (errno != EINTR)
			return truth(env, false);
	}
	return truth(env, true);
}

/* close(fd) */
static napi_value close_descriptor(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	int32_t fd;

	if (arguments(env, info, given, 1) && napi_get_value_int32(env, given[0], &fd) == 0)
		close(fd);
	return NULL;
}

/* canReseed(): whether this node shows OpenSSL's generator. */
static napi_value can_reseed(napi_env env, napi_callback_info info)
{
	(void)info;
	return truth(env, rand_add != NULL);
}

/* reseed(buffer): reseeds OpenSSL's root generator with the bytes and anew from the kernel. The
 * generators of all threads, public and private, hang below it and follow before their next byte. */
static napi_value reseed(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	void *data;
	size_t size;

	if (!rand_add || !arguments(env, info, given, 1) ||
	    napi_get_buffer_info(env, given[0], &data, &size) != 0) {
		errno = rand_add ? EINVAL : ENOSYS;
		return refuse(env, "OpenSSL's generator cannot be reseeded");
	}
	rand_add(data, size, size);
	return NULL;
}

/* random(buffer): fills it from the kernel. */
static napi_value fill_random(napi_env env, napi_callback_info info)
{
	napi_value given[MAX_ARGUMENTS];
	void *data;
	size_t size;

	if (!arguments(env, info, given, 1) || napi_get_buffer_info(env, given[0], &data, &size) != 0 ||
	    getrandom(data, size, 0) != (ssize_t)size)
		return refuse(env, "random takes a buffer of at most 256 bytes");
	return NULL;
}

/* collect(): has V8 free all that it can, its spare young generation too, which gc() keeps. False if
 * this V8 does not show the call. It is the embedder's, not Node-API's, and so found by its mangled
 * name, which has been the same since 2014. */
static napi_value collect(napi_env env, napi_callback_info info)
{
	(void)info;
	if (!current_isolate || !low_memory)
		return truth(env, false);
	low_memory(current_isolate());
	return truth(env, true);
}

/* trim(): gives memory that the C library holds free back to the kernel. */
static napi_value trim(napi_env env, napi_callback_info info)
{
	(void)env, (void)info;
	malloc_trim(0);
	return NULL;
}

/* Node calls it by this name when it loads the addon. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports);

napi_value napi_register_module_v1(napi_env env, napi_value exports)
{
	static const struct {
		const char *name;
		napi_callback function;
	} calls[] = {
		{ "moveAway", move_away },   { "listen", listen_at },     { "watch", watch },
		{ "resume", resume },	     { "pause", pause_watch },    { "accept", accept_client },
		{ "receive", receive },	     { "send", send_all },        { "close", close_descriptor },
		{ "canReseed", can_reseed }, { "reseed", reseed },        { "collect", collect },
		{ "random", fill_random },   { "trim", trim },	          { "unref", unref_watch },
		{ "remember", remember },    { "refill", refill },        { "activeRequests", active_requests },
	};

	/* Looked up now: a native module of the function may bring another OpenSSL later. */
	*(void **)&rand_add = dlsym(RTLD_DEFAULT, "RAND_add");
	*(void **)&current_isolate = dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv");
	*(void **)&low_memory = dlsym(RTLD_DEFAULT, "_ZN2v87Isolate21LowMemoryNotificationEv");
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		napi_value function;

		if (napi_create_function(env, calls[i].name, (size_t)-1, calls[i].function, NULL, &function) != 0 ||
		    napi_set_named_property(env, exports, calls[i].name, function) != 0)
			return NULL;
	}
	return exports;
}
