/* Rows of a trail's files: taken apart, numbered, told by what was learnt, and given away as columns.

   This is the quick way to what drawing.py does with records. Whatever is not as nearly all records are is refused or
   left untold, and done by the code that this spares; so it never has to be right about what is rare, only sure. The
   caller (compiled.py) decides what numbers mean. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "record.h"
#include "skeleton.h"

enum { LARGEST = 1 << 30, MOST_ROWS = 1 << 22, MOST_SKELETONS = 16, MOST_FORMS = 1 << 16, TEXTS = 7 };

typedef struct {
    int32_t count, which[MOST_SKELETONS];
    Form flat;
    uint8_t is_flat;
} Call;

typedef struct {
    int32_t owner;
    Span session, credential;
} Seat;

typedef struct {
    PyObject_HEAD
    uint64_t seed;
    Held contents; /* PyObject *, each of bytes */
    Held rows;     /* Row */
    Numbers of[TABLES], keys;
    Held fresh;     /* two int32_t: table, number */
    Held seats;     /* Seat, by the outer numbers of seats */
    Held calls;     /* Call, by the outer numbers of calls */
    Held skeletons; /* Skeleton */
    Held forms;     /* Form, by the numbers of keys */
    Held texts;     /* of seats and forms */
    Held told, scratch;
    Habit habit;
} Rows;

#define ROWS(self) ((Row *)(self)->rows.at)
static size_t rows_in(Rows *self) { return self->rows.size / sizeof(Row); }
static Bytes content_of(Rows *self, uint32_t number) {
    return (Bytes)PyBytes_AsString(((PyObject **)self->contents.at)[number]);
}

/* The number of what is in `scratch`; where its meaning is not known, the row is one that waits for it. */
static int32_t met(Rows *self, int table, uint32_t row) {
    Numbers *of = self->of + table;
    int32_t number = numbered(of, self->scratch.at, self->scratch.size, self->seed, 1);
    if (number < 0) return -1;
    if (*value_of(of, number) < 0 && *row_of(of, number) < 0) {
        int32_t one[2] = {table, number};
        if (put(&self->fresh, one, sizeof one)) return -1;
        *row_of(of, number) = (int32_t)row;
    }
    return number;
}

static int32_t met_fields(Rows *self, int table, const Token *found, const uint8_t *fields, int many, uint32_t row) {
    self->scratch.size = 0;
    for (int one = 0; one < many; one++)
        if (put_token(&self->scratch, found[fields[one]])) return -1;
    return met(self, table, row);
}

/* One record as a row. 1 taken, 0 refused, -1 no memory. */
static int row_from(Rows *self, const Token *found, Bytes begin, Bytes end, Bytes content, uint32_t which) {
    static const uint8_t call[] = {SOURCE, NAME, TYPE, CATEGORY, MANAGEMENT, READ_ONLY}, place[] = {REGION, RECIPIENT};
    static const uint8_t agent[] = {AGENT}, error[] = {ERROR_CODE}, ending[] = {ERROR_CODE, MESSAGE};
    static const uint8_t null[] = "null";
    uint32_t at = (uint32_t)rows_in(self);
    Row row = {0};
    row.content = which;
    row.whole = inside(begin, end, content);
    row.time = moment(found[TIME]);
    if (row.time == INT64_MIN || found[ID].has || found[ID].end - found[ID].at == 2) return 0;
    row.id = unquoted(found[ID], content);
    if (!is_null(found[IP])) {
        if (found[IP].has) return 0;
        row.ip = unquoted(found[IP], content);
    }
    static const uint8_t raws[] = {REQUEST, RESOURCES, RESPONSE};
    Span *spans[] = {&row.request, &row.resources, &row.response};
    for (int one = 0; one < 3; one++)
        if (found[raws[one]].at) *spans[one] = inside(found[raws[one]].at, found[raws[one]].end, content);
    Token identity = found[IDENTITY];
    self->scratch.size = 0;
    int kind = identity.at ? session_of(identity, content, &row, &self->scratch) : 0;
    if (kind < 0) return -1;
    if (kind == 0) {
        self->scratch.size = 0;
        if (identity.at ? put(&self->scratch, identity.at, (size_t)(identity.end - identity.at))
                        : put(&self->scratch, null, 4)) return -1;
    }
    row.number[SEAT] = met(self, SEAT, at);
    row.number[CALL] = met_fields(self, CALL, found, call, 6, at);
    row.number[PLACE] = met_fields(self, PLACE, found, place, 2, at);
    row.number[AGENT_OF] = met_fields(self, AGENT_OF, found, agent, 1, at);
    row.number[ERROR_OF] = met_fields(self, ERROR_OF, found, error, 1, at);
    row.number[ENDING] = met_fields(self, ENDING, found, ending, is_null(found[ERROR_CODE]) ? 0 : 2, at);
    for (int table = 0; table < TABLES; table++)
        if (row.number[table] < 0) return -1;
    row.kind = -1;
    return put(&self->rows, &row, sizeof row) ? -1 : 1;
}

