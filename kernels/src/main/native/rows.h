/* Rows of keys and values of plain numbers, which are read where they lie. */

/* Lengths of n directions, from number `entry` on, of which there is a BLOCK behind each of the lengths. */
APART void NAME(read_lengths)(struct codec c, const uint8_t *base, int64_t whole, int entry, int n, float *lengths) {
    for (int i = 0, some; i < n; i += some, entry += some) {
        const uint8_t *from = base + entry / BLOCK * whole + c.own + 2 * (entry % BLOCK);
        some = LANES <= n - i && entry % BLOCK + LANES <= BLOCK ? LANES : 1;
        uint16_t half;
        memcpy(&half, from, 2);
        if (some > 1) NAME(store)(lengths + i, NAME(halves)(from));
        else lengths[i] = NAME(half_value)(half);
    }
}

/*
 * Entries of a run, from number `entry` on, one group after another, and their lengths, if they have any; asks for heads. Of a
 * whole block that follow each other these are only the first and the last if `ends` says so. They are the block's from number
 * `first` on.
 */
INLINE void NAME(place)(struct codec c, const uint8_t *base, int entry, int n, int ends, int first, struct rows *to) {
    const uint8_t **rows = to->rows + first, **heads = to->heads + first;
    float *lengths = to->lengths + first;
    int64_t group = c.head + (int64_t)c.group * c.bytes, whole = c.lengths ? c.lengths + BLOCK / c.group * group : 0;
    int grouped = c.head > 0 || c.lengths > 0;
    to->leading = grouped ? c.group - entry % c.group : BLOCK;
    to->adjacent = c.head > 0 || to->leading >= n;
    ends = ends && n == BLOCK && to->leading >= BLOCK;
    if (c.lengths) NAME(read_lengths)(c, base, whole, entry, n, lengths);
    if (!grouped) {
        const uint8_t *row = base + (int64_t)entry * c.bytes;
        if (ends) rows[0] = row, rows[n - 1] = row + (int64_t)(n - 1) * c.bytes;
        for (int i = 0; !ends && i < n; i++) rows[i] = row + (int64_t)i * c.bytes;
        return;
    }
    while (n > 0) {
        int at = entry % c.group, some = n < c.group - at ? n : c.group - at;
        const uint8_t *head = base + entry / c.group * group;
        if (c.lengths) head = base + entry / BLOCK * whole + c.lengths + entry % BLOCK / c.group * group;
        const uint8_t *row = head + c.head + (int64_t)at * c.bytes;
        for (int i = 0; i < c.head; i += 64) __builtin_prefetch(head + i, 0, 2);
        if (ends) {
            rows[0] = row, rows[n - 1] = row + (int64_t)(n - 1) * c.bytes, heads[0] = heads[n - 1] = head;
            return;
        }
        for (int i = 0; i < some; i++) rows[i] = row + (int64_t)i * c.bytes, heads[i] = head;
        rows += some, heads += some, entry += some, n -= some;
    }
}

/*
 * Whether the entries that come next lie apart, a whole block of them, and may come in any order. In that of their addresses
 * processors would guess what else is read, and read most of it in vain.
 */
INLINE int NAME(lie_apart)(const struct attention *a, const struct codec *keys, const struct codec *values, struct cursor next) {
    if (a->runs - next.run < BLOCK || a->kept || a->addends || a->positions) return 0;
    if (keys->head + keys->lengths + values->head + values->lengths > 0) return 0;
    return a->run[next.run].to - a->run[next.run].from < BLOCK / 2;
}

/* These entries, out of order. */
INLINE void NAME(next_apart)(const struct attention *a, int key_bytes, int value_bytes, struct cursor *next, struct block *block) {
    const struct run *run = a->run + next->run;
    int at = next->at;
    for (int n = 0; n < BLOCK; n++) {
        int to = out_of_order(n), entry = run->from + at;
        block->keys.rows[to] = run->page + (int64_t)entry * key_bytes;
        block->values.rows[to] = run->page + a->value_base + (int64_t)entry * value_bytes;
        if (a->turn) block->turns[to] = a->turn[run - a->run] + at * a->step;
        if (entry + 1 == run->to) run++, at = 0;
        else at++;
    }
    *next = (struct cursor){next->entry + BLOCK, (int)(run - a->run), at};
    block->count = block->pieces = BLOCK;
}

/*
 * The entries that come next; of adjacent rows only the first and the last if `ends` says so. Values behind a head make a block
 * of their own unless they are few.
 */
