/* What rows tell, and rows as columns: the part of rows.c that follows what was learnt. */

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

/* What a form says, with its holes filled, into what was told. */
static int saying(Rows *self, Row *row, const Form *form, const Skeleton *of, const Part *group) {
    size_t begin = self->told.size;
    for (int at = 0; at < 3; at++) {
        row->told[at] = (uint32_t)self->told.size;
        if (filled(form->text + at, &self->texts, of, group, &self->told)) return -1;
    }
    if (self->told.size > UINT32_MAX / 2) {
        self->told.size = begin;
        return 0;
    }
    row->told[3] = (uint32_t)self->told.size;
    row->kind = form->kind;
    return 0;
}

/* The text of a call (`requests.asked`), with its answer where that counts, into `scratch`: 1; 0 if it is not plain. */
static int asked(Rows *self, const Row *row, int answer) {
    static const uint8_t between = BETWEEN;
    static const char null[] = "null";
    Bytes content = content_of(self, row->content);
    Held *text = &self->scratch;
    text->size = 0;
    int listed = row->resources.size && row->resources.size != 4, wrong = 0;
    wrong |= row->request.size ? put(text, content + row->request.at, row->request.size) : put(text, null, 4);
    size_t alone = text->size;
    if (listed) wrong |= put(text, &between, 1) || put(text, content + row->resources.at, row->resources.size);
    if (alone > LONGEST_TEXT || text->size > LONGEST_TEXT) return wrong ? -1 : 0;
    if (answer) {
        if (!listed) wrong |= put(text, &between, 1) || put(text, null, 4);
        wrong |= put(text, &between, 1);
        wrong |= row->response.size ? put(text, content + row->response.at, row->response.size) : put(text, null, 4);
    }
    if (wrong) return -1;
    uint8_t beyond = 0;
    for (size_t at = 0; at < text->size; at++) beyond |= text->at[at];
    return beyond < 0x80;
}

/* Tells a row by what was learnt, if that tells it. -1: no memory. */
static int tell_one(Rows *self, Row *row) {
    int32_t number = *value_of(self->of + CALL, row->number[CALL]), place = *value_of(self->of + PLACE, row->number[PLACE]);
    int32_t seat = *value_of(self->of + SEAT, row->number[SEAT]), ending = *value_of(self->of + ENDING, row->number[ENDING]);
    if (number < 0 || place < 0 || seat < 0 || ending < 0) return 0;
    if ((size_t)seat >= self->seats.size / sizeof(Seat)) return 0;
    if ((size_t)number >= self->calls.size / sizeof(Call)) return 0;
    const Call *call = (const Call *)self->calls.at + number;
    if (call->is_flat && ending == 0) return saying(self, row, &call->flat, NULL, NULL);
    int texted = -1; /* 0 without the answer, 1 with it */
    for (int32_t one = 0; one < call->count; one++) {
        const Skeleton *of = (const Skeleton *)self->skeletons.at + call->which[one];
        Part group[GROUPS + 4];
        uint32_t lacking;
        if (texted != of->answer) {
            int fine = asked(self, row, of->answer);
            if (fine != 1) return fine;
            texted = of->answer;
        }
        Bytes at = self->scratch.at, end = at + self->scratch.size;
        if (!matched(of, at, end, group)) continue;
        if ((of->roles && within(at, end, ":role", 5)) || !plainly(of, group, &lacking)) continue;
        int32_t about[ABOUT] = {call->which[one], place, ((Seat *)self->seats.at)[seat].owner, ending, (int32_t)lacking};
        uint8_t room[1024];
        size_t size = sizeof about;
        memcpy(room, about, sizeof about);
        for (int each = 0; each < of->exacts; each++) {
            Part part = group[of->exact[each]];
            uint32_t wide = (uint32_t)length(part);
            if (wide > sizeof room - sizeof wide - size) return 0;
            memcpy(room + size, &wide, sizeof wide);
            memcpy(room + size + sizeof wide, part.at, wide);
            size += sizeof wide + wide;
        }
        int32_t found = numbered(&self->keys, room, size, self->seed, 0);
        if (found >= 0) return saying(self, row, (const Form *)self->forms.at + found, of, group);
    }
    return 0;
}

