/* Skeletons (skeletons.py) and what calls of their forms tell (forms.py), as requests.py has learnt them. What matches
   here, with names that are plain, tells what the form says; whatever else is left to the code that learns. */
#ifndef LEASTWISE_SKELETON_H
#define LEASTWISE_SKELETON_H

#include "held.h"
#include "json.h"

enum { GROUPS = 30, HOLES = 8, FORMS_HELD = 30, ENDS = 8, LONGEST_NAME = 100, LONGEST_VALUE = 300, LONGEST_TEXT = 8192 };
enum { BETWEEN = 0x1e };

/* The expressions of skeletons.py, by the letters that skeletons.py gives them. */
enum {
    LITERAL = 'l', CUT = 'c', CUT_WIDE = 'w', KEY = 'k', OBJECT = 'o', WHOLE = 'v', SCALAR = 's',
    ANY = 'a', ANY_INNER = 'i', ANY_SCALAR = 'n'
};

typedef struct {
    uint8_t letter;
    Span text;
} Piece;

/* Signs that may follow one another, at least and at most so often. */
typedef struct {
    uint8_t signs[16];
    uint32_t least, most;
} Item;

/* One of the lots of items that a form says, `number`: its value is in two groups, and may not end with some texts. */
typedef struct {
    uint8_t number, head, tail, ends;
    uint32_t item, items;
    Span end[ENDS];
} Rule;

typedef struct {
    Held text;    /* of literals, words and endings */
    Held pieces;  /* Piece */
    Held rules;   /* Rule */
    Held items;   /* Item */
    Held words;   /* Span: what no name may be called */
    uint8_t groups, holes, hole[HOLES], first[HOLES], exact[GROUPS], exacts;
    uint8_t answer, roles;
    uint32_t forms; /* a bit for each form */
} Skeleton;

typedef struct {
    Bytes at, end;
} Part;

static inline size_t length(Part part) { return (size_t)(part.end - part.at); }
static inline int same(Part one, Part other) {
    return length(one) == length(other) && memcmp(one.at, other.at, length(one)) == 0;
}

enum { IN_NAME = 1, IN_WIDE_NAME = 2, AFTER_SCALAR = 4 };
static uint8_t SIGNS[256];
/* What each byte may be: see skeletons.py for the classes. */

