/* Records of a trail's file as rows: where its texts lie, and the numbers of what repeats. */
#ifndef LEASTWISE_RECORD_H
#define LEASTWISE_RECORD_H

#include "held.h"
#include "json.h"

enum {
    SOURCE, NAME, TYPE, CATEGORY, MANAGEMENT, READ_ONLY, REGION, RECIPIENT, TIME, ID, IP, AGENT, ERROR_CODE, MESSAGE,
    VERSION, SHARED, ENDPOINT, IDENTITY, RESOURCES, REQUEST, RESPONSE, FIELDS
};
enum { NEEDED_TEXT, TEXT, FLAG, ACCOUNT, ANYTHING };

/* The fields that record.py names, and what they may be there. */
static const struct {
    const char *name;
    uint8_t size, kind;
} FIELD[FIELDS] = {
#define ONE(name, kind) {name, sizeof(name) - 1, kind}
    ONE("eventSource", NEEDED_TEXT), ONE("eventName", NEEDED_TEXT), ONE("eventType", TEXT), ONE("eventCategory", TEXT),
    ONE("managementEvent", FLAG), ONE("readOnly", FLAG), ONE("awsRegion", TEXT), ONE("recipientAccountId", ACCOUNT),
    ONE("eventTime", NEEDED_TEXT), ONE("eventID", NEEDED_TEXT), ONE("sourceIPAddress", TEXT), ONE("userAgent", TEXT),
    ONE("errorCode", TEXT), ONE("errorMessage", TEXT), ONE("eventVersion", TEXT), ONE("sharedEventID", TEXT),
    ONE("vpcEndpointId", TEXT), ONE("userIdentity", ANYTHING), ONE("resources", ANYTHING),
    ONE("requestParameters", ANYTHING), ONE("responseElements", ANYTHING),
#undef ONE
};

/* What repeats, each with numbers of its own. */
enum { SEAT, CALL, PLACE, AGENT_OF, ERROR_OF, ENDING, TABLES };

typedef struct {
    uint32_t content;
    Span whole, id, ip, session, credential, request, resources, response;
    int32_t number[TABLES];
    int32_t kind;
    uint32_t told[4]; /* where the texts that it tells begin and end, among all that were told */
    int64_t time;
    uint8_t own; /* whether session and credential are the row's own texts */
} Row;

typedef struct {
    Bytes at, end;
    unsigned has;
} Token;

static inline int is_null(Token token) { return token.at == NULL || *token.at == 'n'; }
static inline Span inside(Bytes at, Bytes end, Bytes content) {
    return (Span){(uint32_t)(at - content), (uint32_t)(end - at)};
}
/* What lies between a text's quotes. */
static inline Span unquoted(Token token, Bytes content) { return inside(token.at + 1, token.end - 1, content); }

static inline int field_of(Bytes name, Bytes named) {
    size_t size = (size_t)(named - name);
    for (int field = 0; field < FIELDS; field++)
        if (FIELD[field].size == size && memcmp(name, FIELD[field].name, size) == 0) return field;
    return FIELDS;
}

/* Whether a value is one that record.py takes for this field, and that needs no second look. */
static int is_fit(int kind, Token token) {
    uint8_t sign = *token.at;
    if (kind == ANYTHING) return 1;
    if (sign == '"') return 1;
    if (kind == NEEDED_TEXT) return 0;
    if (sign == 'n') return 1;
    if (kind == FLAG) return sign == 't' || sign == 'f';
    return kind == ACCOUNT && sign >= '0' && sign <= '9' && !memchr(token.at, '.', (size_t)(token.end - token.at));
}

/* Where the fields of records stood lately: the next record has them there as well. */
typedef struct {
    struct {
        uint8_t field, size;
        char name[30];
    } place[64];
} Habit;

