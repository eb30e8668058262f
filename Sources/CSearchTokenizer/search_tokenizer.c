#include "search_tokenizer.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>

// Stems are asked for again and again: a direct-mapped cache spares most runs of the stemmer.
enum { CACHE_SLOTS = 1 << 14, CACHE_WORD = 22, PIECE_LIMIT = 8, DIGIT_BORDER_LIMIT = 2, FOLD_LIMIT = 4096 };

typedef struct {
    uint8_t word_length, stem_length;
    char word[CACHE_WORD], stem[CACHE_WORD];
} cached_stem;

struct search_analyser {
    fts5_tokenizer unicode;
    Fts5Tokenizer *fold;
    struct sb_stemmer *stemmer;
    cached_stem *cache;
    sqlite3 *connection;  // only of an analyser that opened its own
};

typedef struct {
    search_analyser *analyser;
    const char *text;
    void *context;
    search_token_callback token;
    int base;  // offset of the run being folded
} run_state;

static int is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
static int is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
static int is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
static int is_letter(unsigned char c) { return is_upper(c) || is_lower(c); }
static int is_word_byte(unsigned char c) { return is_letter(c) || is_digit(c) || c >= 0x80; }

int search_stem(search_analyser *analyser, const char *word, int length, char *stem) {
    if (length < 3 || length > SEARCH_TOKEN_LIMIT) {
        int kept = length > SEARCH_TOKEN_LIMIT ? SEARCH_TOKEN_LIMIT : length;
        memcpy(stem, word, (size_t)kept);
        return kept;
    }
    cached_stem *slot = NULL;
    if (length <= CACHE_WORD) {
        uint32_t hash = 2166136261u;
        for (int i = 0; i < length; i++) hash = (hash ^ (unsigned char)word[i]) * 16777619u;
        slot = &analyser->cache[(hash ^ (hash >> 15)) & (CACHE_SLOTS - 1)];
        if (slot->word_length == length && memcmp(slot->word, word, (size_t)length) == 0) {
            memcpy(stem, slot->stem, slot->stem_length);
            return slot->stem_length;
        }
    }
    const sb_symbol *result = sb_stemmer_stem(analyser->stemmer, (const sb_symbol *)word, length);
    int kept = result == NULL ? length : sb_stemmer_length(analyser->stemmer);
    if (kept > SEARCH_TOKEN_LIMIT) kept = SEARCH_TOKEN_LIMIT;
    memcpy(stem, result == NULL ? word : (const char *)result, (size_t)kept);
    if (slot != NULL && kept <= CACHE_WORD) {
        slot->word_length = (uint8_t)length;
        slot->stem_length = (uint8_t)kept;
        memcpy(slot->word, word, (size_t)length);
        memcpy(slot->stem, stem, (size_t)kept);
    }
    return kept;
}

// One position: the token and, where it differs, its stem.
static int emit_word(run_state *run, int flags, const char *word, int length, int start, int end, int stems) {
    if (length > SEARCH_TOKEN_LIMIT) {
        length = SEARCH_TOKEN_LIMIT;
        while (length > 0 && ((unsigned char)word[length] & 0xC0) == 0x80) length--;
    }
    int result = run->token(run->context, flags, word, length, start, end);
    if (result != 0 || !stems) return result;
    int whole = flags & SEARCH_TOKEN_WHOLE;
    char stem[SEARCH_TOKEN_LIMIT + 1] = {1};
    int stem_length = search_stem(run->analyser, word, length, stem + 1);
    if (stem_length == length && memcmp(stem + 1, word, (size_t)length) == 0) return 0;
    return run->token(run->context, SEARCH_TOKEN_COLOCATED | SEARCH_TOKEN_STEM | whole, stem, stem_length + 1, start, end);
}

// Where an identifier divides: fooBar, HTTPServer, E4017. IDs and URLs stay whole, as do strings that look like a hash.
static int divide(const char *word, int length, int *borders) {
    int count = 0, digit_borders = 0;
    for (int i = 1; i < length; i++) {
        unsigned char before = (unsigned char)word[i - 1], here = (unsigned char)word[i];
        int at_digit = is_digit(before) != is_digit(here);
        int at_capital = is_upper(here) && is_lower(before);
        int after_capitals = is_upper(before) && is_upper(here) && i + 1 < length && is_lower((unsigned char)word[i + 1])
            && !(i + 2 == length && word[i + 1] == 's');
        if (!at_digit && !at_capital && !after_capitals) continue;
        digit_borders += at_digit;
        if (count == PIECE_LIMIT - 1 || digit_borders > DIGIT_BORDER_LIMIT) return 0;
        borders[count++] = i;
    }
    return count;
}