APART void NAME(next_block)(const struct attention *a, const struct codec *of_keys, const struct codec *of_values,
                            struct cursor *next, int ends, struct block *block) {
    struct codec keys = *of_keys, values = *of_values;
    int n = 0;
    block->first = next->entry;
    block->keys.adjacent = block->values.adjacent = block->pieces = block->alone = 0;
    if (NAME(lie_apart)(a, of_keys, of_values, *next)) {
        NAME(next_apart)(a, keys.bytes, values.bytes, next, block);
        return;
    }
    while (n < BLOCK && next->run < a->runs) {
        struct run run = a->run[next->run];
        int from = run.from + next->at, some = run.to - from < BLOCK - n ? run.to - from : BLOCK - n;
        int grouped = values.head > 0 ? values.group - from % values.group : BLOCK;
        some = some < grouped ? some : grouped;
        int many = values.head > 0 && some >= FEW;
        if (many && n > 0) break;
        block->piece[block->pieces++] = n;
        NAME(place)(keys, run.page, from, some, ends, n, &block->keys);
        NAME(place)(values, run.page + a->value_base, from, some, ends, n, &block->values);
        if (a->turn)
            for (int i = 0; i < some; i++) block->turns[n + i] = a->turn[next->run] + (next->at + i) * a->step;
        n += some;
        next->at += some;
        if (from + some == run.to) next->run++, next->at = 0;
        block->alone = many;
        if (many) break;
    }
    if (block->pieces > 1) block->keys.adjacent = block->values.adjacent = 0;
    next->entry += n;
    block->count = n;
    for (int i = n; n > 0 && i < BLOCK; i++) {
        block->keys.rows[i] = block->keys.rows[n - 1];
        block->values.rows[i] = block->values.rows[n - 1];
        block->keys.heads[i] = block->keys.heads[n - 1];
        block->values.heads[i] = block->values.heads[n - 1];
        block->keys.lengths[i] = block->keys.lengths[n - 1];
        block->values.lengths[i] = block->values.lengths[n - 1];
        block->turns[i] = block->turns[n - 1];
    }
}

/* Elements i to i + 16 of a row of plain numbers; of bytes there are whole blocks. */
INLINE NAME(floats) NAME(sixteen)(enum kv kind, const uint8_t *row, int i) {
    const uint8_t *block = row + i / 32 * 34;
    switch (kind) {
        case KV_Q8_0: return NAME(mul)(NAME(signed_bytes)(block + 2 + i % 32), NAME(all_halves)(block));
        case KV_F16: return NAME(halves)(row + 2 * i);
        case KV_BF16: return NAME(brains)(row + 2 * i);
        default: return NAME(numbers)((const float *)row + i);
    }
}

/* Rows that follow each other and are still to be asked for, a few at a time; or none. */
struct NAME(ahead) { const uint8_t *row; int bytes; };

/* Asks for a row in the second cache, for which more lines can be on their way than for the first. */
INLINE void NAME(fetch_row)(const uint8_t *row, int bytes) {
    for (int at = 0; at < bytes; at += 64) __builtin_prefetch(row + at, 0, 2);
}

/* Asks for n of them, from number i on. */
INLINE void NAME(fetch_some)(struct NAME(ahead) ahead, int i, int n) {
    NAME(fetch_row)(ahead.row + (int64_t)i * ahead.bytes, n * ahead.bytes);
}

/*
 * Asks for rows that lie apart or are few; many that follow each other, with little else between, are left to whoever asks for a
 * few at a time.
 */
INLINE struct NAME(ahead) NAME(fetch_apart)(const uint8_t *const *rows, int n, int bytes) {
    int64_t all = n > LANES ? rows[n - 1] - rows[0] + bytes : 0;
    if (all >= n * bytes && all <= n * bytes * 5 / 4)
        return (struct NAME(ahead)){rows[0], all == n * bytes ? bytes : (int)all / n + 1};
    for (int i = 0; i < n; i++)
        for (int at = 0; at < bytes; at += 64)
            if (past_second_cache) __builtin_prefetch(rows[i] + at, 0, 0);
            else __builtin_prefetch(rows[i] + at, 0, 2);
    return (struct NAME(ahead)){0, 0};
}

/* Asks for all rows. */
INLINE void NAME(fetch)(const uint8_t *const *rows, int n, int bytes) {
    NAME(fetch_some)(NAME(fetch_apart)(rows, n, bytes), 0, n);
}

