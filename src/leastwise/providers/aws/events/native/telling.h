/* What rows tell by what was learnt, and rows as columns. Part of rows.c. */

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