/* The records of a file. 1 all taken, 0 refused, -1 no memory. */
static int records_of(Rows *self, Bytes content, size_t size, uint32_t which) {
    Token found[FIELDS];
    Bytes at = blank(content, content + size), end = content + size, after;
    if (at >= end || *at != '{') return 0;
    at = blank(at + 1, end);
    if (!(after = word(at, end, "\"Records\"", 9))) return 0;
    after = blank(after, end);
    if (after >= end || *after != ':') return 0;
    after = blank(after + 1, end);
    if (after >= end || *after != '[') return 0;
    at = blank(after + 1, end);
    if (at < end && *at == ']') at++;
    else
        for (;;) {
            if (at >= end || *at != '{' || rows_in(self) >= MOST_ROWS) return 0;
            Bytes begin = at;
            if (!(at = fields_of(at + 1, end, &self->habit, found))) return 0;
            int taken = row_from(self, found, begin, at, content, which);
            if (taken != 1) return taken;
            at = blank(at, end);
            if (at >= end) return 0;
            if (*at++ == ']') break;
            if (at[-1] != ',') return 0;
            at = blank(at, end);
        }
    at = blank(at, end);
    return at < end && *at == '}' && blank(at + 1, end) == end;
}

static PyObject *no_memory(void) { return PyErr_NoMemory(); }

static PyObject *rows_take(Rows *self, PyObject *content) {
    if (!PyBytes_Check(content)) {
        PyErr_SetString(PyExc_TypeError, "a file's content is bytes");
        return NULL;
    }
    size_t size = (size_t)PyBytes_Size(content), before = self->rows.size, fresh = self->fresh.size;
    if (size > LARGEST) return PyLong_FromLong(-1);
    uint32_t which = (uint32_t)(self->contents.size / sizeof content);
    int taken = records_of(self, (Bytes)PyBytes_AsString(content), size, which);
    if (taken == 1 && put(&self->contents, &content, sizeof content)) taken = -1;
    if (taken != 1) {
        for (size_t at = fresh; at < self->fresh.size; at += 2 * sizeof(int32_t)) {
            int32_t *one = (int32_t *)(self->fresh.at + at);
            *row_of(self->of + one[0], one[1]) = -1;
        }
        self->rows.size = before;
        self->fresh.size = fresh;
        return taken ? no_memory() : PyLong_FromLong(-1);
    }
    Py_IncRef(content);
    return PyLong_FromSize_t((self->rows.size - before) / sizeof(Row));
}

/* Gives back the rows of the last file, so many. */
static PyObject *rows_undo(Rows *self, PyObject *many) {
    size_t rows = PyLong_AsSize_t(many);
    if (PyErr_Occurred()) return NULL;
    if (rows > rows_in(self) || !self->contents.size) {
        PyErr_SetString(PyExc_IndexError, "there are no such rows");
        return NULL;
    }
    self->rows.size -= rows * sizeof(Row);
    self->contents.size -= sizeof(PyObject *);
    Py_DecRef(*(PyObject **)(self->contents.at + self->contents.size));
    Py_RETURN_NONE;
}