/* Takes a record apart; the byte after it, or NULL where it is not as records are. `at` is after its first bracket. */
static Bytes fields_of(Bytes at, Bytes end, Habit *habit, Token *found) {
    int last = 0;
    memset(found, 0, FIELDS * sizeof *found);
    at = blank(at, end);
    for (int place = 0; !last; place++) {
        Bytes name, named;
        unsigned has = 0;
        if (!(at = member(at, end, &name, &named, &has)) || has & ESCAPED) return NULL;
        size_t size = (size_t)(named - name);
        int field, known = place < 64 && habit->place[place].size == size && size &&
                           memcmp(habit->place[place].name, name, size) == 0;
        if (known) field = habit->place[place].field;
        else {
            field = field_of(name, named);
            if (place < 64 && size && size <= sizeof habit->place[0].name) {
                habit->place[place].field = (uint8_t)field;
                habit->place[place].size = (uint8_t)size;
                memcpy(habit->place[place].name, name, size);
            }
        }
        Token token = {at, NULL, 0};
        if (!(token.end = at = value(at, end, 1, &token.has))) return NULL;
        if (field < FIELDS) {
            if (found[field].at || !is_fit(FIELD[field].kind, token)) return NULL;
            found[field] = token;
        }
        if (!(at = onward(at, end, &last))) return NULL;
    }
    return found[SOURCE].at && found[NAME].at && found[TIME].at && found[ID].at ? at : NULL;
}

/* Microseconds since 1970 of a time as nearly all are written, `2026-01-31T07:15:00Z` in quotes; below, it is none. */
static int64_t moment(Token token) {
    static const char form[] = "\"0000-00-00T00:00:00Z\"";
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int digit[14], many = 0;
    if (token.end - token.at != sizeof form - 1) return INT64_MIN;
    for (size_t at = 0; at < sizeof form - 1; at++) {
        uint8_t sign = token.at[at];
        if (form[at] != '0') {
            if (sign != (uint8_t)form[at]) return INT64_MIN;
        } else {
            if (sign < '0' || sign > '9') return INT64_MIN;
            digit[many++] = sign - '0';
        }
    }
    int year = digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3], month = digit[4] * 10 + digit[5];
    int day = digit[6] * 10 + digit[7], hour = digit[8] * 10 + digit[9], minute = digit[10] * 10 + digit[11];
    int second = digit[12] * 10 + digit[13], leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1) return INT64_MIN;
    if (day > days[month - 1] + (month == 2 && leap)) return INT64_MIN;
    /* Days of the years before, counted from a March, so that a leap day is the last of its year. */
    int64_t from = year - (month <= 2), era = from / 400, within = from % 400;
    int64_t turn = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t count = era * 146097 + within * 365 + within / 4 - within / 100 + turn - 719468;
    return ((count * 24 + hour) * 3600 + minute * 60 + second) * 1000000;
}

/* Members of an object that are looked at: texts, and after them objects, each with members of its own. What is found
   is put down from `first` on. */
typedef struct Shape {
    const char *const *names;
    const uint8_t *sizes;
    uint8_t first, texts, objects;
    const struct Shape *const *inner;
} Shape;

enum { UNIQUE, ARN, OWNER, KEY_ID, VIA, IDENTITY_OF, CONTEXT, INNER_IDENTITY, ISSUER, ATTRIBUTES, ROLE_ARN, MFA, LOOKED_AT };

static const Shape ISSUER_SHAPE = {(const char *const[]){"arn"}, (const uint8_t[]){3}, ROLE_ARN, 1, 0, NULL};
static const Shape ATTRIBUTES_SHAPE = {(const char *const[]){"mfaAuthenticated"}, (const uint8_t[]){16}, MFA, 1, 0, NULL};
static const Shape CONTEXT_SHAPE = {
    (const char *const[]){"sourceIdentity", "sessionIssuer", "attributes"}, (const uint8_t[]){14, 13, 10}, INNER_IDENTITY, 1,
    2, (const Shape *const[]){&ISSUER_SHAPE, &ATTRIBUTES_SHAPE}};
