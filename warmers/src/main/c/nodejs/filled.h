#ifndef FILLED_H
#define FILLED_H

/* filled.c: ranges of buffers that were filled with random bytes. */

#include "node_calls.h"

/* remember(arrayBuffer, offset, length): the range holds random bytes now. */
napi_value remember(napi_env env, napi_callback_info info);

/* refill(): gives the ranges new random bytes, where they still hold what was remembered. */
napi_value refill(napi_env env, napi_callback_info info);

#endif