/* What is new: table, its own number, and a row that has it. */
static PyObject *rows_fresh(Rows *self, PyObject *ignored) {
    (void)ignored;
    PyObject *found = PyList_New(0);
    for (size_t at = 0; found && at < self->fresh.size; at += 2 * sizeof(int32_t)) {
        int32_t *one = (int32_t *)(self->fresh.at + at);
        PyObject *told = Py_BuildValue("(iii)", one[0], one[1], *row_of(self->of + one[0], one[1]));
        if (!told || PyList_Append(found, told)) Py_CLEAR(found);
        Py_XDECREF(told);
    }
    if (found) self->fresh.size = 0;
    return found;
}

static PyObject *rows_resolve(Rows *self, PyObject *arguments) {
    int table, number, value;
    if (!PyArg_ParseTuple(arguments, "iii", &table, &number, &value)) return NULL;
    if (table < 0 || table >= TABLES || number < 0 || (uint32_t)number >= self->of[table].count || value < 0) {
        PyErr_SetString(PyExc_IndexError, "there is no such number");
        return NULL;
    }
    *value_of(self->of + table, number) = value;
    *row_of(self->of + table, number) = -1;
    Py_RETURN_NONE;
}

/* A text into what is held, and where it lies; -1 with an error set. */
static int kept(Held *into, const char *text, Py_ssize_t size, Span *where) {
    if ((size_t)size > UINT32_MAX / 4 || into->size > UINT32_MAX / 2) {
        PyErr_SetString(PyExc_OverflowError, "too much is held");
        return -1;
    }
    *where = (Span){(uint32_t)into->size, (uint32_t)size};
    if (put(into, text, (size_t)size)) {
        no_memory();
        return -1;
    }
    return 0;
}

static PyObject *rows_seat(Rows *self, PyObject *arguments) {
    int number, owner;
    const char *session, *credential;
    Py_ssize_t session_size, credential_size;
    if (!PyArg_ParseTuple(arguments, "iis#s#", &number, &owner, &session, &session_size, &credential, &credential_size))
        return NULL;
    if (number < 0 || (size_t)number != self->seats.size / sizeof(Seat)) {
        PyErr_SetString(PyExc_IndexError, "seats are told in their order");
        return NULL;
    }
    Seat seat = {.owner = owner};
    if (kept(&self->texts, session, session_size, &seat.session)) return NULL;
    if (kept(&self->texts, credential, credential_size, &seat.credential)) return NULL;
    if (put(&self->seats, &seat, sizeof seat)) return no_memory();
    Py_RETURN_NONE;
}

static PyObject *rows_column(Rows *self, PyObject *which) {
    long table = PyLong_AsLong(which);
    if (PyErr_Occurred()) return NULL;
    if (table < -3 || table >= TABLES) {
        PyErr_SetString(PyExc_IndexError, "there is no such column");
        return NULL;
    }
    size_t many = rows_in(self), wide = table == -1 ? 8 : 4;
    PyObject *made = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(many * wide));
    if (!made) return NULL;
    uint8_t *into = (uint8_t *)PyBytes_AsString(made);
    const Row *row = ROWS(self);
    for (size_t at = 0; at < many; at++, row++) {
        if (table == -1) memcpy(into + at * 8, &row->time, 8);
        else {
            int32_t found = table == -2   ? (int32_t)row->response.size
                            : table == -3 ? row->kind
                                          : *value_of(self->of + table, row->number[table]);
            memcpy(into + at * 4, &found, 4);
        }
    }
    return made;
}

static PyObject *rows_record(Rows *self, PyObject *which) {
    long at = PyLong_AsLong(which);
    if (PyErr_Occurred()) return NULL;
    if (at < 0 || (size_t)at >= rows_in(self)) {
        PyErr_SetString(PyExc_IndexError, "there is no such row");
        return NULL;
    }
    Row *row = ROWS(self) + at;
    return PyBytes_FromStringAndSize((const char *)content_of(self, row->content) + row->whole.at, row->whole.size);
}

#include "learning.h"
#include "telling.h"

static PyObject *rows_clear(Rows *self, PyObject *ignored) {
    (void)ignored;
    for (size_t at = 0; at < self->contents.size; at += sizeof(PyObject *))
        Py_DecRef(*(PyObject **)(self->contents.at + at));
    for (size_t at = 0; at < self->fresh.size; at += 2 * sizeof(int32_t)) {
        int32_t *one = (int32_t *)(self->fresh.at + at);
        *row_of(self->of + one[0], one[1]) = -1;
    }
    self->contents.size = self->rows.size = self->fresh.size = self->told.size = 0;
    Py_RETURN_NONE;
}

