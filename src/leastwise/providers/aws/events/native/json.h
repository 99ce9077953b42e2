/* JSON as it is written: values are walked and checked, not made. Strict: what this takes, every reader of JSON takes.

   Every function gets the first byte to look at and the end of the bytes, which is never read; it gives the byte after
   what it took, or NULL where that is no JSON, or none that is plain enough to be sure of. */
#ifndef LEASTWISE_JSON_H
#define LEASTWISE_JSON_H

#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef const uint8_t *Bytes;

enum { ESCAPED = 1, NOT_ASCII = 2 };
/* What a string has: escapes, bytes beyond ASCII. */

enum { DEEPEST = 64, LONGEST_NUMBER = 18 };

static inline Bytes blank(Bytes at, Bytes end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

/* One character of UTF-8 beyond ASCII: shortest form, no surrogate, not above the last plane. */
static Bytes character(Bytes at, Bytes end) {
    uint8_t first = *at;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || end - at <= more) return NULL;
    if ((first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] > 0x9f)) return NULL;
    if ((first == 0xf0 && at[1] < 0x90) || (first == 0xf4 && at[1] > 0x8f)) return NULL;
    for (int one = 1; one <= more; one++)
        if ((at[one] & 0xc0) != 0x80) return NULL;
    return at + more + 1;
}

/* The four digits of an escape; below zero where they are none. */
static int digits(Bytes at) {
    int value = 0;
    for (int one = 0; one < 4; one++) {
        uint8_t digit = at[one];
        if (digit >= '0' && digit <= '9') value = value * 16 + (digit - '0');
        else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') value = value * 16 + ((digit | 32) - 'a' + 10);
        else return -1;
    }
    return value;
}

/* Halves of characters are taken in pairs only. */
static Bytes escape(Bytes at, Bytes end, unsigned *has) {
    *has |= ESCAPED;
    if (end - at < 2) return NULL;
    if (at[1] != 'u') return at[1] && strchr("\"\\/bfnrt", at[1]) ? at + 2 : NULL;
    if (end - at < 6) return NULL;
    int first = digits(at + 2);
    if (first < 0 || (first >= 0xdc00 && first <= 0xdfff)) return NULL;
    if (first < 0xd800 || first > 0xdfff) return at + 6;
    if (end - at < 12 || at[6] != '\\' || at[7] != 'u') return NULL;
    int second = digits(at + 8);
    return second >= 0xdc00 && second <= 0xdfff ? at + 12 : NULL;
}

/* From after the first quote to the last quote, which is what is given. */
static Bytes closing(Bytes at, Bytes end, unsigned *has) {
    for (;;) {
#if defined(__SSE2__)
        const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), least = _mm_set1_epi8(0x20);
        while (end - at >= 16) {
            __m128i some = _mm_loadu_si128((const __m128i *)at);
            /* Bytes beyond ASCII are below zero, and so below the least that is printed. */
            __m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(some, quote), _mm_cmpeq_epi8(some, slash)),
                                       _mm_cmplt_epi8(some, least));
            int mask = _mm_movemask_epi8(odd);
            if (mask) {
                at += __builtin_ctz((unsigned)mask);
                break;
            }
            at += 16;
        }
#endif
        while (at < end && *at != '"' && *at != '\\' && *at >= 0x20 && *at < 0x80) at++;
        if (at >= end || *at < 0x20) return NULL;
        if (*at == '"') return at;
        if (*at == '\\') at = escape(at, end, has);
        else {
            *has |= NOT_ASCII;
            at = character(at, end);
        }
        if (!at) return NULL;
    }
}

static Bytes number(Bytes at, Bytes end) {
    Bytes begin = at;
    if (at < end && *at == '-') at++;
    if (at >= end || *at < '0' || *at > '9') return NULL;
    if (*at == '0') at++;
    else while (at < end && *at >= '0' && *at <= '9') at++;
    if (at < end && *at == '.') {
        Bytes after = ++at;
        while (at < end && *at >= '0' && *at <= '9') at++;
        if (at == after) return NULL;
    }
    if (at < end && ((*at | 32) == 'e' || (*at >= '0' && *at <= '9'))) return NULL;
    return at - begin <= LONGEST_NUMBER ? at : NULL;
}

static inline Bytes word(Bytes at, Bytes end, const char *text, size_t size) {
    return (size_t)(end - at) >= size && memcmp(at, text, size) == 0 ? at + size : NULL;
}

static Bytes value(Bytes at, Bytes end, int depth, unsigned *has);

/* The members of an object or a list, from after the sign that opens it. */
static Bytes members(Bytes at, Bytes end, uint8_t close, int depth, unsigned *has) {
    if (depth >= DEEPEST) return NULL;
    at = blank(at, end);
    if (at < end && *at == close) return at + 1;
    for (;;) {
        if (close == '}') {
            if (at >= end || *at != '"' || !(at = closing(at + 1, end, has))) return NULL;
            at = blank(at + 1, end);
            if (at >= end || *at != ':') return NULL;
            at = blank(at + 1, end);
        }
        if (!(at = value(at, end, depth + 1, has))) return NULL;
        at = blank(at, end);
        if (at >= end) return NULL;
        if (*at == close) return at + 1;
        if (*at != ',') return NULL;
        at = blank(at + 1, end);
    }
}

static Bytes value(Bytes at, Bytes end, int depth, unsigned *has) {
    if (at >= end) return NULL;
    switch (*at) {
    case '"': at = closing(at + 1, end, has); return at ? at + 1 : NULL;
    case '{': return members(at + 1, end, '}', depth, has);
    case '[': return members(at + 1, end, ']', depth, has);
    case 't': return word(at, end, "true", 4);
    case 'f': return word(at, end, "false", 5);
    case 'n': return word(at, end, "null", 4);
    default: return number(at, end);
    }
}

/* The next member of an object: its name, which is what lies between `*name` and `*named`, and the first byte of its
   value. `at` is at the name's first quote. */
static inline Bytes member(Bytes at, Bytes end, Bytes *name, Bytes *named, unsigned *has) {
    if (at >= end || *at != '"') return NULL;
    *name = at + 1;
    if (!(*named = closing(at + 1, end, has))) return NULL;
    at = blank(*named + 1, end);
    if (at >= end || *at != ':') return NULL;
    at = blank(at + 1, end);
    return at < end ? at : NULL;
}

/* After a value: the first quote of the next member's name, or the byte after the object, which sets `*last`. */
static inline Bytes onward(Bytes at, Bytes end, int *last) {
    at = blank(at, end);
    if (at >= end) return NULL;
    if (*at == '}') {
        *last = 1;
        return at + 1;
    }
    return *at == ',' ? blank(at + 1, end) : NULL;
}

#endif
