/* Remembers which ranges of which buffers were filled with random bytes, by weak references: buffers
 * are collected as ever. In place of the bytes it keeps their digests, to see later whether the
 * program has put something else there. JavaScript's WeakRef would not do: it holds what it refers to
 * until the end of the turn, so a loop that draws a million times would keep a million buffers. */
#include "filled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Up to here a range is one value, an id or a key: refilled as a whole or not at all. */
#define WHOLE_BYTES 64

/* Longer ranges are pools. They are compared in this many pieces at most, of this size at least. */
#define MAX_PIECES 256
#define MIN_PIECE_BYTES 16

/* Ranges that may come before those that are over are looked for. */
#define FIRST_SWEEP 1024

struct range {
	napi_ref buffer; /* weak */
	size_t offset, length, piece;
	uint64_t digests[];
};

static struct range **ranges;
static size_t count, room;
static size_t sweep_at = FIRST_SWEEP;

/* Multiplies and folds 8 bytes at a time: chance must not make other bytes look the same, nobody
 * tries to. */
static uint64_t digest(const uint8_t *bytes, size_t length)
{
	unsigned __int128 product;
	uint64_t state = 0x9e3779b97f4a7c15u ^ length, word;

	while (length > 0) {
		size_t n = length < sizeof(word) ? length : sizeof(word);

		word = 0;
		memcpy(&word, bytes, n);
		product = (unsigned __int128)(state ^ word) * 0xd6e8feb86659fd93u;
		state = (uint64_t)product ^ (uint64_t)(product >> 64) ^ 0xa0761d6478bd642fu;
		bytes += n;
		length -= n;
	}
	return state;
}

static size_t piece_bytes(size_t length)
{
	size_t piece = (length + MAX_PIECES - 1) / MAX_PIECES;

	if (length <= WHOLE_BYTES)
		return length;
	if (piece < MIN_PIECE_BYTES)
		return MIN_PIECE_BYTES;
	return (piece + MIN_PIECE_BYTES - 1) / MIN_PIECE_BYTES * MIN_PIECE_BYTES;
}

static size_t pieces(const struct range *range)
{
	return (range->length + range->piece - 1) / range->piece;
}

static size_t piece_at(const struct range *range, size_t i)
{
	size_t left = range->length - i * range->piece;

	return left < range->piece ? left : range->piece;
}

/* Where the range lies now; NULL if its buffer is gone, detached or shorter. */
static uint8_t *find(napi_env env, const struct range *range)
{
	napi_value buffer = NULL;
	size_t length;
	void *data;

	if (napi_get_reference_value(env, range->buffer, &buffer) != 0 || !buffer ||
	    napi_get_arraybuffer_info(env, buffer, &data, &length) != 0 || !data ||
	    range->offset > length || range->length > length - range->offset)
		return NULL;
	return (uint8_t *)data + range->offset;
}

static int fill(uint8_t *at, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = getrandom(at, bytes, 0);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			at += n;
			bytes -= n;
		}
	}
	return 0;
}

/* Whether some of the range is still as it was filled, and if it is to be renewed, renews that. */
static int is_live(napi_env env, struct range *range, int renew)
{
	uint8_t *at = find(env, range);
	int live = 0;

	if (!at)
		return 0;
	for (size_t i = 0; i < pieces(range); i++) {
		uint8_t *piece = at + i * range->piece;
		size_t bytes = piece_at(range, i);

		if (digest(piece, bytes) != range->digests[i])
			continue;
		live = 1;
		if (!renew)
			return 1;
		if (fill(piece, bytes) < 0)
			abort(); /* a twin that goes on is worse than one that ends */
		range->digests[i] = digest(piece, bytes);
	}
	return live;
}

/* Forgets the ranges that are over, and renews the others if asked to. */
static void sweep(napi_env env, int renew)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		napi_handle_scope scope;
		int live;

		if (napi_open_handle_scope(env, &scope) != 0) {
			ranges[kept++] = ranges[i];
			continue;
		}
		live = is_live(env, ranges[i], renew);
		napi_close_handle_scope(env, scope);
		if (live) {
			ranges[kept++] = ranges[i];
		} else {
			napi_delete_reference(env, ranges[i]->buffer);
			free(ranges[i]);
		}
	}
	count = kept;
	sweep_at = 2 * kept < FIRST_SWEEP ? FIRST_SWEEP : 2 * kept;
}

static int has_room(void)
{
	struct range **grown;

	if (count < room)
		return 1;
	grown = realloc(ranges, (2 * room + 64) * sizeof(*ranges));
	if (!grown)
		return 0;
	ranges = grown;
	room = 2 * room + 64;
	return 1;
}

napi_value remember(napi_env env, napi_callback_info info)
{
	napi_value given[3];
	size_t arguments = 3, whole, piece;
	double offset, length;
	struct range *range;
	void *data;

	/* Whatever is wrong here (memory that is shared, an empty range), the caller has its bytes. */
	if (napi_get_cb_info(env, info, &arguments, given, NULL, NULL) != 0 || arguments < 3 ||
	    napi_get_arraybuffer_info(env, given[0], &data, &whole) != 0 || !data ||
	    napi_get_value_double(env, given[1], &offset) != 0 ||
	    napi_get_value_double(env, given[2], &length) != 0 || !(length >= 1) || !(offset >= 0) ||
	    offset + length > whole)
		return NULL;
	if (count >= sweep_at)
		sweep(env, 0);
	piece = piece_bytes(length);
	range = malloc(sizeof(*range) +
		       ((size_t)length + piece - 1) / piece * sizeof(*range->digests));
	if (!range)
		return NULL;
	range->offset = offset;
	range->length = length;
	range->piece = piece;
	if (!has_room() || napi_create_reference(env, given[0], 0, &range->buffer) != 0) {
		free(range);
		return NULL;
	}
	for (size_t i = 0; i < pieces(range); i++)
		range->digests[i] = digest((uint8_t *)data + range->offset + i * piece, piece_at(range, i));
	ranges[count++] = range;
	return NULL;
}

napi_value refill(napi_env env, napi_callback_info info)
{
	(void)info;
	sweep(env, 1);
	return NULL;
}
