#ifndef NODE_CALLS_H
#define NODE_CALLS_H

/* The few calls of Node-API and libuv that the addon makes. Declared here because Debian's nodejs
 * package comes without headers; both interfaces keep their ABI (Node-API by promise, libuv within
 * 1.x). All are found in the running node at load time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_ref__ *napi_ref;
typedef struct napi_callback_info__ *napi_callback_info;
typedef struct napi_handle_scope__ *napi_handle_scope;
typedef struct napi_async_context__ *napi_async_context;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef int napi_status; /* 0 is success */

napi_status napi_create_function(napi_env, const char *name, size_t, napi_callback, void *, napi_value *);
napi_status napi_set_named_property(napi_env, napi_value object, const char *name, napi_value);
napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *count, napi_value *, napi_value *, void **);
napi_status napi_throw_error(napi_env, const char *code, const char *message);
napi_status napi_create_int32(napi_env, int32_t, napi_value *);
napi_status napi_get_value_int32(napi_env, napi_value, int32_t *);
napi_status napi_get_boolean(napi_env, bool, napi_value *);
napi_status napi_get_value_bool(napi_env, napi_value, bool *);
napi_status napi_get_value_string_utf8(napi_env, napi_value, char *, size_t, size_t *);
napi_status napi_get_buffer_info(napi_env, napi_value, void **data, size_t *length);
napi_status napi_get_value_double(napi_env, napi_value, double *);
napi_status napi_get_arraybuffer_info(napi_env, napi_value, void **data, size_t *length);
napi_status napi_delete_reference(napi_env, napi_ref);
napi_status napi_create_reference(napi_env, napi_value, uint32_t count, napi_ref *);
napi_status napi_get_reference_value(napi_env, napi_ref, napi_value *);
napi_status napi_open_handle_scope(napi_env, napi_handle_scope *);
napi_status napi_close_handle_scope(napi_env, napi_handle_scope);
napi_status napi_get_global(napi_env, napi_value *);
napi_status napi_make_callback(napi_env, napi_async_context, napi_value receiver, napi_value function,
			       size_t, const napi_value *, napi_value *);
napi_status napi_get_and_clear_last_exception(napi_env, napi_value *);
napi_status napi_fatal_exception(napi_env, napi_value);

/* The beginning of the structure, which is part of the ABI. */
typedef struct uv_loop_s {
	void *data;
	unsigned int active_handles;
	void *handle_queue[2];
	unsigned int active_requests; /* of a union */
} uv_loop_t;
typedef struct uv_poll_s uv_poll_t;
typedef void (*uv_poll_cb)(uv_poll_t *, int status, int events);

#define UV_POLL 8     /* of uv_handle_type */
#define UV_READABLE 1 /* of uv_poll_event */

napi_status napi_get_uv_event_loop(napi_env, uv_loop_t **);
size_t uv_handle_size(int type);
int uv_poll_init(uv_loop_t *, uv_poll_t *, int fd);
int uv_poll_start(uv_poll_t *, int events, uv_poll_cb);
int uv_poll_stop(uv_poll_t *);
void uv_unref(uv_poll_t *);

#endif
