#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A simdjson DOM parser; not safe to share between threads.
typedef struct simdjson_shim simdjson_shim;

/// `max_depth` bounds nesting; deeper documents are an error.
simdjson_shim *simdjson_shim_new(size_t max_depth);
void simdjson_shim_free(simdjson_shim *);

/// Parses `length` bytes. Returns 0, or simdjson's error code. `tape` and `strings` stay valid until the next parse or free.
int simdjson_shim_parse(
    simdjson_shim *, const uint8_t *bytes, size_t length, const uint64_t **tape, const uint8_t **strings);

/// simdjson's own words for an error code.
const char *simdjson_shim_message(int code);

#ifdef __cplusplus
}
#endif