/*
 * Asks for where the pieces of a block begin, if there are several, all in one go, where rows come sooner past the second cache:
 * memory's pages are small there, finding one takes as long as reading from it, and several are looked for at once only while
 * little else waits to be done. Elsewhere what is asked for in between would have to wait for it.
 */
INLINE void NAME(find)(const struct block *block, int values_too) {
    if (!past_second_cache || block->pieces < 2) return;
    for (int i = 0; i < block->pieces; i++) {
        int row = block->pieces == block->count ? i : block->piece[i];
        __builtin_prefetch(block->keys.rows[row], 0, 3);
        if (values_too) __builtin_prefetch(block->values.rows[row], 0, 3);
    }
}

/* Each query's numbers of n entries, times the entries' lengths. */
APART void NAME(lengthen)(const float *lengths, int n, int queries, float *numbers) {
    for (int q = 0; q < queries; q++)
        for (int i = 0; i < n; i++) numbers[q * BLOCK + i] *= lengths[i];
}

/* scores[q * BLOCK + i] = query q . row i for 4 queries and 4 rows, for two and 8 or for one and 16. */
INLINE void NAME(dots)(enum kv kind, const uint8_t *const *rows, const float *x, int padded, int queries, float *scores) {
    int each = LANES / queries;
    NAME(floats) sum[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++) sum[i] = NAME(no_floats)();
    for (int c = 0; c < padded; c += LANES) {
        NAME(floats) row[LANES];
#pragma GCC unroll 16
        for (int i = 0; i < each; i++) row[i] = NAME(sixteen)(kind, rows[i], c);
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) {
            NAME(floats) query = NAME(numbers)(x + q * padded + c);
#pragma GCC unroll 16
            for (int i = 0; i < each; i++) sum[q * each + i] = NAME(fma)(query, row[i], sum[q * each + i]);
        }
    }
    float lanes[LANES];
    NAME(store)(lanes, NAME(sums)(sum));
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++) memcpy(scores + q * BLOCK, lanes + q * each, each * sizeof(float));
}

/* Elements i to i + 8 of two rows of 16 bits, and the next eight. */
INLINE void NAME(sixteen_of_two)(enum kv kind, const uint8_t *row, const uint8_t *other, int i, NAME(floats) *out) {
    if (kind == KV_F16) NAME(halves_of_two)(row + 2 * i, other + 2 * i, out);
    else NAME(brains_of_two)(row + 2 * i, other + 2 * i, out);
}

/*
 * The same for rows of 16 bits, of which two share a register, so that half as many lanes are left to be added up: for 4 queries
 * and 8 rows, for two and 16 or for one and 16. Of each eight rows the first has the fifth beside it. Asks for as many other rows
 * on the way; for four queries, with more between, some after others where that comes out even: asked for in one go they would
 * have to wait. Rows that are laid out as registers already are read from there.
 */
INLINE void NAME(paired_dots)(enum kv kind, const uint8_t *const *rows, const float *laid_out, const uint8_t *const *ahead,
                              int ahead_bytes, const float *x, int padded, int queries, float *scores) {
    int pairs = queries == 4 ? 4 : 8, of_query = 2 * pairs, step = padded / of_query, some = 1;
    if (step * of_query == padded && LANES % step == 0) some = LANES / step, step = LANES;
    if (queries < 4 || step % LANES > 0) NAME(fetch)(ahead, of_query, ahead_bytes), ahead_bytes = 0, step = padded;
    NAME(floats) sum[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < queries * pairs; i++) sum[i] = NAME(no_floats)();
    for (int c = 0, until = step; c < padded; until += step, ahead += some) {
        for (int i = 0; i < some; i++) NAME(fetch_row)(ahead[i], ahead_bytes);
        for (; c < until; c += LANES) {
            NAME(floats) row[8][2];
#pragma GCC unroll 8
            for (int i = 0; i < pairs; i++) {
                const uint8_t *const *first = rows + i / 4 * 8 + i % 4;
                if (!laid_out) NAME(sixteen_of_two)(kind, first[0], first[4], c, row[i]);
                for (int half = 0; laid_out && half < 2; half++)
                    row[i][half] = NAME(numbers)(laid_out + 8 * c + (2 * i + half) * LANES);
            }
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++)
#pragma GCC unroll 2
                for (int half = 0; half < 2; half++) {
                    NAME(floats) query = NAME(twice)(x + q * padded + c + half * LANES / 2);
#pragma GCC unroll 8
                    for (int i = 0; i < pairs; i++) sum[q * pairs + i] = NAME(fma)(query, row[i][half], sum[q * pairs + i]);
                }
        }
    }
