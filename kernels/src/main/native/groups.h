/* Groups of entries that follow what they share: scales of channels, and what codes lose. */

/* Entries of a block, from `from` on, that lie behind the same head, or behind heads that few entries follow. */
struct NAME(span) { int from, to, few; };

INLINE struct NAME(span) NAME(next_span)(const struct rows *of, int n, int group, int from) {
    const uint8_t *const *heads = of->heads;
    int to = from, start = from;
    if (of->adjacent) {
        to = from == 0 ? of->leading : from + group;
        to = to < n ? to : n;
        return (struct NAME(span)){from, to, to - from < FEW};
    }
    while (to < n) {
        start = to;
        for (uintptr_t other = 0; to + 8 <= n; to += 8) {
            for (int i = 0; i < 8; i++) other |= (uintptr_t)heads[to + i] ^ (uintptr_t)heads[start];
            if (other != 0) break;
        }
        while (to < n && heads[to] == heads[start]) to++;
        if (to - start < FEW) continue;
        return start == from ? (struct NAME(span)){from, to, 0} : (struct NAME(span)){from, start, 1};
    }
    return (struct NAME(span)){from, to, 1};
}

/* The rows of a span; the last stands for those behind it. */
INLINE void NAME(rows_of)(struct NAME(span) s, const uint8_t *const *rows, const uint8_t **of) {
    int n = s.to - s.from;
    memcpy(of, rows + s.from, n * sizeof(*of));
    for (int i = n; i < BLOCK; i++) of[i] = rows[s.to - 1];
}

/*
 * Queries that have taken up what entries behind one head share, its channels' scales: in `x`, and rounded. Minima need no codes:
 * sums are what is added to each score for them. And the queries without that, beside each other.
 */
struct NAME(folded) {
    const uint8_t *head;
    float *x;
    struct rounded rounded;
    const struct quartet *turned;
};

/* Queries take up what channels share; and what their minima add to scores, with room for 16 more. */
INLINE void NAME(take_up)(struct codec c, const uint8_t *head, const float *x, int stride, int queries, float *to, float *added) {
    const uint8_t *channels = head + c.lost, *minima = channels + (c.head - c.lost) / 2;
    float middle = middle_of(c);
    NAME(floats) scale = NAME(all)(1), sum[4];
#pragma GCC unroll 4
    for (int q = 0; q < 4; q++) sum[q] = NAME(no_floats)();
    for (int i = 0; i < c.block; i += LANES) {
        NAME(floats) element[4], centre;
        if (c.kind != KV_ROTATED) scale = NAME(halves)(channels + 2 * i);
        if (c.kind == KV_CHANNEL) centre = NAME(add_scaled)(NAME(halves)(minima + 2 * i), scale, middle);
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) {
            element[q] = NAME(numbers)(x + q * stride + i);
            NAME(store)(to + q * c.block + i, NAME(mul)(element[q], scale));
            if (c.kind == KV_CHANNEL) sum[q] = NAME(fma)(element[q], centre, sum[q]);
        }
    }
    NAME(store)(added, NAME(totals_of_four)(sum));
}

/* Minima are met by the queries as they are, and with them what codes are around, which is taken from the sums of products. */
APART void NAME(fold)(struct codec c, const uint8_t *head, const float *x, int stride, int queries, struct NAME(folded) *f) {
    int blocks = f->rounded.blocks;
    float *sums = f->rounded.sums, taken = c.bits == 8 ? 0 : middle_of(c), added[queries + LANES];
    for (int q = 0, some; q < queries; q += some) {
        some = together(queries - q);
        if (some == 4) NAME(take_up)(c, head, x + q * stride, stride, 4, f->x + q * c.block, added + q);
        else if (some == 2) NAME(take_up)(c, head, x + q * stride, stride, 2, f->x + q * c.block, added + q);
        else NAME(take_up)(c, head, x + q * stride, stride, 1, f->x + q * c.block, added + q);
    }
    f->head = head;
    NAME(round_queries)(f->x, queries, c.bits, &f->rounded);
    for (int q = 0, some; q < queries && c.kind == KV_CHANNEL; q += some, sums += some * blocks) {
        some = together(queries - q);
        for (int i = 0; i < some; i++) {
            float sum = 0;
            for (int b = 0; b < blocks; b++) sum += sums[b * some + i], sums[b * some + i] = 0;
            sums[i] = added[q + i] - taken * sum;
        }
    }
}

/*
 * Adds single elements, times what stands at their place in an entry, to sums of entries; or times what their entry has, to sums
 * of places. They are told apart without branches, which could not be foreseen.
 */
INLINE void NAME(add_some_singles)(struct NAME(loss) loss, const int32_t *from, const int32_t *to, const struct quartet *by,
                                   int fours, struct quartet *sums) {
    for (int i = 0; i < loss.count; i++)
        for (int j = 0; j < fours; j++) sums[to[i] * fours + j].x += loss.values[i] * by[from[i] * fours + j].x;
}