/* Tells the rows that are not told yet; which are left, as bytes of int32_t. */
static PyObject *rows_tell(Rows *self, PyObject *ignored) {
    (void)ignored;
    Held left = {0};
    Row *row = ROWS(self);
    int32_t many = (int32_t)rows_in(self);
    for (int32_t at = 0; at < many; at++) {
        if (row[at].kind >= 0) continue;
        if (tell_one(self, row + at) || (row[at].kind < 0 && put(&left, &at, sizeof at))) {
            drop(&left);
            return no_memory();
        }
    }
    PyObject *made = PyBytes_FromStringAndSize(left.at ? (char *)left.at : "", (Py_ssize_t)left.size);
    drop(&left);
    return made;
}

/* A text of a row: id, ip, session, credential, or what it tells. */
static Part text_of(Rows *self, const Row *row, int which) {
    Bytes content = content_of(self, row->content);
    Span span = {0, 0};
    if (which >= 4) {
        Bytes told = self->told.at ? self->told.at : (Bytes) "";
        return (Part){told + row->told[which - 4], told + row->told[which - 3]};
    }
    if (which >= 2 && !row->own) {
        int32_t number = *value_of(self->of + SEAT, row->number[SEAT]);
        const Seat *seat = (const Seat *)self->seats.at + number;
        span = which == 2 ? seat->session : seat->credential;
        content = self->texts.at ? self->texts.at : (Bytes) "";
    } else
        span = which == 0 ? row->id : which == 1 ? row->ip : which == 2 ? row->session : row->credential;
    return (Part){content + span.at, content + span.at + span.size};
}

/* One column of texts as (offsets, bytes), as Arrow has them. */
static PyObject *column_of(Rows *self, int which) {
    size_t many = rows_in(self), size = 0;
    const Row *row = ROWS(self);
    for (size_t at = 0; at < many; at++) size += length(text_of(self, row + at, which));
    if (size > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "a column is too long");
        return NULL;
    }
    PyObject *offsets = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)((many + 1) * 4));
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size), *made = NULL;
    if (offsets && bytes) {
        uint8_t *place = (uint8_t *)PyBytes_AsString(offsets), *into = (uint8_t *)PyBytes_AsString(bytes);
        int32_t offset = 0;
        for (size_t at = 0; at < many; at++) {
            Part text = text_of(self, row + at, which);
            memcpy(place + at * 4, &offset, 4);
            memcpy(into + offset, text.at, length(text));
            offset += (int32_t)length(text);
        }
        memcpy(place + many * 4, &offset, 4);
        made = PyTuple_Pack(2, offsets, bytes);
    }
    Py_XDECREF(offsets);
    Py_XDECREF(bytes);
    return made;
}

/* given(told): takes what rows tell that were left: (row, kind, resource, bucket, facts) of each. */
static PyObject *rows_given(Rows *self, PyObject *told) {
    Py_ssize_t left = PyList_Size(told);
    if (left < 0) return NULL;
    for (Py_ssize_t at = 0; at < left; at++) {
        int row, kind;
        const char *text[3];
        Py_ssize_t size[3];
        if (!PyArg_ParseTuple(PyList_GetItem(told, at), "iis#s#s#", &row, &kind, text, size, text + 1, size + 1, text + 2,
                              size + 2)) return NULL;
        if (row < 0 || (size_t)row >= rows_in(self) || kind < 0) {
            PyErr_SetString(PyExc_IndexError, "there is no such row");
            return NULL;
        }
        Row *one = ROWS(self) + row;
        for (int part = 0; part < 3; part++) {
            Span span;
            if (kept(&self->told, text[part], size[part], &span)) return NULL;
            one->told[part] = span.at;
        }
        one->told[3] = (uint32_t)self->told.size;
        one->kind = kind;
    }
    Py_RETURN_NONE;
}

/* The columns of texts of all rows, which were told. */
static PyObject *rows_texts(Rows *self, PyObject *ignored) {
    (void)ignored;
    size_t many = rows_in(self);
    for (size_t at = 0; at < many; at++) {
        const Row *row = ROWS(self) + at;
        int32_t seat = *value_of(self->of + SEAT, row->number[SEAT]);
        if (row->kind < 0 || seat < 0 || (size_t)seat >= self->seats.size / sizeof(Seat)) {
            PyErr_SetString(PyExc_ValueError, "a row was not told, or its caller is not known");
            return NULL;
        }
    }
    PyObject *made = PyTuple_New(TEXTS);
    for (int which = 0; made && which < TEXTS; which++) {
        PyObject *column = column_of(self, which);
        if (!column || PyTuple_SetItem(made, which, column)) Py_CLEAR(made);
    }
    return made;
}
