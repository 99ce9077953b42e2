/* What is learnt from outside: skeletons, forms, and what calls tell whatever is asked. Part of rows.c. */

static void unlearnt(Skeleton *of) {
    Held *every[] = {&of->text, &of->pieces, &of->rules, &of->items, &of->words};
    for (int at = 0; at < 5; at++) drop(every[at]);
}

/* The call of an outer number, which is made where there is none yet; NULL with an error set. */
static Call *call_of(Rows *self, int number) {
    if (number < 0 || number > 1 << 20) {
        PyErr_SetString(PyExc_IndexError, "there is no such call");
        return NULL;
    }
    size_t wanted = ((size_t)number + 1) * sizeof(Call), before = self->calls.size;
    if (before < wanted) {
        uint8_t *place = more(&self->calls, wanted - before);
        if (!place) return (Call *)no_memory();
        memset(place, 0, wanted - before);
    }
    return (Call *)self->calls.at + number;
}

/* A tuple's member as bytes; NULL with an error set. */
static const char *bytes_at(PyObject *tuple, Py_ssize_t at, Py_ssize_t *size) {
    PyObject *one = PyTuple_GetItem(tuple, at);
    char *text;
    return one && PyBytes_AsStringAndSize(one, &text, size) == 0 ? text : NULL;
}

static int number_at(PyObject *tuple, Py_ssize_t at, long least, long most, long *found) {
    PyObject *one = PyTuple_GetItem(tuple, at);
    if (!one) return -1;
    *found = PyLong_AsLong(one);
    if (PyErr_Occurred()) return -1;
    if (*found < least || *found > most) {
        PyErr_SetString(PyExc_ValueError, "a number is out of bounds");
        return -1;
    }
    return 0;
}

static int groups_of(uint8_t letter) { return letter == OBJECT ? 4 : letter == CUT || letter == CUT_WIDE || letter == KEY ? 2
                                              : letter == WHOLE || letter == SCALAR ? 1 : 0; }

/* A rule: (number, head, tail, ((signs, least, most), …), (end, …)). */
static int rule_from(PyObject *told, Skeleton *of) {
    PyObject *items, *ends;
    Rule rule = {.item = (uint32_t)(of->items.size / sizeof(Item))};
    if (!PyArg_ParseTuple(told, "bbbO!O!", &rule.number, &rule.head, &rule.tail, &PyTuple_Type, &items, &PyTuple_Type, &ends))
        return -1;
    Py_ssize_t many = PyTuple_Size(items), last = PyTuple_Size(ends);
    if (rule.number >= FORMS_HELD || last > ENDS || rule.head >= of->groups || rule.tail >= of->groups) {
        PyErr_SetString(PyExc_ValueError, "a rule is out of bounds");
        return -1;
    }
    for (Py_ssize_t at = 0; at < many; at++) {
        const char *signs;
        Py_ssize_t size;
        Item item;
        if (!PyArg_ParseTuple(PyTuple_GetItem(items, at), "y#II", &signs, &size, &item.least, &item.most)) return -1;
        if (size != sizeof item.signs) {
            PyErr_SetString(PyExc_ValueError, "signs are 128 bits");
            return -1;
        }
        memcpy(item.signs, signs, sizeof item.signs);
        if (put(&of->items, &item, sizeof item)) {
            no_memory();
            return -1;
        }
    }
    for (Py_ssize_t at = 0; at < last; at++) {
        Py_ssize_t size;
        const char *end = bytes_at(ends, at, &size);
        if (!end || kept(&of->text, end, size, &rule.end[at])) return -1;
    }
    rule.items = (uint32_t)many;
    rule.ends = (uint8_t)last;
    of->forms |= 1u << rule.number;
    if (put(&of->rules, &rule, sizeof rule)) {
        no_memory();
        return -1;
    }
    return 0;
}