#pragma GCC unroll 2
    for (int i = 0; i < queries * pairs; i += 8) {
        int lane = 2 * i, other = lane + LANES / 2;
        NAME(store_two)(scores + lane / of_query * BLOCK + lane % of_query,
                        scores + other / of_query * BLOCK + other % of_query, NAME(sums_of_two)(sum + i));
    }
}

/* The same of n rows, rounded up to 16. */
INLINE void NAME(some_scores)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes,
                              int n, const float *x, int padded, int queries, float *scores) {
    int paired = kind == KV_F16 || kind == KV_BF16, step = paired && queries > 1 ? 2 * LANES / queries : LANES / queries;
    for (int i = 0; i < n; i += step, rows += step, ahead += step, scores += step) {
        if (paired) NAME(paired_dots)(kind, rows, 0, ahead, ahead_bytes, x, padded, queries, scores);
        else {
            NAME(fetch)(ahead, step, ahead_bytes);
            NAME(dots)(kind, rows, x, padded, queries, scores);
        }
    }
}

#define SCORES(kind, queries)                                                                                          \
    APART void NAME(scores_##kind##_##queries)(const uint8_t *const *rows, const uint8_t *const *ahead,              \
                                               int ahead_bytes, int n, const float *x, int padded, float *scores) {  \
        NAME(some_scores)(kind, rows, ahead, ahead_bytes, n, x, padded, queries, scores);                              \
    }
SCORES(KV_F16, 4)
SCORES(KV_F16, 2)
SCORES(KV_F16, 1)
SCORES(KV_BF16, 4)
SCORES(KV_BF16, 2)
SCORES(KV_BF16, 1)
SCORES(KV_Q8_0, 4)
SCORES(KV_Q8_0, 2)
SCORES(KV_Q8_0, 1)
SCORES(KV_F32, 4)
SCORES(KV_F32, 2)
SCORES(KV_F32, 1)
#undef SCORES

/* Lays out n rows of 16 bits, rounded up to 8, as four queries meet them; asks for others on the way. */
INLINE void NAME(lay_out)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                          int padded, float *to) {
    for (int i = 0; i < n; i += 8, rows += 8, ahead += 8) {
        NAME(fetch)(ahead, 8, ahead_bytes);
        for (int c = 0; c < padded; c += LANES)
#pragma GCC unroll 4
            for (int p = 0; p < 4; p++, to += 2 * LANES) {
                NAME(floats) row[2];
                NAME(sixteen_of_two)(kind, rows[p], rows[p + 4], c, row);
                NAME(store)(to, row[0]);
                NAME(store)(to + LANES, row[1]);
            }
    }
}

/* Scores of n rows of 16 bits, rounded up to 8, with at least four queries; returns how many of these there were. */
APART int NAME(scores_of_many)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                               const float *x, int padded, int queries, float *scores) {
    _Alignas(64) float laid_out[BLOCK * padded];
    if (kind == KV_F16) NAME(lay_out)(KV_F16, rows, ahead, ahead_bytes, n, padded, laid_out);
    else NAME(lay_out)(KV_BF16, rows, ahead, ahead_bytes, n, padded, laid_out);
    int q = 0;
    for (; q + 4 <= queries; q += 4, x += 4 * padded, scores += 4 * BLOCK)
        for (int i = 0; i < n; i += 8)
            NAME(paired_dots)(kind, rows, laid_out + i * padded, ahead, 0, x, padded, 4, scores + i);
    return q;
}

/* Adds a row's `chunks` pieces of 16, times its weight for each query, to sums. */
INLINE void NAME(weigh_row)(const NAME(floats) *row, const float *weights, int queries, int chunks, NAME(floats) *sum) {
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++)
#pragma GCC unroll 4
        for (int j = 0; j < chunks; j++)
            sum[q * chunks + j] = NAME(add_scaled)(sum[q * chunks + j], row[j], weights[q * BLOCK]);
}

/* Adds such sums to numbers whose rows are `stride` apart. */
INLINE void NAME(add_sums)(const NAME(floats) *sum, int queries, int chunks, float *out, int stride) {
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++)
#pragma GCC unroll 4
        for (int j = 0; j < chunks; j++) {
            float *to = out + q * stride + j * LANES;
            NAME(store)(to, NAME(sum)(NAME(numbers)(to), sum[q * chunks + j]));
        }
}