static int emit_ascii(run_state *run, const char *word, int length, int start, int end) {
    char folded[SEARCH_TOKEN_LIMIT];
    int kept = length > SEARCH_TOKEN_LIMIT ? SEARCH_TOKEN_LIMIT : length;
    int plain = 1;
    for (int i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)word[i];
        folded[i] = (char)(is_upper(c) ? c + 32 : c);
        plain &= is_lower(c) || (i == 0 && is_upper(c));
    }
    if (plain) return emit_word(run, 0, folded, kept, start, end, 1);
    int borders[PIECE_LIMIT];
    int count = divide(word, kept, borders);
    int letters = is_letter((unsigned char)word[0]);
    if (count == 0) return emit_word(run, 0, folded, kept, start, end, letters);
    int from = 0;
    for (int piece = 0; piece <= count; piece++) {
        int to = piece == count ? kept : borders[piece];
        int flags = piece == 0 ? 0 : SEARCH_TOKEN_PIECE;
        int last = piece == count ? end : start + to;
        int result = emit_word(run, flags, folded + from, to - from, start + from, last, is_letter((unsigned char)word[from]));
        if (result == 0 && piece == 0) {
            result = emit_word(
                run, SEARCH_TOKEN_COLOCATED | SEARCH_TOKEN_WHOLE, folded, kept, start, end, letters);
        }
        if (result != 0) return result;
        from = to;
    }
    return 0;
}

// Scripts written without spaces, where every character is a position of its own and words are found as phrases.
static int stands_alone(uint32_t c) {
    return (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) || (c >= 0x1780 && c <= 0x17FF)
        || (c >= 0x3041 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x20000 && c <= 0x3FFFF);
}

