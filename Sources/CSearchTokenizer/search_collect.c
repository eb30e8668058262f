#include "search_tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int reserve(search_postings *postings) {
    if (postings->count < postings->capacity) return 1;
    uint32_t capacity = postings->capacity == 0 ? 256 : postings->capacity * 2;
    int64_t *documents = realloc(postings->documents, capacity * sizeof *documents);
    if (documents != NULL) postings->documents = documents;
    uint8_t *counts = realloc(postings->counts, capacity);
    if (counts != NULL) postings->counts = counts;
    if (documents == NULL || counts == NULL) return 0;
    postings->capacity = capacity;
    return 1;
}

static uint8_t step_of(int count) {
    return count < 4 ? (uint8_t)count : count < 6 ? 4 : count < 9 ? 5 : count < 16 ? 6 : 7;
}

// drawbridge_collect(table, postings): appends the current row with its counts. NULL, so that as a condition it lets no row
// through: the whole scan is one step.
static void collect(
    const Fts5ExtensionApi *api, Fts5Context *row, sqlite3_context *context, int count, sqlite3_value **values
) {
    search_postings *postings = count == 1 ? sqlite3_value_pointer(values[0], "search_postings") : NULL;
    if (postings == NULL) return;
    if (!reserve(postings)) {
        sqlite3_result_error_nomem(context);
        return;
    }
    int columns[3] = {0, 0, 0};
    int phrases = api->xPhraseCount(row);
    for (int phrase = 0; phrase < phrases; phrase++) {
        Fts5PhraseIter iterator;
        int column = -1, offset = -1;
        int result = api->xPhraseFirst(row, phrase, &iterator, &column, &offset);
        if (result != SQLITE_OK) {
            sqlite3_result_error_code(context, result);
            return;
        }
        while (column >= 0) {
            if (column < 3) columns[column]++;
            api->xPhraseNext(row, &iterator, &column, &offset);
        }
    }
    int first = columns[0] > 3 ? 3 : columns[0];
    postings->documents[postings->count] = api->xRowid(row);
    postings->counts[postings->count] = (uint8_t)(first | step_of(columns[1]) << 2 | step_of(columns[2]) << 5);
    postings->count++;
}

void search_register_collector(fts5_api *api);

void search_register_collector(fts5_api *api) {
    api->xCreateFunction(api, "drawbridge_collect", NULL, collect, NULL);
}

int search_collect(sqlite3 *connection, const char *table, const char *expression, search_postings *postings) {
    *postings = (search_postings){NULL, NULL, 0, 0};
    char sql[256];
    int written = snprintf(
        sql, sizeof sql, "SELECT 1 FROM %s WHERE %s MATCH ?2 AND drawbridge_collect(%s, ?1)", table, table, table);
    if (written < 0 || written >= (int)sizeof sql) return SQLITE_MISUSE;
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
    if (result == SQLITE_OK) result = sqlite3_bind_pointer(statement, 1, postings, "search_postings", NULL);
    if (result == SQLITE_OK) result = sqlite3_bind_text(statement, 2, expression, -1, SQLITE_STATIC);
    if (result == SQLITE_OK) {
        do result = sqlite3_step(statement);
        while (result == SQLITE_ROW);
        if (result == SQLITE_DONE) result = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (result != SQLITE_OK) search_postings_free(postings);
    return result;
}

void search_postings_free(search_postings *postings) {
    free(postings->documents);
    free(postings->counts);
    *postings = (search_postings){NULL, NULL, 0, 0};
}