static void sort_signs(void) {
    static const char name[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-";
    static const char wide[] = "$[]@=+,#~!;&'()<>|^", after[] = "{}[],:\"";
    for (const char *one = name; *one; one++) SIGNS[(uint8_t)*one] |= IN_NAME | IN_WIDE_NAME;
    for (const char *one = wide; *one; one++) SIGNS[(uint8_t)*one] |= IN_WIDE_NAME;
    for (const char *one = after; *one; one++) SIGNS[(uint8_t)*one] |= AFTER_SCALAR;
    for (int one = 0; one <= ' '; one++) SIGNS[one] |= AFTER_SCALAR;
}

static inline int is_name(uint8_t sign) { return SIGNS[sign] & IN_NAME; }
static inline int ends_scalar(uint8_t sign) { return SIGNS[sign] & AFTER_SCALAR; }

/* Up to the next quote; NULL where there is an escape before, or none. */
static inline Bytes plain(Bytes at, Bytes end) {
    while (at < end && *at != '"' && *at != '\\') at++;
    return at < end && *at == '"' ? at : NULL;
}

static int cut_name(Bytes at, Bytes end, int wide, Part *group) {
    Bytes name = end;
    while (name > at && name[-1] != '/' && name[-1] != ':') name--;
    if (name == end || end - name > LONGEST_NAME) return 0;
    uint8_t in = wide ? IN_WIDE_NAME : IN_NAME;
    for (Bytes one = name; one < end; one++)
        if (!(SIGNS[*one] & in)) return 0;
    group[0] = (Part){at, name};
    group[1] = (Part){name, end};
    return 2;
}

static int cut_key(Bytes at, Bytes end, Part *group) {
    Bytes slash = memchr(at, '/', (size_t)(end - at));
    if (!slash || memchr(at, ' ', (size_t)(end - at))) return 0;
    group[0] = (Part){at, slash + 1};
    group[1] = (Part){slash + 1, end};
    return 2;
}

static int cut_object(Bytes at, Bytes end, Part *group) {
    Bytes one = word(at, end, "arn:aws", 7);
    if (!one) return 0;
    while (one < end && (*one == '-' || (*one >= 'a' && *one <= 'z'))) one++;
    if (!(one = word(one, end, ":s3:::", 6))) return 0;
    group[0] = (Part){at, one};
    Bytes name = one;
    while (one < end && is_name(*one)) one++;
    if (one == name || one - name > LONGEST_NAME || one == end || *one != '/') return 0;
    group[1] = (Part){name, one};
    Bytes slash = memchr(one + 1, '/', (size_t)(end - one - 1));
    if (!slash || memchr(one, ' ', (size_t)(end - one))) return 0;
    group[2] = (Part){one, slash + 1};
    group[3] = (Part){slash + 1, end};
    return 4;
}

/* Holds a text, which is ASCII, against a skeleton; the groups, or 0 where it does not match. */
static int matched(const Skeleton *of, Bytes at, Bytes end, Part *group) {
    int groups = 0;
    const Piece *piece = (const Piece *)of->pieces.at, *last = piece + of->pieces.size / sizeof *piece;
    for (; piece < last; piece++) {
        Bytes begin = at;
        int more = 0;
        if (piece->letter == LITERAL) {
            if ((size_t)(end - at) < piece->text.size) return 0;
            if (memcmp(at, of->text.at + piece->text.at, piece->text.size)) return 0;
            at += piece->text.size;
            continue;
        }
        if (piece->letter == SCALAR || piece->letter == ANY_SCALAR) {
            while (at < end && !ends_scalar(*at)) at++;
            if (at == begin) return 0;
            if (piece->letter == SCALAR) group[groups++] = (Part){begin, at};
            continue;
        }
        if (piece->letter == ANY || piece->letter == ANY_INNER) {
            if (piece->letter == ANY && at < end && (*at == '\\' || word(at, end, "arn:", 4))) return 0;
            unsigned has = 0;
            if (!(at = closing(at, end, &has))) return 0;
            continue;
        }
        if (!(at = plain(at, end))) return 0;
        switch (piece->letter) {
        case CUT: more = cut_name(begin, at, 0, group + groups); break;
        case CUT_WIDE: more = cut_name(begin, at, 1, group + groups); break;
        case KEY: more = cut_key(begin, at, group + groups); break;
        case OBJECT: more = cut_object(begin, at, group + groups); break;
        default: group[groups] = (Part){begin, at}; more = 1;
        }
        if (!more) return 0;
        groups += more;
    }
    return at == end && groups == of->groups ? groups + 1 : 0;
}

/* Whether a value is what a rule says, its items one after the other. */
static int ruled(const Skeleton *of, const Rule *rule, const Part *group) {
    uint8_t value[LONGEST_VALUE], reached[LONGEST_VALUE + 1] = {1};
    Part head = group[rule->head], tail = group[rule->tail];
    uint32_t size = (uint32_t)(length(head) + length(tail));
    memcpy(value, head.at, length(head));
    memcpy(value + length(head), tail.at, length(tail));
    for (uint32_t one = 0; one < rule->items; one++) {
        const Item *item = (const Item *)of->items.at + rule->item + one;
        uint8_t next[LONGEST_VALUE + 1] = {0};
        for (uint32_t from = 0; from <= size; from++) {
            if (!reached[from]) continue;
            for (uint32_t many = 0;; many++) {
                if (many >= item->least) next[from + many] = 1;
                if (many >= item->most || from + many >= size) break;
                uint8_t sign = value[from + many];
                if (sign >= 0x80 || !(item->signs[sign >> 3] & (1 << (sign & 7)))) break;
            }
        }
        memcpy(reached, next, size + 1);
    }
    if (!reached[size]) return 0;
    for (int one = 0; one < rule->ends; one++) {
        Span end = rule->end[one];
        if (size >= end.size && memcmp(value + size - end.size, of->text.at + end.at, end.size) == 0) return 0;
    }
    return 1;
}

static int among(Part name, const Span *words, size_t many, Bytes text) {
    for (size_t at = 0; at < many; at++)
        if (words[at].size == length(name) && memcmp(text + words[at].at, name.at, words[at].size) == 0) return 1;
    return 0;
}

/* Whether a name stands, between slashes and colons, in a text that counts as it is. */
static int stands_in(Part name, Part text) {
    for (Bytes at = text.at, begin = at;; at++) {
        if (at < text.end && *at != '/' && *at != ':') continue;
        if ((size_t)(at - begin) == length(name) && at > begin && memcmp(begin, name.at, length(name)) == 0) return 1;
        if (at >= text.end) return 0;
        begin = at + 1;
    }
}

/* Whether nothing of the names counts but that they are names (`Skeleton._plain`), and which forms they do not have, a
   bit each (`Skeleton._forms`). */
static int plainly(const Skeleton *of, const Part *group, uint32_t *lacking) {
    const Span *words = (const Span *)of->words.at;
    size_t many = of->words.size / sizeof *words;
    for (int one = 0; one < of->holes; one++) {
        Part name = group[of->hole[one]];
        if (among(name, words, many, of->text.at)) return 0;
        int first = 0;
        while (!same(group[of->hole[first]], name)) first++;
        if (first != of->first[one]) return 0;
        for (int other = 0; other < of->exacts; other++)
            if (stands_in(name, group[of->exact[other]])) return 0;
    }
    const Rule *rule = (const Rule *)of->rules.at, *last = rule + of->rules.size / sizeof *rule;
    *lacking = of->forms;
    for (; rule < last; rule++) {
        if (length(group[rule->head]) + length(group[rule->tail]) > LONGEST_VALUE) return 0;
        if (*lacking >> rule->number & 1 && ruled(of, rule, group)) *lacking &= ~(1u << rule->number);
    }
    return 1;
}

/* A text with holes: pieces, and between them which hole's name stands there. */
typedef struct {
    uint8_t pieces, which[HOLES];
    Span piece[HOLES + 1];
} Holed;

/* What is told: `kind`, resource, bucket and facts. */
typedef struct {
    int32_t kind;
    Holed text[3];
} Form;

/* Puts a text with its holes filled; -1 where there is no memory. */
static int filled(const Holed *of, const Held *texts, const Skeleton *skeleton, const Part *group, Held *into) {
    for (int one = 0; one < of->pieces; one++) {
        if (one) {
            Part name = group[skeleton->hole[of->which[one - 1]]];
            if (put(into, name.at, length(name))) return -1;
        }
        if (put(into, texts->at + of->piece[one].at, of->piece[one].size)) return -1;
    }
    return 0;
}

#endif
