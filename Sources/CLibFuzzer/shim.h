#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library: part of the toolchain, without a header of its own.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*callback)(const uint8_t *bytes, size_t length));