INLINE void NAME(add_singles)(struct NAME(loss) loss, const int32_t *from, const int32_t *to, const struct quartet *by, int fours,
                              struct quartet *sums) {
    if (fours == 1) NAME(add_some_singles)(loss, from, to, by, 1, sums);
    else NAME(add_some_singles)(loss, from, to, by, fours, sums);
}

/* Adds to the scores of rows behind one head what their codes lose. */
APART void NAME(add_lost_scores)(struct codec c, const uint8_t *const *rows, const uint8_t *head, int n, const float *x,
                                 const struct quartet *turned, int stride, int dimension, int queries, float *scores) {
    int fours = (queries + 3) / 4;
    float room[NAME(loss_room)(stride)], lost[queries * BLOCK];
    int32_t where[2 * NAME(most_singles)(stride)];
    struct quartet single[BLOCK * fours];
    struct NAME(loss) loss = NAME(loss_of)(c, head, dimension, stride, room, where);
    for (int q = 0; q < queries; q++) {
        float product[2];
        for (int r = 0; r < c.rank; r++) {
            NAME(floats) sum = NAME(no_floats)();
            for (int i = 0; i < stride; i += LANES)
                sum = NAME(fma)(NAME(numbers)(x + q * stride + i), NAME(numbers)(loss.b + r * stride + i), sum);
            product[r] = NAME(total)(sum);
        }
        for (int i = 0; i < BLOCK; i += LANES) {
            NAME(floats) sum = NAME(no_floats)();
            for (int r = 0; r < c.rank; r++)
                sum = NAME(add_scaled)(sum, NAME(numbers)(loss.a + r * BLOCK + i), product[r]);
            NAME(store)(lost + q * BLOCK + i, sum);
        }
    }
    if (loss.count > 0) memset(single, 0, sizeof(single));
    NAME(add_singles)(loss, loss.places, loss.entries, turned, fours, single);
    for (int q = 0; loss.count > 0 && q < queries; q++)
        for (int i = 0; i < BLOCK; i++) lost[q * BLOCK + i] += single[i * fours + q / 4].x[q % 4];
    int first = NAME(slot)(c, rows[0], head), last = NAME(slot)(c, rows[n - 1], head);
    for (int q = 0; q < queries; q++)
        if (last - first == n - 1)
            for (int i = 0; i < n; i++) scores[q * BLOCK + i] += lost[q * BLOCK + first + i];
        else
            for (int i = 0; i < n; i++) scores[q * BLOCK + i] += lost[q * BLOCK + NAME(slot)(c, rows[i], head)];
}

/* Adds to the weighted sums of rows behind one head what their codes lose. */
APART void NAME(add_lost_values)(struct codec c, const uint8_t *const *rows, const uint8_t *head, int n, const float *weights,
                                 int queries, int dimension, int padded, float *out) {
    int fours = (queries + 3) / 4;
    float room[NAME(loss_room)(padded)], placed[2 * padded], mine[queries * BLOCK];
    int32_t where[2 * NAME(most_singles)(padded)];
    struct quartet turned[BLOCK * fours], single[padded * fours];
    struct NAME(loss) loss = NAME(loss_of)(c, head, dimension, padded, room, where);
    for (int i = 0; c.bits == 2 && c.rank > 0 && i < padded; i++)
        for (int r = 0; r < c.rank; r++) placed[r * padded + NAME(quartered)(i)] = loss.b[r * padded + i];
    const float *b = c.bits == 2 ? placed : loss.b;
    int first = NAME(slot)(c, rows[0], head), last = NAME(slot)(c, rows[n - 1], head);
    memset(mine, 0, sizeof(mine));
    for (int q = 0; q < queries; q++)
        if (last - first == n - 1) memcpy(mine + q * BLOCK + first, weights + q * BLOCK, n * sizeof(float));
        else
            for (int i = 0; i < n; i++) mine[q * BLOCK + NAME(slot)(c, rows[i], head)] = weights[q * BLOCK + i];
    for (int q = 0; q < queries; q++)
        for (int r = 0; r < c.rank; r++) {
            NAME(floats) sum = NAME(no_floats)();
            for (int i = 0; i < BLOCK; i += LANES)
                sum = NAME(fma)(NAME(numbers)(mine + q * BLOCK + i), NAME(numbers)(loss.a + r * BLOCK + i), sum);
            float total = NAME(total)(sum);
            for (int i = 0; i < padded; i += LANES) {
                float *to = out + q * padded + i;
                NAME(store)(to, NAME(add_scaled)(NAME(numbers)(to), NAME(numbers)(b + r * padded + i), total));
            }
        }
    if (loss.count == 0) return;
    memset(single, 0, sizeof(single));
    beside(mine, BLOCK, BLOCK, queries, turned);
    NAME(add_singles)(loss, loss.entries, loss.places, turned, fours, single);
    for (int q = 0; q < queries; q++)
        for (int i = 0; i < padded; i++)
            out[q * padded + (c.bits == 2 ? NAME(quartered)(i) : i)] += single[i * fours + q / 4].x[q % 4];
}

