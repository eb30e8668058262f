// Words of a text, the same way for the index, for queries and for highlights.
//
// A text is a row of positions. Each position has one exact token (case and diacritics folded) and may have more at the same
// place: the stem of an English word, written \x01stem and only where it differs from the word, and the whole of an
// identifier whose pieces follow (NullPointerException: nullpointerexception and null, then pointer, then exception).
// Chinese, Japanese, Korean and the South-East Asian scripts without spaces give one position for each character.
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEARCH_TOKEN_LIMIT 64

// Stands between passages (ASCII's record separator) and takes a position, so that no phrase reaches across.
#define SEARCH_BREAK 0x1E

enum {
    SEARCH_TOKEN_COLOCATED = 1,  // at the position of the token before it
    SEARCH_TOKEN_STEM = 2,       // \x01 and the stem
    SEARCH_TOKEN_WHOLE = 4,      // the whole of an identifier
    SEARCH_TOKEN_PIECE = 8,      // a piece of an identifier, after its first
};

typedef struct search_analyser search_analyser;

// `start` and `end` are byte offsets of the token in the text. Anything but 0 stops the analysis and is returned.
typedef int (*search_token_callback)(void *context, int flags, const char *token, int length, int start, int end);

// NULL when memory is short or the SQLite library lacks FTS5. Not for two threads at once.
search_analyser *search_analyser_create(void);
void search_analyser_destroy(search_analyser *analyser);
int search_analyse(search_analyser *analyser, const char *text, int length, void *context, search_token_callback token);

// The English stem of an already folded word; writes at most SEARCH_TOKEN_LIMIT bytes and returns their number.
int search_stem(search_analyser *analyser, const char *word, int length, char *stem);

// Makes the tokenizer `drawbridge` and the function that search_collect needs known to a connection. An SQLite result code.
int search_register(sqlite3 *connection);

// Every document that matches an FTS5 expression, in ascending order.
typedef struct {
    int64_t *documents;
    // How often: 2 bits for the first column (up to 3), then 3 bits each for the second and third (steps of 0, 1, 2, 3, 4, 6, 9, 16).
    uint8_t *counts;
    uint32_t count;
    uint32_t capacity;
} search_postings;

// Tokens inside the expression's strings are taken as they are, parted by single spaces. An SQLite result code; on any but
// SQLITE_OK the postings are empty. Free with search_postings_free either way.
int search_collect(sqlite3 *connection, const char *table, const char *expression, search_postings *postings);
void search_postings_free(search_postings *postings);

#ifdef __cplusplus
}
#endif