static void forgotten(Rows *self) {
    Skeleton *one = (Skeleton *)self->skeletons.at, *last = one + self->skeletons.size / sizeof *one;
    for (; one < last; one++) unlearnt(one);
    for (int table = 0; table < TABLES; table++) emptied(self->of + table);
    emptied(&self->keys);
    self->seats.size = self->calls.size = self->skeletons.size = self->forms.size = self->texts.size = 0;
}

/* Numbers that were given mean nothing any more; no row may be held. */
static PyObject *rows_forget(Rows *self, PyObject *ignored) {
    (void)ignored;
    if (self->rows.size) {
        PyErr_SetString(PyExc_ValueError, "rows are held");
        return NULL;
    }
    forgotten(self);
    Py_RETURN_NONE;
}

static PyObject *rows_held(Rows *self, PyObject *ignored) {
    (void)ignored;
    size_t bytes = self->texts.size + self->keys.texts.size + self->forms.size + self->seats.size;
    for (int table = 0; table < TABLES; table++) bytes += self->of[table].texts.size;
    return PyLong_FromSize_t(bytes);
}

static Py_ssize_t rows_length(PyObject *self) { return (Py_ssize_t)rows_in((Rows *)self); }

static PyObject *rows_new(PyTypeObject *type, PyObject *arguments, PyObject *named) {
    unsigned long long seed;
    if (named && PyDict_Size(named)) {
        PyErr_SetString(PyExc_TypeError, "nothing is named");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "K", &seed)) return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Rows *self = (Rows *)allocate(type, 0);
    if (self) self->seed = seed;
    return (PyObject *)self;
}

static void rows_free(PyObject *object) {
    Rows *self = (Rows *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF(rows_clear(self, NULL));
    forgotten(self);
    Held *every[] = {&self->contents, &self->rows, &self->fresh, &self->seats, &self->calls, &self->skeletons,
                     &self->forms, &self->texts, &self->told, &self->scratch};
    for (size_t at = 0; at < sizeof every / sizeof *every; at++) drop(every[at]);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(object);
    Py_DecRef((PyObject *)type);
}

#define METHOD(name, how) {#name, (PyCFunction)(void (*)(void))rows_##name, how, NULL}
static PyMethodDef methods[] = {
    METHOD(take, METH_O), METHOD(undo, METH_O), METHOD(fresh, METH_NOARGS), METHOD(resolve, METH_VARARGS), METHOD(seat, METH_VARARGS),
    METHOD(column, METH_O), METHOD(record, METH_O), METHOD(skeleton, METH_VARARGS), METHOD(form, METH_VARARGS),
    METHOD(flat, METH_VARARGS), METHOD(tell, METH_NOARGS), METHOD(given, METH_O), METHOD(texts, METH_NOARGS),
    METHOD(clear, METH_NOARGS),
    METHOD(forget, METH_NOARGS), METHOD(held, METH_NOARGS), {NULL, NULL, 0, NULL},
};
static PyType_Slot slots[] = {
    {Py_tp_new, rows_new}, {Py_tp_dealloc, rows_free}, {Py_tp_methods, methods}, {Py_sq_length, rows_length}, {0, NULL},
};
static PyType_Spec spec = {"leastwise.providers.aws.events._native.Rows", sizeof(Rows), 0, Py_TPFLAGS_DEFAULT, slots};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, NULL, NULL, NULL, NULL, NULL};

#ifndef LEASTWISE_SOURCE
#define LEASTWISE_SOURCE ""
#endif

PyMODINIT_FUNC PyInit__native(void) {
    sort_signs();
    PyObject *made = PyModule_Create(&module), *type = made ? PyType_FromSpec(&spec) : NULL;
    if (!type || PyModule_AddStringConstant(made, "SOURCE", LEASTWISE_SOURCE) || PyModule_AddObjectRef(made, "Rows", type))
        Py_CLEAR(made);
    Py_XDECREF(type);
    return made;
}