static int pieces_from(PyObject *pieces, Skeleton *of) {
    int groups = 0;
    for (Py_ssize_t at = 0; at < PyTuple_Size(pieces); at++) {
        int letter;
        const char *text;
        Py_ssize_t size;
        Piece piece;
        if (!PyArg_ParseTuple(PyTuple_GetItem(pieces, at), "Cy#", &letter, &text, &size)) return -1;
        if (!letter || letter > 127 || !strchr("lcwkovsain", letter) || (groups += groups_of((uint8_t)letter)) > GROUPS) {
            PyErr_SetString(PyExc_ValueError, "no piece of a skeleton");
            return -1;
        }
        piece.letter = (uint8_t)letter;
        if (kept(&of->text, text, size, &piece.text)) return -1;
        if (put(&of->pieces, &piece, sizeof piece)) {
            no_memory();
            return -1;
        }
    }
    of->groups = (uint8_t)groups;
    return 0;
}

static int holes_from(PyObject *holes, PyObject *first, Skeleton *of) {
    Py_ssize_t many = PyTuple_Size(holes);
    uint8_t is_hole[GROUPS] = {0};
    if (many > HOLES || PyTuple_Size(first) != many) {
        PyErr_SetString(PyExc_ValueError, "too many holes");
        return -1;
    }
    for (Py_ssize_t at = 0; at < many; at++) {
        long hole, same_as;
        if (number_at(holes, at, 0, of->groups - 1, &hole) || number_at(first, at, 0, (long)at, &same_as)) return -1;
        of->hole[at] = (uint8_t)hole;
        of->first[at] = (uint8_t)same_as;
        is_hole[hole] = 1;
    }
    of->holes = (uint8_t)many;
    for (int group = 0; group < of->groups; group++)
        if (!is_hole[group]) of->exact[of->exacts++] = (uint8_t)group;
    return 0;
}

static int words_from(PyObject *words, Skeleton *of) {
    for (Py_ssize_t at = 0; at < PyTuple_Size(words); at++) {
        Py_ssize_t size;
        Span span;
        const char *text = bytes_at(words, at, &size);
        if (!text || kept(&of->text, text, size, &span)) return -1;
        if (put(&of->words, &span, sizeof span)) {
            no_memory();
            return -1;
        }
    }
    return 0;
}

/* skeleton(call, pieces, holes, first, rules, words, answer, roles): its number, or -1 where the call has enough. */
static PyObject *rows_skeleton(Rows *self, PyObject *arguments) {
    int number, answer, roles;
    PyObject *pieces, *holes, *first, *rules, *words;
    PyTypeObject *tuple = &PyTuple_Type;
    if (!PyArg_ParseTuple(arguments, "iO!O!O!O!O!pp", &number, tuple, &pieces, tuple, &holes, tuple, &first, tuple, &rules,
                          tuple, &words, &answer, &roles)) return NULL;
    Call *call = call_of(self, number);
    if (!call) return NULL;
    if (call->count >= MOST_SKELETONS) return PyLong_FromLong(-1);
    Skeleton made = {.answer = (uint8_t)answer, .roles = (uint8_t)roles};
    int wrong = pieces_from(pieces, &made) || holes_from(holes, first, &made) || words_from(words, &made);
    for (Py_ssize_t at = 0; !wrong && at < PyTuple_Size(rules); at++) wrong = rule_from(PyTuple_GetItem(rules, at), &made);
    if (wrong || put(&self->skeletons, &made, sizeof made)) {
        unlearnt(&made);
        return wrong ? NULL : no_memory();
    }
    int32_t which = (int32_t)(self->skeletons.size / sizeof made) - 1;
    call->which[call->count++] = which;
    return PyLong_FromLong(which);
}

