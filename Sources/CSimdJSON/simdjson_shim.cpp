#include "simdjson_shim.h"

#include <simdjson.h>

struct simdjson_shim {
    simdjson::dom::parser parser;
    size_t max_depth;
};

extern "C" simdjson_shim *simdjson_shim_new(size_t max_depth) {
    auto *shim = new simdjson_shim;
    shim->max_depth = max_depth;
    return shim;
}

extern "C" void simdjson_shim_free(simdjson_shim *shim) { delete shim; }

extern "C" int simdjson_shim_parse(
    simdjson_shim *shim, const uint8_t *bytes, size_t length, const uint64_t **tape, const uint8_t **strings) {
    // Depth changes only through allocate(); simdjson then grows the capacity it needs for this document.
    if (shim->parser.capacity() < length || shim->parser.max_depth() != shim->max_depth) {
        if (auto error = shim->parser.allocate(length, shim->max_depth)) return error;
    }
    auto result = shim->parser.parse(bytes, length, true);
    if (result.error()) return result.error();
    *tape = shim->parser.doc.tape.get();
    *strings = shim->parser.doc.string_buf.get();
    return 0;
}

extern "C" const char *simdjson_shim_message(int code) {
    return simdjson::error_message(static_cast<simdjson::error_code>(code));
}