static int scalar_length(unsigned char first) {
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

static uint32_t scalar_at(const char *text, int length) {
    const unsigned char *b = (const unsigned char *)text;
    switch (length) {
        case 2: return (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
        case 3: return (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
        case 4:
            return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 | (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F);
        default: return b[0];
    }
}

// What unicode61 made of a stretch with other than ASCII letters: folded words and where they stood.
static int folded_word(void *context, int flags, const char *token, int length, int start, int end) {
    (void)flags;
    run_state *run = context;
    const char *original = run->text + run->base + start;
    int ascii = 1;
    for (int i = start; i < end && ascii; i++) ascii = (unsigned char)original[i - start] < 0x80;
    int from = run->base + start, to = run->base + end;
    if (ascii) return emit_ascii(run, original, end - start, from, to);
    int word = 0, position = 0, written = 0;
    int same_length = length == end - start;
    while (position < length) {
        int step = scalar_length((unsigned char)token[position]);
        if (position + step > length) step = length - position;
        if (stands_alone(scalar_at(token + position, step))) {
            int at = same_length ? from + position : from, until = same_length ? at + step : to;
            if (position > word) {
                int result = emit_word(run, 0, token + word, position - word, same_length ? from + word : from, at, 0);
                if (result != 0) return result;
            }
            int result = run->token(run->context, 0, token + position, step, at, until);
            if (result != 0) return result;
            word = position + step;
            written = 1;
        }
        position += step;
    }
    if (word == length) return 0;
    return emit_word(run, 0, token + word, length - word, same_length && written ? from + word : from, to, !written);
}

static int fold_stretch(run_state *run, int start, int end) {
    while (start < end) {
        int stop = end;
        if (end - start > FOLD_LIMIT) {
            stop = start + FOLD_LIMIT;
            while (stop > start + 1 && ((unsigned char)run->text[stop] & 0xC0) == 0x80) stop--;
        }
        run->base = start;
        int result = run->analyser->unicode.xTokenize(
            run->analyser->fold, run, FTS5_TOKENIZE_DOCUMENT, run->text + start, stop - start, folded_word);
        if (result != 0) return result;
        start = stop;
    }
    return 0;
}

// The length of an apostrophe at `at`, straight or typographic; 0 for anything else.
static int apostrophe(const char *text, int length, int at) {
    if (at < length && text[at] == '\'') return 1;
    if (at + 2 < length && memcmp(text + at, "\xE2\x80\x99", 3) == 0) return 3;
    return 0;
}

// The letters after an apostrophe that end a word: t of don't, s of user's. 0 where it is a quotation mark.
static int contraction(const char *text, int length, int at) {
    int count = 0;
    while (at + count < length && is_letter((unsigned char)text[at + count])) count++;
    int ends = at + count >= length || !is_word_byte((unsigned char)text[at + count]);
    return ends && count <= 2 ? count : 0;
}

int search_analyse(search_analyser *analyser, const char *text, int length, void *context, search_token_callback token) {
    run_state run = {analyser, text, context, token, 0};
    int position = 0;
    while (position < length) {
        if (!is_word_byte((unsigned char)text[position])) {
            int broken = text[position] == SEARCH_BREAK ? token(context, 0, "\x02", 1, position, position + 1) : 0;
            if (broken != 0) return broken;
            position++;
            continue;
        }
        int start = position, ascii = 1;
        while (position < length && is_word_byte((unsigned char)text[position])) {
            if (apostrophe(text, length, position) != 0) break;
            ascii &= (unsigned char)text[position] < 0x80;
            position++;
        }
        if (position == start) {
            position += apostrophe(text, length, position);
            continue;
        }
        int mark = apostrophe(text, length, position);
        int ending = mark == 0 || !ascii ? 0 : contraction(text, length, position + mark);
        int result;
        if (ending > 0 && position - start <= SEARCH_TOKEN_LIMIT) {
            char joined[SEARCH_TOKEN_LIMIT + 2];
            int kept = position - start;
            memcpy(joined, text + start, (size_t)kept);
            int owned = ending == 1 && (text[position + mark] | 0x20) == 's';
            if (!owned) {
                memcpy(joined + kept, text + position + mark, (size_t)ending);
                kept += ending;
            }
            position += mark + ending;
            result = emit_ascii(&run, joined, kept, start, position);
        } else if (ascii) {
            result = emit_ascii(&run, text + start, position - start, start, position);
        } else {
            result = fold_stretch(&run, start, position);
        }
        if (result != 0) return result;
    }
    return 0;
}

static fts5_api *api_of(sqlite3 *connection) {
    fts5_api *api = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

static search_analyser *analyser_with(fts5_api *api) {
    search_analyser *analyser = calloc(1, sizeof *analyser);
    if (analyser == NULL) return NULL;
    const char *options[] = {"remove_diacritics", "2"};
    void *data = NULL;
    analyser->cache = calloc(CACHE_SLOTS, sizeof *analyser->cache);
    analyser->stemmer = sb_stemmer_new("english", "UTF_8");
    int found = api != NULL && api->xFindTokenizer(api, "unicode61", &data, &analyser->unicode) == SQLITE_OK
        && analyser->unicode.xCreate(data, options, 2, &analyser->fold) == SQLITE_OK;
    if (found && analyser->cache != NULL && analyser->stemmer != NULL) return analyser;
    search_analyser_destroy(analyser);
    return NULL;
}

search_analyser *search_analyser_create(void) {
    sqlite3 *connection = NULL;
    search_analyser *analyser = NULL;
    if (sqlite3_open(":memory:", &connection) == SQLITE_OK) analyser = analyser_with(api_of(connection));
    if (analyser == NULL) {
        sqlite3_close(connection);
        return NULL;
    }
    analyser->connection = connection;
    return analyser;
}

void search_analyser_destroy(search_analyser *analyser) {
    if (analyser == NULL) return;
    if (analyser->fold != NULL) analyser->unicode.xDelete(analyser->fold);
    if (analyser->stemmer != NULL) sb_stemmer_delete(analyser->stemmer);
    free(analyser->cache);
    sqlite3_close(analyser->connection);
    free(analyser);
}

static int create_tokenizer(void *data, const char **options, int count, Fts5Tokenizer **tokenizer) {
    (void)options;
    (void)count;
    *tokenizer = (Fts5Tokenizer *)analyser_with(data);
    return *tokenizer == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

static void delete_tokenizer(Fts5Tokenizer *tokenizer) { search_analyser_destroy((search_analyser *)tokenizer); }

typedef struct {
    void *context;
    search_token_callback token;
} fts5_sink;

static int pass_on(void *context, int flags, const char *token, int length, int start, int end) {
    fts5_sink *sink = context;
    int colocated = flags & SEARCH_TOKEN_COLOCATED ? FTS5_TOKEN_COLOCATED : 0;
    return sink->token(sink->context, colocated, token, length, start, end);
}

// Queries arrive as tokens already; only documents are analysed.
static int tokenize(
    Fts5Tokenizer *tokenizer, void *context, int reason, const char *text, int length, search_token_callback token
) {
    if (!(reason & FTS5_TOKENIZE_QUERY)) {
        fts5_sink sink = {context, token};
        return search_analyse((search_analyser *)tokenizer, text, length, &sink, pass_on);
    }
    int start = 0;
    for (int i = 0; i <= length; i++) {
        if (i < length && text[i] != ' ') continue;
        int result = i > start ? token(context, 0, text + start, i - start, start, i) : 0;
        if (result != 0) return result;
        start = i + 1;
    }
    return 0;
}

void search_register_collector(fts5_api *api);

int search_register(sqlite3 *connection) {
    static fts5_tokenizer module = {create_tokenizer, delete_tokenizer, tokenize};
    fts5_api *api = api_of(connection);
    if (api == NULL) return SQLITE_ERROR;
    int result = api->xCreateTokenizer(api, "drawbridge", api, &module, NULL);
    if (result == SQLITE_OK) search_register_collector(api);
    return result;
}
