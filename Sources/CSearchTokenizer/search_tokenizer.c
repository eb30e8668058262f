#include "search_tokenizer.h"