/* out[q * stride + c] += sum_i weights[q * BLOCK + i] * row i, c in `chunks` chunks of 16, for `queries` queries. */
INLINE void NAME(add_chunks)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                             const float *weights, int queries, int c, int chunks, float *out, int stride) {
    NAME(floats) sum[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < queries * chunks; i++) sum[i] = NAME(no_floats)();
    for (int i = 0; i < n; i++) {
        if (c == 0) NAME(fetch)(ahead + i, 1, ahead_bytes);
        NAME(floats) row[4];
#pragma GCC unroll 4
        for (int j = 0; j < chunks; j++) row[j] = NAME(sixteen)(kind, rows[i], c + j * LANES);
        NAME(weigh_row)(row, weights + i, queries, chunks, sum);
    }
    NAME(add_sums)(sum, queries, chunks, out + c, stride);
}

/* Adds n rows, weighted, to all queries' sums; asks for the next keys on the way. */
INLINE void NAME(plain_values)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                               const float *weights, int queries, int padded, float *out) {
    while (queries > 0) {
        int some = together(queries);
        for (int c = 0, chunks; c < padded; c += chunks * LANES) {
            chunks = c + 64 <= padded ? 4 : 1;
            switch (some * 8 + chunks) {
                case 4 * 8 + 4: NAME(add_chunks)(kind, rows, ahead, ahead_bytes, n, weights, 4, c, 4, out, padded); break;
                case 4 * 8 + 1: NAME(add_chunks)(kind, rows, ahead, ahead_bytes, n, weights, 4, c, 1, out, padded); break;
                case 2 * 8 + 4: NAME(add_chunks)(kind, rows, ahead, ahead_bytes, n, weights, 2, c, 4, out, padded); break;
                case 2 * 8 + 1: NAME(add_chunks)(kind, rows, ahead, ahead_bytes, n, weights, 2, c, 1, out, padded); break;
                case 1 * 8 + 4: NAME(add_chunks)(kind, rows, ahead, ahead_bytes, n, weights, 1, c, 4, out, padded); break;
                default: NAME(add_chunks)(kind, rows, ahead, ahead_bytes, n, weights, 1, c, 1, out, padded);
            }
        }
        queries -= some, weights += some * BLOCK, out += some * padded, ahead_bytes = 0;
    }
}

/* Scores of n rows, rounded up to 16, with all queries; asks for the values on the way. */
static void NAME(scores)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                         const float *x, int padded, int queries, float *scores) {
    for (int q = 0, some; q < queries; q += some, x += some * padded, scores += some * BLOCK, ahead_bytes = 0) {
        some = together(queries - q);
        if ((kind == KV_F16 || kind == KV_BF16) && queries - q >= MANY_QUERIES) {
            some = NAME(scores_of_many)(kind, rows, ahead, ahead_bytes, n, x, padded, queries, scores);
            continue;
        }
        switch (kind * 8 + some) {
            case KV_F16 * 8 + 4: NAME(scores_KV_F16_4)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_F16 * 8 + 2: NAME(scores_KV_F16_2)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_F16 * 8 + 1: NAME(scores_KV_F16_1)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_BF16 * 8 + 4: NAME(scores_KV_BF16_4)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_BF16 * 8 + 2: NAME(scores_KV_BF16_2)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_BF16 * 8 + 1: NAME(scores_KV_BF16_1)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_Q8_0 * 8 + 4: NAME(scores_KV_Q8_0_4)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_Q8_0 * 8 + 2: NAME(scores_KV_Q8_0_2)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_Q8_0 * 8 + 1: NAME(scores_KV_Q8_0_1)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_F32 * 8 + 4: NAME(scores_KV_F32_4)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            case KV_F32 * 8 + 2: NAME(scores_KV_F32_2)(rows, ahead, ahead_bytes, n, x, padded, scores); break;
            default: NAME(scores_KV_F32_1)(rows, ahead, ahead_bytes, n, x, padded, scores);
        }
    }
}

APART void NAME(values)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                        const float *weights, int queries, int padded, float *out) {
    switch (kind) {
        case KV_F16: NAME(plain_values)(KV_F16, rows, ahead, ahead_bytes, n, weights, queries, padded, out); break;
        case KV_BF16: NAME(plain_values)(KV_BF16, rows, ahead, ahead_bytes, n, weights, queries, padded, out); break;
        case KV_Q8_0: NAME(plain_values)(KV_Q8_0, rows, ahead, ahead_bytes, n, weights, queries, padded, out); break;
        default: NAME(plain_values)(KV_F32, rows, ahead, ahead_bytes, n, weights, queries, padded, out);
    }
}