/* A text with holes: ((piece, …), (hole, …)). */
static int holed_from(Rows *self, PyObject *told, int holes, Holed *into) {
    PyObject *pieces, *which;
    if (!PyArg_ParseTuple(told, "O!O!", &PyTuple_Type, &pieces, &PyTuple_Type, &which)) return -1;
    Py_ssize_t many = PyTuple_Size(pieces);
    if (many < 1 || many > HOLES + 1 || PyTuple_Size(which) != many - 1) {
        PyErr_SetString(PyExc_ValueError, "a text has other holes than pieces between");
        return -1;
    }
    for (Py_ssize_t at = 0; at < many; at++) {
        Py_ssize_t size;
        long hole;
        const char *text = bytes_at(pieces, at, &size);
        if (!text || kept(&self->texts, text, size, &into->piece[at])) return -1;
        if (at && number_at(which, at - 1, 0, holes - 1, &hole)) return -1;
        if (at) into->which[at - 1] = (uint8_t)hole;
    }
    into->pieces = (uint8_t)many;
    return 0;
}

enum { ABOUT = 5 }; /* skeleton, place, owner, ending, forms that are lacking */

static int key_of(Held *into, const int32_t *about, int many, const Part *exact) {
    into->size = 0;
    if (put(into, about, ABOUT * sizeof *about)) return -1;
    for (int at = 0; at < many; at++) {
        Part one = exact[at];
        uint32_t size = (uint32_t)length(one);
        if (put(into, &size, sizeof size) || put(into, one.at, size)) return -1;
    }
    return 0;
}

/* form(skeleton, place, owner, ending, lacking, exact, kind, resource, bucket, facts): whether it is kept. */
static PyObject *rows_form(Rows *self, PyObject *arguments) {
    int about[ABOUT], kind;
    PyObject *exact, *text[3];
    if (!PyArg_ParseTuple(arguments, "iiiiiO!iOOO", about, about + 1, about + 2, about + 3, about + 4, &PyTuple_Type, &exact,
                          &kind, text, text + 1, text + 2)) return NULL;
    if (about[0] < 0 || (size_t)about[0] >= self->skeletons.size / sizeof(Skeleton) || kind < 0) {
        PyErr_SetString(PyExc_IndexError, "there is no such skeleton");
        return NULL;
    }
    if (self->keys.count >= MOST_FORMS) Py_RETURN_FALSE;
    Skeleton *of = (Skeleton *)self->skeletons.at + about[0];
    Form form = {.kind = kind};
    Part parts[GROUPS];
    if (PyTuple_Size(exact) != of->exacts) {
        PyErr_SetString(PyExc_ValueError, "a skeleton has other groups");
        return NULL;
    }
    for (int at = 0; at < of->exacts; at++) {
        Py_ssize_t size;
        const char *one = bytes_at(exact, at, &size);
        if (!one) return NULL;
        parts[at] = (Part){(Bytes)one, (Bytes)one + size};
    }
    for (int at = 0; at < 3; at++)
        if (holed_from(self, text[at], of->holes, form.text + at)) return NULL;
    if (key_of(&self->scratch, about, of->exacts, parts)) return no_memory();
    if (numbered(&self->keys, self->scratch.at, self->scratch.size, self->seed, 0) >= 0) Py_RETURN_TRUE;
    if (put(&self->forms, &form, sizeof form)) return no_memory();
    if (numbered(&self->keys, self->scratch.at, self->scratch.size, self->seed, 1) < 0) {
        self->forms.size -= sizeof form;
        return no_memory();
    }
    Py_RETURN_TRUE;
}

/* flat(call, kind, resource, bucket, facts): what every call of a kind tells that ended well. */
static PyObject *rows_flat(Rows *self, PyObject *arguments) {
    int number, kind;
    PyObject *text[3];
    if (!PyArg_ParseTuple(arguments, "iiOOO", &number, &kind, text, text + 1, text + 2)) return NULL;
    Form form = {.kind = kind};
    for (int at = 0; at < 3; at++)
        if (holed_from(self, text[at], 0, form.text + at)) return NULL;
    Call *call = call_of(self, number);
    if (!call) return NULL;
    call->flat = form;
    call->is_flat = 1;
    Py_RETURN_NONE;
}