/* Scores of entries whose heads are shared; keys are decoded to `decoded` where few follow a head. */
static void NAME(shared_scores)(struct codec c, const struct block *block, const float *x, int stride, int dimension,
                                int queries, struct NAME(folded) *f, const uint8_t *const *decoded, int room, float *scores) {
    const uint8_t *copies[BLOCK], *heads[BLOCK];
    float part[queries * BLOCK];
    struct NAME(span) s = {0};
    for (int n = block->count; s.to < n;) {
        s = NAME(next_span)(&block->keys, n, c.group, s.to);
        /* What is computed behind a span is overwritten by what follows, where there is room for it. */
        int count = s.to - s.from, room_behind = s.from + (count + 31) / 32 * 32 <= BLOCK, in_place = room_behind && !s.few;
        const uint8_t *const *rows = in_place ? block->keys.rows + s.from : copies;
        float *to = room_behind ? scores + s.from : part;
        if (!in_place) NAME(rows_of)(s, block->keys.rows, copies);
        if (s.few) {
            NAME(rows_of)(s, block->keys.heads, heads);
            for (int i = 0; i < count; i += LANES) {
                NAME(decode)(c, rows + i, heads + i, LANES, dimension, (float *)decoded[0], room);
                NAME(scores)(KV_F32, decoded, decoded, 0, LANES, x, stride, queries, to + i);
            }
        } else {
            const uint8_t *head = block->keys.heads[s.from];
            if (head != f->head) NAME(fold)(c, head, x, stride, queries, f);
            NAME(code_scores)(c, rows, count, block->keys.adjacent, f->rounded, queries, rows, 0, to);
            if (c.lost > 0) NAME(add_lost_scores)(c, rows, head, count, x, f->turned, stride, dimension, queries, to);
        }
        for (int q = 0; !room_behind && q < queries; q++)
            memcpy(scores + q * BLOCK + s.from, part + q * BLOCK, count * sizeof(float));
    }
}

/* Adds sums behind one head, and what all of their channels lack, times the channels' factors. */
APART void NAME(add_factored)(struct codec c, const uint8_t *head, const float *sums, const float *offsets, int queries, int padded,
                              float *out) {
    float factors[padded], placed[padded];
    for (int i = 0; i < padded; i += LANES) NAME(store)(factors + i, NAME(halves)(head + 2 * i));
    for (int i = 0; c.bits == 2 && i < padded; i++) placed[NAME(quartered)(i)] = factors[i];
    for (int q = 0; q < queries; q++, sums += padded, offsets += padded / 32 * LANES, out += padded) {
        NAME(floats) lacking = NAME(all)(NAME(total)(NAME(numbers)(offsets)));
        for (int i = 0; i < padded; i += LANES) {
            NAME(floats) factor = NAME(numbers)((c.bits == 2 ? placed : factors) + i);
            NAME(store)(out + i, NAME(fma)(NAME(sum)(NAME(numbers)(sums + i), lacking), factor, NAME(numbers)(out + i)));
        }
    }
}

/* Adds rows of codes behind one head, whose weights are rounded: sums of their own, times each channel's factor. */
static void NAME(add_separable)(const struct codec *c, const uint8_t *head, struct table t, int n,
                                const struct NAME(weights) *weights, int queries, int dimension, int padded,
                                struct NAME(ahead) ahead, float *out, float *offsets) {
    float sums[queries * padded];
    memset(sums, 0, sizeof(sums));
    NAME(add_weighed)(c, t, n, weights, queries, dimension, padded, ahead, sums);
    NAME(add_factored)(*c, head, sums, offsets, queries, padded, out);
    memset(offsets, 0, queries * (padded / 32 * LANES) * sizeof(float));
}

/* Adds rows of any type, decoded sixteen at a time; to sums in the order of codes of two bits if they are `quartered`. */
static void NAME(add_decoded)(struct codec c, const struct rows *of, const uint8_t *const *ahead, int ahead_bytes, int n,
                              const float *weights, int queries, int dimension, int stride, int quartered,
                              const uint8_t *const *decoded, int room, float *out) {
    float apart[quartered ? queries * stride : 1], *to = quartered ? apart : out;
    if (quartered) memset(apart, 0, sizeof(apart));
    for (int i = 0; i < n; i += LANES) {
        int some = n - i < LANES ? n - i : LANES;
        NAME(decode)(c, of->rows + i, of->heads + i, some, dimension, (float *)decoded[0], room);
        NAME(values)(KV_F32, decoded, ahead + i, ahead_bytes, some, weights + i, queries, stride, to);
    }
    for (int q = 0; quartered && q < queries; q++)
        for (int i = 0; i < stride; i++) out[q * stride + NAME(quartered)(i)] += apart[q * stride + i];
}
