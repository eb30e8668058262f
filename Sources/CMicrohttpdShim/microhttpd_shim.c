#include "microhttpd_shim.h"