static const Shape SESSION_SHAPE = {
    (const char *const[]){"principalId", "arn", "accountId", "accessKeyId", "invokedBy", "sourceIdentity", "sessionContext"},
    (const uint8_t[]){11, 3, 9, 11, 9, 14, 14}, UNIQUE, 6, 1, (const Shape *const[]){&CONTEXT_SHAPE}};

/* Puts down the members of an object, from its bracket on; the byte after it. NULL where one of them is not what it is to
   be, stands twice or is not plain, or where there is one that says more of whom the session is for. */
static Bytes members_of(Bytes at, Bytes end, const Shape *shape, Token *found) {
    int last = 0, many = shape->texts + shape->objects;
    at = blank(at + 1, end);
    if (at < end && *at == '}') return at + 1;
    while (!last) {
        Bytes name, named;
        unsigned has = 0;
        if (!(at = member(at, end, &name, &named, &has)) || has & ESCAPED) return NULL;
        size_t size = (size_t)(named - name);
        if (size == 9 && memcmp(name, "inScopeOf", 9) == 0) return NULL;
        int which = 0;
        while (which < many && (shape->sizes[which] != size || memcmp(shape->names[which], name, size))) which++;
        Token token = {at, NULL, 0};
        if (which < many && (found[shape->first + which].at || *at != (which < shape->texts ? '"' : '{'))) return NULL;
        at = which < many && which >= shape->texts ? members_of(at, end, shape->inner[which - shape->texts], found)
                                                   : value(at, end, 1, &token.has);
        if (!at || (which < many && token.has)) return NULL;
        token.end = at;
        if (which < many) found[shape->first + which] = token;
        if (!(at = onward(at, end, &last))) return NULL;
    }
    return at;
}

static Bytes within(Bytes at, Bytes end, const char *text, size_t size) {
    for (; (size_t)(end - at) >= size; at++)
        if (*at == (uint8_t)*text && memcmp(at, text, size) == 0) return at;
    return NULL;
}

static int put_token(Held *into, Token token) {
    uint8_t mark = 0x1f;
    return (token.at && put(into, token.at, (size_t)(token.end - token.at))) || put(into, &mark, 1) ? -1 : 0;
}

/* A session of a role: what is the same for all of its kind goes into `frame`, name and key are the session's own.
   1 if it is such, 0 if it is to be looked at as a whole, -1 where there is no memory. */
static int session_of(Token identity, Bytes content, Row *row, Held *frame) {
    static const char begin[] = "{\"type\":\"AssumedRole\"", mark[] = ":assumed-role/";
    static const uint8_t needed[] = {UNIQUE, ARN, OWNER, CONTEXT, ISSUER, ATTRIBUTES, ROLE_ARN};
    static const uint8_t framed[] = {ROLE_ARN, OWNER, VIA, MFA, INNER_IDENTITY, IDENTITY_OF};
    Token found[LOOKED_AT] = {{0}};
    if (!word(identity.at, identity.end, begin, sizeof begin - 1)) return 0;
    if (!members_of(identity.at, identity.end, &SESSION_SHAPE, found)) return 0;
    for (size_t one = 0; one < sizeof needed; one++)
        if (!found[needed[one]].at) return 0;
    if (found[ROLE_ARN].end - found[ROLE_ARN].at == 2) return 0;
    Bytes end = found[ARN].end - 1, role = within(found[ARN].at + 1, end, mark, sizeof mark - 1);
    Bytes slash = role ? memchr(role + sizeof mark - 1, '/', (size_t)(end - role - (sizeof mark - 1))) : NULL;
    if (!slash || slash + 1 == end) return 0;
    Token key = found[KEY_ID];
    row->own = 1;
    row->session = inside(slash + 1, end, content);
    row->credential = key.at ? unquoted(key, content) : (Span){0, 0};
    if (key.at && key.end - key.at > 5) key.end = key.at + 5;
    for (size_t one = 0; one < sizeof framed; one++)
        if (put_token(frame, found[framed[one]])) return -1;
    return put_token(frame, key) ? -1 : 1;
}

#endif
