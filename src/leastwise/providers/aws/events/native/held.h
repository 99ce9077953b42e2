/* Memory that grows, and texts numbered in the order in which they came. What cannot be had is told, never assumed. */
#ifndef LEASTWISE_HELD_H
#define LEASTWISE_HELD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *at;
    size_t size, room;
} Held;

/* Room for so many bytes more, whose place is given; NULL where there is no memory. */
static inline uint8_t *more(Held *held, size_t bytes) {
    if (bytes > SIZE_MAX / 4 - held->size) return NULL;
    size_t wanted = held->size + bytes;
    if (wanted > held->room || !held->at) {
        size_t room = wanted + wanted / 2 + 256;
        uint8_t *at = realloc(held->at, room);
        if (!at) return NULL;
        held->at = at;
        held->room = room;
    }
    uint8_t *place = held->at + held->size;
    held->size = wanted;
    return place;
}

static inline int put(Held *held, const void *bytes, size_t size) {
    uint8_t *place = more(held, size);
    if (!place) return -1;
    if (size) memcpy(place, bytes, size);
    return 0;
}

static void drop(Held *held) {
    free(held->at);
    memset(held, 0, sizeof *held);
}

/* Where a text lies in what is held. */
typedef struct {
    uint32_t at, size;
} Span;

typedef struct {
    uint64_t hash;
    uint32_t at, size;
    int32_t number;
} Slot;

/* Numbers of texts. `value` is what a number stands for outside, below zero where that is not known; `row` is the row
   that had the text first since then, below zero where no row waits for it. */
typedef struct {
    Slot *slots;
    uint32_t room, count;
    Held texts, values, rows;
} Numbers;

static inline uint64_t mixed(uint64_t one, uint64_t other) {
    unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A hash that nobody can foretell who does not know the seed: logs are written by others. */
static uint64_t hashed(const uint8_t *text, size_t size, uint64_t seed) {
    uint64_t hash = seed ^ mixed(size ^ 0xa0761d6478bd642full, seed ^ 0xe7037ed1a0b428dbull), part, next;
    while (size >= 16) {
        memcpy(&part, text, 8);
        memcpy(&next, text + 8, 8);
        hash = mixed(part ^ seed, next ^ hash);
        text += 16;
        size -= 16;
    }
    part = next = 0;
    memcpy(&part, text, size > 8 ? 8 : size);
    if (size > 8) memcpy(&next, text + 8, size - 8);
    return mixed(part ^ seed ^ 0x8ebc6af09c88c6e3ull, next ^ hash ^ 0x589965cc75374cc3ull);
}

static int widened(Numbers *of) {
    uint32_t room = of->room ? of->room * 2 : 64;
    if (!room) return -1;
    Slot *slots = malloc(room * sizeof *slots);
    if (!slots) return -1;
    for (uint32_t at = 0; at < room; at++) slots[at].number = -1;
    for (uint32_t old = 0; old < of->room; old++) {
        if (of->slots[old].number < 0) continue;
        uint32_t at = (uint32_t)of->slots[old].hash & (room - 1);
        while (slots[at].number >= 0) at = (at + 1) & (room - 1);
        slots[at] = of->slots[old];
    }
    free(of->slots);
    of->slots = slots;
    of->room = room;
    return 0;
}

static inline int32_t *value_of(Numbers *of, int32_t number) { return (int32_t *)of->values.at + number; }
static inline int32_t *row_of(Numbers *of, int32_t number) { return (int32_t *)of->rows.at + number; }

/* The number of a text; where it is new it is added, or -1 is given if it is not to be. -2: no memory. */
static int32_t numbered(Numbers *of, const uint8_t *text, size_t size, uint64_t seed, int add) {
    uint64_t hash = hashed(text, size, seed);
    uint32_t at = 0;
    if (of->room) {
        at = (uint32_t)hash & (of->room - 1);
        for (; of->slots[at].number >= 0; at = (at + 1) & (of->room - 1)) {
            Slot *one = of->slots + at;
            if (one->hash == hash && one->size == size && memcmp(of->texts.at + one->at, text, size) == 0)
                return one->number;
        }
    }
    if (!add) return -1;
    if (size > UINT32_MAX / 2 || of->texts.size > UINT32_MAX / 2 || of->count > INT32_MAX / 4) return -2;
    if ((uint64_t)of->count * 2 >= of->room) {
        if (widened(of)) return -2;
        at = (uint32_t)hash & (of->room - 1);
        while (of->slots[at].number >= 0) at = (at + 1) & (of->room - 1);
    }
    int32_t none = -1;
    uint32_t place = (uint32_t)of->texts.size;
    if (put(&of->texts, text, size) || put(&of->values, &none, sizeof none) || put(&of->rows, &none, sizeof none))
        return -2;
    of->slots[at] = (Slot){hash, place, (uint32_t)size, (int32_t)of->count};
    return (int32_t)of->count++;
}

static void emptied(Numbers *of) {
    free(of->slots);
    drop(&of->texts);
    drop(&of->values);
    drop(&of->rows);
    memset(of, 0, sizeof *of);
}

#endif
