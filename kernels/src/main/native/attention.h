/*
 * Attention over one instruction set: blocks of entries meet all queries, with an online softmax between keys and values.
 * Keys and values of plain numbers are read where they lie, codes of few bits meet queries and weights of 8 bits
 * in integer dot products, and all else is decoded first.
 */

/* Entries of a run, from number `entry` on, one group after another. */
INLINE void NAME(place)(struct codec c, const uint8_t *base, int entry, int n, const uint8_t **rows, const uint8_t **heads) {
    if (!c.head) {
        const uint8_t *row = base + (int64_t)entry * c.bytes;
        for (int i = 0; i < n; i++) rows[i] = row + (int64_t)i * c.bytes;
        return;
    }
    while (n > 0) {
        int at = entry % c.group, some = n < c.group - at ? n : c.group - at;
        const uint8_t *head = base + (int64_t)(entry / c.group) * (c.head + (int64_t)c.group * c.bytes);
        const uint8_t *row = head + c.head + (int64_t)at * c.bytes;
        for (int i = 0; i < some; i++) rows[i] = row + (int64_t)i * c.bytes, heads[i] = head;
        rows += some, heads += some, entry += some, n -= some;
    }
}

APART void NAME(next_block)(const struct attention *a, struct codec keys, struct codec values, struct cursor *next,
                            struct block *block) {
    int n = 0;
    block->first = next->entry;
    int alone = keys.head == 0 && values.head == 0;
    while (n < BLOCK && next->run < a->runs) {
        struct run run = a->run[next->run];
        if (alone && run.to - run.from == 1) {
            if (a->turn) block->turns[n] = a->turn[next->run];
            block->keys[n] = run.page + (int64_t)run.from * keys.bytes;
            block->values[n++] = run.page + a->value_base + (int64_t)run.from * values.bytes;
            next->run++;
            continue;
        }
        int from = run.from + next->at, some = run.to - from < BLOCK - n ? run.to - from : BLOCK - n;
        NAME(place)(keys, run.page, from, some, block->keys + n, block->key_heads + n);
        NAME(place)(values, run.page + a->value_base, from, some, block->values + n, block->value_heads + n);
        if (a->turn)
            for (int i = 0; i < some; i++) block->turns[n + i] = a->turn[next->run] + (next->at + i) * a->step;
        n += some;
        next->at += some;
        if (from + some == run.to) next->run++, next->at = 0;
    }
    next->entry += n;
    block->count = n;
    for (int i = n; n > 0 && i < BLOCK; i++) {
        block->keys[i] = block->keys[n - 1];
        block->values[i] = block->values[n - 1];
        block->key_heads[i] = block->key_heads[n - 1];
        block->value_heads[i] = block->value_heads[n - 1];
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

/* Asks for rows in the second cache: more lines can be on their way there than to the first. */
INLINE void NAME(fetch)(const uint8_t *const *rows, int n, int bytes) {
    if (n > LANES && rows[n - 1] - rows[0] == (int64_t)(n - 1) * bytes) {
        for (int at = 0; at < n * bytes; at += 64) __builtin_prefetch(rows[0] + at, 0, 2);
        return;
    }
    for (int i = 0; i < n; i++)
        for (int at = 0; at < bytes; at += 64) __builtin_prefetch(rows[i] + at, 0, 2);
}

/* Asks for what groups of rows share. */
INLINE void NAME(fetch_heads)(struct codec c, const uint8_t *const *heads, int n) {
    for (int i = 0; c.head > 0 && i < n; i++)
        for (int at = 0; (i == 0 || heads[i] != heads[i - 1]) && at < c.head; at += 64) __builtin_prefetch(heads[i] + at, 0, 2);
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

/* Scores of n rows, rounded up to 16, with all queries; asks for the values on the way. */
INLINE void NAME(plain_scores)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes,
                               int n, const float *x, int padded, int queries, float *scores) {
    for (int q = 0, some; q < queries; q += some) {
        some = together(queries - q);
        for (int i = 0; i < n; i += LANES / some) {
            if (q == 0) NAME(fetch)(ahead + i, LANES / some, ahead_bytes);
            const float *from = x + q * padded;
            float *to = scores + q * BLOCK + i;
            if (some == 4) NAME(dots)(kind, rows + i, from, padded, 4, to);
            else if (some == 2) NAME(dots)(kind, rows + i, from, padded, 2, to);
            else NAME(dots)(kind, rows + i, from, padded, 1, to);
        }
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
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++)
#pragma GCC unroll 4
            for (int j = 0; j < chunks; j++)
                sum[q * chunks + j] = NAME(add_scaled)(sum[q * chunks + j], row[j], weights[q * BLOCK + i]);
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++)
#pragma GCC unroll 4
        for (int j = 0; j < chunks; j++) {
            float *to = out + q * stride + c + j * LANES;
            NAME(store)(to, NAME(add_scaled)(NAME(numbers)(to), sum[q * chunks + j], 1));
        }
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

/* Codes 0 to 16 or 16 to 32 of a block. */
INLINE NAME(floats) NAME(codes)(struct codec c, const uint8_t *p, int from) {
    if (c.kind == KV_Q8_0) return NAME(signed_bytes)(p + from);
    if (c.bits == 8) return NAME(unsigned_bytes)(p + from);
    if (c.bits == 4) return NAME(to_floats)(NAME(bits)(NAME(widened)(p), from / 4, 15, 0));
    int32_t word;
    memcpy(&word, p + from / 4, 4);
    return NAME(to_floats)(NAME(twos)(word));
}

/* Decodes rows of codes into whole blocks of 32, `stride` elements apart, of which those past the dimension are zeros. */
INLINE void NAME(decode_codes)(struct codec c, const uint8_t *const *rows, const uint8_t *const *heads, int n,
                               int dimension, float *y, int stride) {
    for (int i = 0; i < n; i++, y += stride) {
        const uint8_t *block = rows[i], *at = block + c.lead;
        for (int from = 0; from < dimension; from += 32, at += 4 * c.bits) {
            if (c.block == 32) block = rows[i] + from / 32 * c.block_bytes, at = block + c.lead;
            NAME(floats) scale = NAME(all)(1), min = NAME(all)(0);
            if (c.lead > 0) scale = NAME(all_halves)(block);
            if (c.lead == 4) min = NAME(all_halves)(block + 2);
            if (c.kind == KV_Q4_0) min = NAME(mul)(scale, NAME(all)(-8));
#pragma GCC unroll 2
            for (int j = 0; j < 32; j += LANES) {
                NAME(floats) v = NAME(codes)(c, at, j);
                if (c.kind == KV_CHANNEL) {
                    const uint8_t *channels = heads[i] + c.lost + 2 * (from + j);
                    scale = NAME(halves)(channels);
                    min = NAME(halves)(channels + (c.head - c.lost) / 2);
                }
                v = NAME(fma)(v, scale, min);
                if (c.kind == KV_SEPARABLE) v = NAME(mul)(v, NAME(halves)(heads[i] + 2 * (from + j)));
                NAME(store)(y + from + j, v);
            }
        }
        for (int j = dimension; j % 32 > 0; j++) y[j] = 0;
    }
}

/* What codes of a group lose: the numbers of its entries, then those of its elements, and single elements in entries' order. */
struct NAME(loss) { float *a, *b; int count; const uint8_t *elements; float *values; };

/* Room for the numbers of such a group. */
INLINE int NAME(loss_room)(int padded) { return 2 * BLOCK + 2 * padded + 2 * (padded + BLOCK); }

/* Reads them to `room`; elements of the product have zeros behind. Elements are read by sixteens: the group's codes follow. */
INLINE struct NAME(loss) NAME(loss_of)(struct codec c, const uint8_t *head, int dimension, int padded, float *room) {
    struct NAME(loss) loss = {room, room + 2 * BLOCK, 0, 0, room + 2 * BLOCK + 2 * padded};
    for (int i = 0; c.rank > 0 && i < BLOCK; i += LANES) {
        NAME(ints) pairs = NAME(load)(head + 4 * i);
        NAME(store)(loss.a + i, NAME(low_halves)(pairs));
        NAME(store)(loss.a + BLOCK + i, NAME(high_halves)(pairs));
    }
    const uint8_t *at = head + 2 * c.rank * BLOCK;
    for (int r = 0; r < c.rank; r++, at += 2 * dimension)
        for (int i = 0; i < padded; i += LANES) {
            uint8_t copy[2 * LANES] = {0};
            int whole = i + LANES <= dimension;
            if (!whole && i < dimension) memcpy(copy, at + 2 * i, 2 * (dimension - i));
            NAME(store)(loss.b + r * padded + i, NAME(halves)(whole ? at + 2 * i : copy));
        }
    uint16_t count;
    memcpy(&count, at, 2);
    loss.elements = at + 2;
    loss.count = c.single ? count : 0;
    for (int i = 0; i < loss.count; i += LANES) NAME(store)(loss.values + i, NAME(high_halves)(NAME(load)(loss.elements + 4 * i)));
    return loss;
}

/* Which entry of its group a row is. */
INLINE int NAME(slot)(struct codec c, const uint8_t *row, const uint8_t *head) { return (int)((row - head - c.head) / c.bytes); }

/* A single element's index in its group. */
INLINE int NAME(index)(struct NAME(loss) loss, int i) {
    uint16_t index;
    memcpy(&index, loss.elements + 4 * i, 2);
    return index;
}

/* Adds to each decoded row what its codes lose. */
APART void NAME(restore)(struct codec c, const uint8_t *const *rows, const uint8_t *const *heads, int n, int dimension,
                         float *y, int stride) {
    int padded = (dimension + 31) / 32 * 32;
    float room[NAME(loss_room)(padded)];
    struct NAME(loss) loss = {0};
    for (int i = 0; i < n; i++, y += stride) {
        if (i == 0 || heads[i] != heads[i - 1]) loss = NAME(loss_of)(c, heads[i], dimension, padded, room);
        int slot = NAME(slot)(c, rows[i], heads[i]);
        for (int r = 0; r < c.rank; r++)
            for (int j = 0; j < dimension; j++) y[j] += loss.a[r * BLOCK + slot] * loss.b[r * padded + j];
        for (int j = 0; j < loss.count; j++) {
            int at = NAME(index)(loss, j) - slot * dimension;
            if (at >= 0 && at < dimension) y[at] += loss.values[j];
        }
    }
}

/* The same for any type. */
APART void NAME(decode)(struct codec c, const uint8_t *const *rows, const uint8_t *const *heads, int n, int dimension,
                        float *y, int stride) {
    if (c.kind <= KV_BF16) {
        int size = c.kind == KV_F32 ? 4 : 2;
        for (int i = 0; i < n; i++) {
            uint8_t copy[128] = {0};
            for (int from = 0; from < dimension; from += 32) {
                memcpy(copy, rows[i] + from * size, (dimension - from < 32 ? dimension - from : 32) * size);
                for (int j = 0; j < 32; j += LANES) NAME(store)(y + i * stride + from + j, NAME(sixteen)(c.kind, copy, j));
            }
            for (int j = dimension; j % 32 > 0; j++) y[i * stride + j] = 0;
        }
        return;
    }
    if (c.bits == 8) c.bits = 8, NAME(decode_codes)(c, rows, heads, n, dimension, y, stride);
    else if (c.bits == 4) c.bits = 4, NAME(decode_codes)(c, rows, heads, n, dimension, y, stride);
    else c.bits = 2, NAME(decode_codes)(c, rows, heads, n, dimension, y, stride);
    if (c.lost > 0) NAME(restore)(c, rows, heads, n, dimension, y, stride);
}

/* The scales and minima of n rows' blocks, as they lie. */
INLINE void NAME(read_heads)(const uint8_t *const *rows, int64_t at, int n, uint32_t *heads) {
    for (int i = 0; i < n; i++) memcpy(heads + i, rows[i] + at, 4);
}

/* Scales and minima of 16 blocks. */
INLINE void NAME(heads)(struct codec c, const uint32_t *heads, NAME(floats) *scale, NAME(floats) *min) {
    NAME(ints) words = NAME(load)((const uint8_t *)heads);
    *scale = NAME(low_halves)(words);
    *min = c.kind == KV_Q4_0 ? NAME(mul)(*scale, NAME(all)(-8)) : NAME(high_halves)(words);
}

/*
 * Scores of n rows of four- or two-bit codes, rounded up to 16, with some queries; heads[b * BLOCK + i] is that of row i's
 * block b. Of 16 bytes each four have codes of the same four rows' columns: those of the lowest bits, then the next.
 */
INLINE void NAME(code_dots)(int bits, struct codec c, const uint8_t *const *rows, const uint32_t *heads, int n,
                            struct rounded x, int queries, float *scores) {
    int each = c.block / 32, parts = 8 / bits, words = bits, mask = (1 << bits) - 1;
    for (int i = 0; i < n; i += LANES, rows += LANES, heads += LANES, scores += LANES) {
        NAME(floats) sum[4], part[4], scale, min;
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) sum[q] = NAME(no_floats)();
        int64_t block = c.lead;
        const int8_t *codes = x.codes;
        const float *scales = x.scales, *sums = x.sums;
        for (int b = 0, scaled = 0; b < x.blocks; scaled++, block += c.block_bytes) {
            NAME(heads)(c, heads + scaled * BLOCK, &scale, &min);
            int end = b + each;
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) part[q] = NAME(no_floats)();
            for (int64_t at = block; b < end; at += 16) {
                NAME(ints) bytes[4];
                NAME(transpose)(rows, at, bytes);
#pragma GCC unroll 2
                for (int first = 0; first < 4; first += words, b++, codes += 32 * queries, scales += queries, sums += queries) {
                    NAME(ints) even[4], odd[4];
#pragma GCC unroll 4
                    for (int q = 0; q < queries; q++) even[q] = odd[q] = NAME(start)(0);
#pragma GCC unroll 4
                    for (int j = 0; j < words; j++)
#pragma GCC unroll 4
                        for (int p = 0; p < parts; p++) {
                            NAME(ints) code = NAME(bits)(bytes[first + j], p * bits, mask, 0);
                            const int8_t *four = codes + (bits == 4 ? p * 4 + j : j * 4 + p) * 4 * queries;
#pragma GCC unroll 4
                            for (int q = 0; q < queries; q++) {
                                NAME(ints) *to = p % 2 == 0 ? even + q : odd + q;
                                *to = NAME(dot_four)(*to, code, four + 4 * q);
                            }
                        }
#pragma GCC unroll 4
                    for (int q = 0; q < queries; q++) {
                        part[q] = NAME(add_scaled)(part[q], NAME(to_floats)(NAME(plus)(even[q], odd[q])), scales[q]);
                        sum[q] = NAME(add_scaled)(sum[q], min, sums[q]);
                    }
                }
            }
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) sum[q] = NAME(fma)(part[q], scale, sum[q]);
        }
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) NAME(store)(scores + q * BLOCK, sum[q]);
    }
}

#define DOTS(bits, queries)                                                                                            \
    APART void NAME(code_dots_##bits##_##queries)(struct codec c, const uint8_t *const *rows, const uint32_t *heads,    \
                                                  int n, struct rounded x, float *scores) {                             \
        NAME(code_dots)(bits, c, rows, heads, n, x, queries, scores);                                                  \
    }
DOTS(4, 4)
DOTS(4, 2)
DOTS(4, 1)
DOTS(2, 4)
DOTS(2, 2)
DOTS(2, 1)
#undef DOTS

INLINE struct rounded NAME(from_query)(struct rounded x, int q) {
    x.codes += (int64_t)q * x.blocks * 32;
    x.scales += q * x.blocks;
    x.sums += q * x.blocks;
    return x;
}

/* Whether codes meet integers: of two bits whole groups of 64 with one scale do. */
INLINE int NAME(coded)(struct codec c) { return c.bits == 4 || (c.bits == 2 && c.block % 64 == 0); }

/* Scores of n rows, rounded up to 16; rows of channels are not scaled. */
static void NAME(code_scores)(struct codec c, const uint8_t *const *rows, int n, struct rounded x, int queries, float *scores) {
    int scaled = x.blocks * 32 / c.block, all = (n + LANES - 1) / LANES * LANES;
    uint32_t heads[scaled * BLOCK];
    for (int b = 0; b < scaled; b++) {
        if (c.lead > 0) NAME(read_heads)(rows, (int64_t)b * c.block_bytes, all, heads + b * BLOCK);
        else for (int i = 0; i < all; i++) heads[b * BLOCK + i] = HALF_ONE;
    }
    for (int q = 0, some; q < queries; q += some) {
        struct rounded from = NAME(from_query)(x, q);
        float *to = scores + q * BLOCK;
        some = together(queries - q);
        switch (c.bits * 8 + some) {
            case 4 * 8 + 4: NAME(code_dots_4_4)(c, rows, heads, n, from, to); break;
            case 4 * 8 + 2: NAME(code_dots_4_2)(c, rows, heads, n, from, to); break;
            case 4 * 8 + 1: NAME(code_dots_4_1)(c, rows, heads, n, from, to); break;
            case 2 * 8 + 4: NAME(code_dots_2_4)(c, rows, heads, n, from, to); break;
            case 2 * 8 + 2: NAME(code_dots_2_2)(c, rows, heads, n, from, to); break;
            default: NAME(code_dots_2_1)(c, rows, heads, n, from, to);
        }
    }
}

/* Queries' weights of rows in 8 bits, what such an integer stands for, and what is added to all channels. */
struct NAME(weights) { const int8_t *rounded; const float *scales, *offsets; };

/* The same number in all lanes, or one in the lower and one in the upper eight. */
INLINE NAME(floats) NAME(spread)(const float *x, const float *upper) {
    if (!upper) return NAME(all)(*x);
    float lanes[LANES];
    for (int i = 0; i < LANES; i++) lanes[i] = i < LANES / 2 ? *x : *upper;
    return NAME(numbers)(lanes);
}

/*
 * Adds 16 bytes of rows of codes: sums of integers, then scaled; of each byte first the lowest code, then the next. Of a
 * pair of blocks, `step` bytes apart, each gives 8 bytes and has weights of its own.
 */
INLINE void NAME(chunk)(int bits, const uint8_t *const *rows, int64_t at, int step, int n, struct NAME(weights) w,
                        struct NAME(weights) upper, int queries, float *out, int stride) {
    int parts = 8 / bits;
    NAME(ints) sums[16];
#pragma GCC unroll 16
    for (int i = 0; i < queries * parts; i++) sums[i] = NAME(start)(0);
    for (int i = 0; i < n; i += 4) {
        NAME(ints) bytes = step > 0 ? NAME(interleave_pair)(rows + i, at, at + step) : NAME(interleave)(rows + i, at), codes[4];
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) codes[p] = NAME(bits)(bytes, p * bits, (1 << bits) - 1, 0);
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) {
            NAME(quad) four = NAME(four)(w.rounded + q * BLOCK + i);
            NAME(quad) other = step > 0 ? NAME(four)(upper.rounded + q * BLOCK + i) : four;
#pragma GCC unroll 4
            for (int p = 0; p < parts; p++)
                sums[q * parts + p] = step > 0 ? NAME(dot_both)(sums[q * parts + p], codes[p], four, other)
                                               : NAME(dot)(sums[q * parts + p], codes[p], four);
        }
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++) {
        NAME(floats) offset = NAME(spread)(w.offsets + q, step > 0 ? upper.offsets + q : 0);
        NAME(floats) scale = NAME(spread)(w.scales + q, step > 0 ? upper.scales + q : 0);
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) {
            float *to = out + q * stride + p * LANES;
            NAME(floats) sum = NAME(add_scaled)(NAME(numbers)(to), offset, 1);
            NAME(store)(to, NAME(fma)(NAME(to_floats)(sums[q * parts + p]), scale, sum));
        }
    }
}

#define CHUNK(bits, queries)                                                                                           \
    APART void NAME(chunk_##bits##_##queries)(const uint8_t *const *rows, int64_t at, int n, struct NAME(weights) w,    \
                                              float *out, int stride) {                                                \
        NAME(chunk)(bits, rows, at, 0, n, w, w, queries, out, stride);                                                 \
    }
CHUNK(4, 4)
CHUNK(4, 2)
CHUNK(4, 1)
CHUNK(2, 4)
CHUNK(2, 2)
CHUNK(2, 1)
#undef CHUNK

#define PAIRS(queries)                                                                                                 \
    APART void NAME(pairs_of_##queries)(const uint8_t *const *rows, int64_t at, int n, struct NAME(weights) w,          \
                                        struct NAME(weights) upper, float *out, int stride) {                          \
        NAME(chunk)(2, rows, at, PAIR_STEP, n, w, upper, queries, out, stride);                                        \
    }
PAIRS(4)
PAIRS(2)
PAIRS(1)
#undef PAIRS

/*
 * Weights times the rows' scales as integers of at most 127. Sixty-four thresholds that differ round up or down, so that
 * many small weights beside a large one are not all lost: their sum stays. What a middle code stands for is weighted
 * exactly, so that rounding is felt only by what codes differ from that.
 */
static void NAME(round_weights)(const float *weights, const float *row_scales, const float *row_middles, float middle,
                                int queries, int8_t *rounded, float *scales, float *offsets) {
    NAME(floats) shift = NAME(all)(0x1.8p23f), threshold[BLOCK / LANES];
#pragma GCC unroll 4
    for (int i = 0; i < BLOCK / LANES; i++) threshold[i] = NAME(add_scaled)(NAME(numbers)(THRESHOLDS), NAME(all)(FINER[i]), 1);
    for (int q = 0; q < queries; q++, weights += BLOCK, rounded += BLOCK) {
        NAME(floats) product[BLOCK / LANES], offset = NAME(no_floats)(), most = offset;
#pragma GCC unroll 4
        for (int i = 0; i < BLOCK / LANES; i++) {
            NAME(floats) weight = NAME(numbers)(weights + i * LANES);
            product[i] = NAME(mul)(weight, NAME(numbers)(row_scales + i * LANES));
            offset = NAME(fma)(weight, NAME(numbers)(row_middles + i * LANES), offset);
            most = NAME(max)(most, NAME(max)(product[i], NAME(mul)(product[i], NAME(all)(-1))));
        }
        float bound = NAME(largest)(most);
        scales[q] = bound * (1 / 127.0f);
        NAME(floats) inverse = NAME(all)(bound > LEAST ? 127 / bound : 0);
#pragma GCC unroll 4
        for (int i = 0; i < BLOCK / LANES; i++) {
            NAME(floats) shifted = NAME(add_scaled)(NAME(fma)(product[i], inverse, threshold[i]), shift, 1);
            product[i] = NAME(add_scaled)(shifted, shift, -1);
            NAME(store_bytes)(rounded + i * LANES, product[i]);
        }
        NAME(floats) even = NAME(add_scaled)(product[0], product[2], 1), odd = NAME(add_scaled)(product[1], product[3], 1);
        offsets[q] = NAME(total)(NAME(add_scaled)(offset, NAME(add_scaled)(even, odd, 1), -middle * scales[q]));
    }
}

/* Where a channel's sum lies while codes of two bits are summed: bytes hold four channels that follow each other. */
INLINE int NAME(quartered)(int i) { return i / 64 * 64 + i % 4 * LANES + i % 64 / 4; }

/* Rounds weights of rows for the codes of their block at `block`. */
static void NAME(round_for)(struct codec c, const uint8_t *const *rows, int64_t block, const float *weights, int queries,
                            int8_t *rounded, float *scales, float *offsets) {
    uint32_t heads[BLOCK];
    float row_scales[BLOCK], row_middles[BLOCK], middle = middle_of(c);
    NAME(read_heads)(rows, block, BLOCK, heads);
    for (int i = 0; i < BLOCK; i += LANES) {
        NAME(floats) scale, min;
        NAME(heads)(c, heads + i, &scale, &min);
        NAME(store)(row_scales + i, scale);
        NAME(store)(row_middles + i, NAME(add_scaled)(min, scale, middle));
    }
    NAME(round_weights)(weights, row_scales, row_middles, middle, queries, rounded, scales, offsets);
}

/* Adds rows of codes of four or two bits, n of them with weights and zero weights behind. */
static void NAME(add_codes)(struct codec c, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                            const float *weights, int queries, int dimension, int padded, float *out) {
    int8_t rounded[2][MOST_QUERIES * BLOCK];
    float scales[2][MOST_QUERIES], offsets[2][MOST_QUERIES];
    int paired = c.bits == 2 && c.block == 32;
    for (int from = 0; from < dimension; from += paired ? 64 : c.block) {
        int64_t block = from / c.block * c.block_bytes;
        for (int i = 0; i <= paired; i++)
            NAME(round_for)(c, rows, block + i * c.block_bytes, weights, queries, rounded[i], scales[i], offsets[i]);
        if (from == 0) NAME(fetch)(ahead, n, ahead_bytes);
        int chunk = 128 / c.bits, end = paired ? 64 : c.block;
        for (int at = 0; at < end && from + at < dimension; at += chunk) {
            int64_t codes = block + c.lead + at * c.bits / 8;
            for (int q = 0, some; q < queries; q += some) {
                struct NAME(weights) w = {rounded[0] + q * BLOCK, scales[0] + q, offsets[0] + q};
                struct NAME(weights) upper = {rounded[1] + q * BLOCK, scales[1] + q, offsets[1] + q};
                float *to = out + q * padded + from + at;
                some = together(queries - q);
                switch ((paired ? 0 : c.bits * 8) + some) {
                    case 4 * 8 + 4: NAME(chunk_4_4)(rows, codes, n, w, to, padded); break;
                    case 4 * 8 + 2: NAME(chunk_4_2)(rows, codes, n, w, to, padded); break;
                    case 4 * 8 + 1: NAME(chunk_4_1)(rows, codes, n, w, to, padded); break;
                    case 2 * 8 + 4: NAME(chunk_2_4)(rows, codes, n, w, to, padded); break;
                    case 2 * 8 + 2: NAME(chunk_2_2)(rows, codes, n, w, to, padded); break;
                    case 2 * 8 + 1: NAME(chunk_2_1)(rows, codes, n, w, to, padded); break;
                    case 4: NAME(pairs_of_4)(rows, codes, n, w, upper, to, padded); break;
                    case 2: NAME(pairs_of_2)(rows, codes, n, w, upper, to, padded); break;
                    default: NAME(pairs_of_1)(rows, codes, n, w, upper, to, padded);
                }
            }
        }
    }
}

/* Queries turned back by a multiple of TURNS positions. */
static void NAME(turn_queries)(struct turning t, int multiple, const float *x, const float *quarter, int queries, int padded,
                               float *turned) {
    int64_t row = 2 * (int64_t)t.stride * (multiple < 0 ? -multiple : multiple);
    const float *cosines = t.coarse + row, *sines = cosines + t.stride;
    NAME(floats) back = NAME(all)(multiple < 0 ? 1 : -1);
    for (int q = 0; q < queries * padded; q += padded)
        for (int c = 0; c < padded; c += LANES) {
            NAME(floats) sine = NAME(mul)(NAME(numbers)(sines + c), back);
            NAME(floats) turn = NAME(mul)(NAME(numbers)(cosines + c), NAME(numbers)(x + q + c));
            NAME(store)(turned + q + c, NAME(fma)(sine, NAME(numbers)(quarter + q + c), turn));
        }
}

/* Elements c to c + 16 of a row that is turned; `other` has what each element is paired with, where pairs lie at odd places. */
INLINE NAME(floats) NAME(turned)(enum kv kind, const uint8_t *row, int c, int pairs, const float *other, const float *cosines,
                                 const float *sines) {
    NAME(floats) v = NAME(sixteen)(kind, row, c), partner;
    if (pairs == 0) partner = NAME(swap)(v);
    else if (pairs % LANES > 0) partner = NAME(numbers)(other + c);
    else partner = c < 2 * pairs ? NAME(sixteen)(kind, row, c < pairs ? c + pairs : c - pairs) : v;
    return NAME(fma)(partner, NAME(numbers)(sines + c), NAME(mul)(v, NAME(numbers)(cosines + c)));
}

/* Scores of n rows, each moved on by its turn, with some queries. */
INLINE void NAME(turned_dots)(enum kv kind, const uint8_t *const *rows, const int *turns, int n, struct turning t,
                              const float *x, const float *quarter, int padded, int queries, float *scores) {
    float turned[queries * padded], other[padded], lanes[LANES];
    NAME(floats) sum[LANES];
    int each = LANES / queries, known = 0, multiple = 0;
    for (int i = 0; i < padded; i++) other[i] = 0;
    for (int first = 0; first < n; first += each) {
#pragma GCC unroll 16
        for (int j = 0; j < each; j++) {
            int i = first + j < n ? first + j : n - 1;
            int rest = turns[i] & (TURNS - 1), now = (turns[i] - rest) / TURNS;
            if (!known || now != multiple) NAME(turn_queries)(t, now, x, quarter, queries, padded, turned);
            known = 1, multiple = now;
            if (t.pairs % LANES > 0) {
                memcpy(other, rows[i] + t.pairs * sizeof(float), t.pairs * sizeof(float));
                memcpy(other + t.pairs, rows[i], t.pairs * sizeof(float));
            }
            const float *cosines = t.fine + 2 * t.stride * rest, *sines = cosines + t.stride;
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) sum[j * queries + q] = NAME(no_floats)();
            for (int c = 0; c < padded; c += LANES) {
                NAME(floats) row = NAME(turned)(kind, rows[i], c, t.pairs, other, cosines, sines);
#pragma GCC unroll 4
                for (int q = 0; q < queries; q++)
                    sum[j * queries + q] = NAME(fma)(row, NAME(numbers)(turned + q * padded + c), sum[j * queries + q]);
            }
        }
        NAME(store)(lanes, NAME(sums)(sum));
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++)
#pragma GCC unroll 16
            for (int j = 0; j < each; j++) scores[q * BLOCK + first + j] = lanes[j * queries + q];
    }
}

#define TURNED(kind, queries)                                                                                          \
    APART void NAME(turned_dots_##kind##_##queries)(const uint8_t *const *rows, const int *turns, int n,                \
                                                    struct turning t, const float *x, const float *quarter,            \
                                                    int padded, float *scores) {                                       \
        if (t.pairs == 0) t.pairs = 0, NAME(turned_dots)(kind, rows, turns, n, t, x, quarter, padded, queries, scores); \
        else NAME(turned_dots)(kind, rows, turns, n, t, x, quarter, padded, queries, scores);                          \
    }
TURNED(KV_F16, 4)
TURNED(KV_F16, 2)
TURNED(KV_F16, 1)
TURNED(KV_F32, 4)
TURNED(KV_F32, 2)
TURNED(KV_F32, 1)
#undef TURNED

/* Scores of n rows, rounded up to 16, in f16 or as they are. */
static void NAME(turned_scores)(enum kv kind, const uint8_t *const *rows, const int *turns, int n, struct turning t,
                                const float *x, const float *quarter, int padded, int queries, float *scores) {
    for (int q = 0, some; q < queries; q += some, x += some * padded, quarter += some * padded, scores += some * BLOCK) {
        some = together(queries - q);
        switch (8 * (kind == KV_F16) + some) {
            case 8 + 4: NAME(turned_dots_KV_F16_4)(rows, turns, n, t, x, quarter, padded, scores); break;
            case 8 + 2: NAME(turned_dots_KV_F16_2)(rows, turns, n, t, x, quarter, padded, scores); break;
            case 8 + 1: NAME(turned_dots_KV_F16_1)(rows, turns, n, t, x, quarter, padded, scores); break;
            case 4: NAME(turned_dots_KV_F32_4)(rows, turns, n, t, x, quarter, padded, scores); break;
            case 2: NAME(turned_dots_KV_F32_2)(rows, turns, n, t, x, quarter, padded, scores); break;
            default: NAME(turned_dots_KV_F32_1)(rows, turns, n, t, x, quarter, padded, scores);
        }
    }
}

/* Scores of n rows of codes of 2, 4 or 8 bits, rounded up to 16, with some queries as they are. */
INLINE void NAME(exact_dots)(struct codec c, int bits, const uint8_t *const *rows, int n, const float *x, int dimension,
                            int padded, int queries, float *scores) {
    float totals[4 * (padded / c.block)];
    for (int q = 0; q < queries; q++)
        for (int from = 0; from < padded; from += c.block) {
            float total = 0;
            for (int i = from; i < from + c.block; i++) total += x[q * padded + i];
            totals[from / c.block * queries + q] = total;
        }
    int each = 32 / bits;
    for (int i = 0; i < n; i += LANES, rows += LANES, scores += LANES) {
        NAME(floats) sum[4], even[4], odd[4], scale, min;
        uint32_t heads[LANES], words[LANES];
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) sum[q] = NAME(no_floats)();
        for (int from = 0, block = 0; from < dimension; from += c.block, block++) {
            int64_t at = (int64_t)block * c.block_bytes;
            int end = from + c.block < dimension ? from + c.block : dimension;
            NAME(read_heads)(rows, at, LANES, heads);
            NAME(heads)(c, heads, &scale, &min);
            at += c.lead;
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) even[q] = odd[q] = NAME(no_floats)();
            for (int first = from; first < end; first += 32, at += 4 * bits) {
                NAME(ints) word[4];
                if (bits > 2) NAME(transpose)(rows, at, word);
#pragma GCC unroll 8
                for (int w = 0; w < bits; w++) {
                    if (bits == 2) NAME(read_heads)(rows, at + 4 * w, LANES, words), word[0] = NAME(load)((const uint8_t *)words);
                    else if (w == 4) NAME(transpose)(rows, at + 16, word);
                    /* Of four bits a word has channels 4 w to 4 w + 4 and those 16 further on. */
                    int channel = first + (bits == 4 ? 4 : each) * w;
                    if (channel >= end) break;
#pragma GCC unroll 16
                    for (int j = 0; j < each; j++) {
                        int high = bits == 4 && j >= 4, shift = bits == 4 ? j % 4 * 8 + high * 4 : j * bits;
                        if (high && first + 16 >= end) break;
                        const float *to = x + (bits == 4 ? channel + j % 4 + high * 16 : channel + j);
                        NAME(floats) code = NAME(field)(word[bits == 2 ? 0 : w % 4], shift, (1 << bits) - 1);
#pragma GCC unroll 4
                        for (int q = 0; q < queries; q++) {
                            if (j % 2 == 0) even[q] = NAME(add_scaled)(even[q], code, to[q * padded]);
                            else odd[q] = NAME(add_scaled)(odd[q], code, to[q * padded]);
                        }
                    }
                }
            }
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) {
                sum[q] = NAME(fma)(NAME(add_scaled)(even[q], odd[q], 1), scale, sum[q]);
                sum[q] = NAME(add_scaled)(sum[q], min, totals[block * queries + q]);
            }
        }
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) NAME(store)(scores + q * BLOCK, sum[q]);
    }
}

#define CODES(bits, queries)                                                                                           \
    APART void NAME(exact_dots_##bits##_##queries)(struct codec c, const uint8_t *const *rows, int n, const float *x,    \
                                                  int dimension, int padded, float *scores) {                          \
        NAME(exact_dots)(c, bits, rows, n, x, dimension, padded, queries, scores);                                      \
    }
CODES(8, 4)
CODES(8, 2)
CODES(8, 1)
CODES(4, 4)
CODES(4, 2)
CODES(4, 1)
CODES(2, 4)
CODES(2, 2)
CODES(2, 1)
#undef CODES

static void NAME(exact_scores)(struct codec c, const uint8_t *const *rows, int n, const float *x, int dimension, int padded,
                               int queries, float *scores) {
    for (int q = 0, some; q < queries; q += some, x += some * padded, scores += some * BLOCK) {
        some = together(queries - q);
        switch (c.bits * 8 + some) {
            case 8 * 8 + 4: NAME(exact_dots_8_4)(c, rows, n, x, dimension, padded, scores); break;
            case 8 * 8 + 2: NAME(exact_dots_8_2)(c, rows, n, x, dimension, padded, scores); break;
            case 8 * 8 + 1: NAME(exact_dots_8_1)(c, rows, n, x, dimension, padded, scores); break;
            case 4 * 8 + 4: NAME(exact_dots_4_4)(c, rows, n, x, dimension, padded, scores); break;
            case 4 * 8 + 2: NAME(exact_dots_4_2)(c, rows, n, x, dimension, padded, scores); break;
            case 4 * 8 + 1: NAME(exact_dots_4_1)(c, rows, n, x, dimension, padded, scores); break;
            case 2 * 8 + 4: NAME(exact_dots_2_4)(c, rows, n, x, dimension, padded, scores); break;
            case 2 * 8 + 2: NAME(exact_dots_2_2)(c, rows, n, x, dimension, padded, scores); break;
            default: NAME(exact_dots_2_1)(c, rows, n, x, dimension, padded, scores);
        }
    }
}

/* Keeps scores of a block. */
static void NAME(keep)(const struct attention *a, const struct block *block, const float *scores) {
    if (!a->kept) return;
    float largest[BLOCK];
    if (a->kept_stride > 0) {
        for (int q = 0; q < a->queries; q++)
            memcpy(a->kept + q * a->kept_stride + block->first, scores + q * BLOCK, block->count * sizeof(float));
        return;
    }
    memcpy(largest, scores, sizeof largest);
    for (int q = 1; q < a->queries; q++)
        for (int i = 0; i < BLOCK; i += LANES)
            NAME(store)(largest + i, NAME(max)(NAME(numbers)(largest + i), NAME(numbers)(scores + q * BLOCK + i)));
    memcpy(a->kept + block->first, largest, block->count * sizeof(float));
}

/* Scores of a block become weights: a step of the online softmax. */
APART void NAME(weigh)(float *scores, int queries, float *maxima, float *sums, float *out, int padded) {
    for (int q = 0; q < queries; q++) {
        const float *s = scores + q * BLOCK;
        NAME(floats) most = NAME(numbers)(s);
        for (int i = LANES; i < BLOCK; i += LANES) most = NAME(max)(most, NAME(numbers)(s + i));
        float max = NAME(largest)(most);
        if (!(max > maxima[q])) continue;
        float lanes[LANES];
        NAME(store)(lanes, NAME(power)(NAME(all)((maxima[q] - max) * LOG2E)));
        sums[q] *= lanes[0];
        for (int c = 0; c < padded; c++) out[q * padded + c] *= lanes[0];
        maxima[q] = max;
    }
    for (int q = 0; q < queries; q++) {
        float *s = scores + q * BLOCK;
        /* Nothing is seen yet: no weight. */
        NAME(floats) total = NAME(no_floats)(), from = NAME(all)(maxima[q] > -__builtin_inff() ? -maxima[q] * LOG2E : 0);
        for (int i = 0; i < BLOCK; i += LANES) {
            NAME(floats) weight = NAME(power)(NAME(add_scaled)(from, NAME(numbers)(s + i), LOG2E));
            total = NAME(add_scaled)(total, weight, 1);
            NAME(store)(s + i, weight);
        }
        sums[q] += NAME(total)(total);
    }
}

/* Rounds queries to 8 bits, for codes of some bits; see struct rounded. */
static void NAME(round_queries)(const float *x, int blocks, int queries, int bits, int8_t *codes, float *scales, float *sums) {
    NAME(floats) shift = NAME(all)(0x1.8p23f);
    for (int q = 0, some; q < queries; q += some) {
        some = together(queries - q);
        for (int at = 0; at < some; at++)
            for (int b = 0; b < blocks; b++, x += 32) {
                NAME(floats) half[2] = {NAME(numbers)(x), NAME(numbers)(x + LANES)}, most = NAME(no_floats)();
#pragma GCC unroll 2
                for (int i = 0; i < 2; i++) most = NAME(max)(most, NAME(max)(half[i], NAME(mul)(half[i], NAME(all)(-1))));
                float max = NAME(largest)(most);
                NAME(floats) inverse = NAME(all)(max > LEAST ? 127 / max : 0);
                int8_t bytes[32];
#pragma GCC unroll 2
                for (int i = 0; i < 2; i++) {
                    half[i] = NAME(add_scaled)(NAME(add_scaled)(NAME(mul)(half[i], inverse), shift, 1), shift, -1);
                    NAME(store_bytes)(bytes + i * LANES, half[i]);
                    if (bits == 2) NAME(turn_bytes)(bytes + i * LANES);
                }
                int first = q * blocks + b * some;
                int8_t *to = codes + 32 * first + 4 * at;
#pragma GCC unroll 8
                for (int i = 0; i < 8; i++) memcpy(to + i * 4 * some, bytes + 4 * i, 4);
                scales[first + at] = max / 127;
                sums[first + at] = scales[first + at] * NAME(total)(NAME(add_scaled)(half[0], half[1], 1));
            }
    }
}

APART void NAME(scores)(enum kv kind, const uint8_t *const *rows, const uint8_t *const *ahead, int ahead_bytes, int n,
                        const float *x, int padded, int queries, float *scores) {
    switch (kind) {
        case KV_F16: NAME(plain_scores)(KV_F16, rows, ahead, ahead_bytes, n, x, padded, queries, scores); break;
        case KV_BF16: NAME(plain_scores)(KV_BF16, rows, ahead, ahead_bytes, n, x, padded, queries, scores); break;
        case KV_Q8_0: NAME(plain_scores)(KV_Q8_0, rows, ahead, ahead_bytes, n, x, padded, queries, scores); break;
        default: NAME(plain_scores)(KV_F32, rows, ahead, ahead_bytes, n, x, padded, queries, scores);
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

/* Entries of a block, from `from` on, that lie behind the same head, or behind heads that few entries follow. */
struct NAME(span) { int from, to, few; };

INLINE struct NAME(span) NAME(next_span)(const uint8_t *const *heads, int from, int n) {
    int to = from, start = from;
    while (to < n) {
        start = to;
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
 * Queries that have taken up what entries behind one head share, its channels' scales: rounded, and what is added to their
 * scores, since minima need no codes; and the queries as they are, beside each other.
 */
struct NAME(folded) { const uint8_t *head; float *x, *constants; int8_t *codes; float *scales, *sums; const struct quartet *turned; };

APART void NAME(fold)(struct codec c, const uint8_t *head, const float *x, int stride, int queries, struct NAME(folded) *f) {
    int blocks = c.block / 32;
    float middle = middle_of(c);
    const uint8_t *channels = head + c.lost, *minima = channels + (c.head - c.lost) / 2;
    for (int q = 0; q < queries; q++) {
        NAME(floats) constant = NAME(no_floats)();
        for (int i = 0; i < c.block; i += LANES) {
            NAME(floats) element = NAME(numbers)(x + q * stride + i);
            NAME(floats) scale = c.kind == KV_ROTATED ? NAME(all)(1) : NAME(halves)(channels + 2 * i);
            NAME(store)(f->x + q * c.block + i, NAME(mul)(element, scale));
            if (c.kind != KV_CHANNEL) continue;
            constant = NAME(fma)(element, NAME(add_scaled)(NAME(halves)(minima + 2 * i), scale, middle), constant);
        }
        f->constants[q] = NAME(total)(constant);
    }
    NAME(round_queries)(f->x, blocks, queries, c.bits, f->codes, f->scales, f->sums);
    for (int q = 0, some; q < queries && c.kind == KV_CHANNEL; q += some) {
        some = together(queries - q);
        for (int i = 0; i < blocks * some; i++) f->constants[q + i % some] -= middle * f->sums[q * blocks + i];
    }
    f->head = head;
}

/* Adds to the scores of rows behind one head what their codes lose. */
APART void NAME(add_lost_scores)(struct codec c, const uint8_t *const *rows, const uint8_t *head, int n, const float *x,
                                 const struct quartet *turned, int stride, int dimension, int queries, float *scores) {
    int fours = (queries + 3) / 4;
    float room[NAME(loss_room)(stride)], lost[queries * BLOCK];
    struct quartet single[BLOCK * fours];
    struct NAME(loss) loss = NAME(loss_of)(c, head, dimension, stride, room);
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
    for (int i = 0, slot = 0, first = 0; i < loss.count; i++) {
        int at = NAME(index)(loss, i);
        for (; at >= first + dimension && slot < BLOCK - 1; slot++) first += dimension;
        for (int j = 0; j < fours; j++)
            single[slot * fours + j].x += loss.values[i] * turned[(at - first) * fours + j].x;
    }
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
    struct quartet turned[BLOCK * fours], single[padded * fours];
    struct NAME(loss) loss = NAME(loss_of)(c, head, dimension, padded, room);
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
    turn_queries(mine, BLOCK, BLOCK, queries, turned);
    for (int i = 0, slot = 0, start = 0; i < loss.count; i++) {
        int at = NAME(index)(loss, i);
        for (; at >= start + dimension && slot < BLOCK - 1; slot++) start += dimension;
        for (int j = 0; j < fours; j++)
            single[(at - start) * fours + j].x += loss.values[i] * turned[slot * fours + j].x;
    }
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
        s = NAME(next_span)(block->key_heads, s.to, n);
        int count = s.to - s.from, whole = count == n;
        const uint8_t *const *rows = whole ? block->keys : copies;
        float *to = whole ? scores : part;
        if (!whole) NAME(rows_of)(s, block->keys, copies);
        if (s.few) {
            NAME(rows_of)(s, block->key_heads, heads);
            for (int i = 0; i < count; i += LANES) {
                NAME(decode)(c, rows + i, heads + i, LANES, dimension, (float *)decoded[0], room);
                NAME(scores)(KV_F32, decoded, decoded, 0, LANES, x, stride, queries, to + i);
            }
        } else {
            const uint8_t *head = block->key_heads[s.from];
            if (head != f->head) NAME(fold)(c, head, x, stride, queries, f);
            NAME(code_scores)(c, rows, count, (struct rounded){f->codes, f->scales, f->sums, c.block / 32}, queries, to);
            for (int q = 0; c.kind == KV_CHANNEL && q < queries; q++)
                for (int i = 0; i < count; i++) to[q * BLOCK + i] += f->constants[q];
            if (c.lost > 0) NAME(add_lost_scores)(c, rows, head, count, x, f->turned, stride, dimension, queries, to);
        }
        for (int q = 0; !whole && q < queries; q++)
            memcpy(scores + q * BLOCK + s.from, part + q * BLOCK, count * sizeof(float));
    }
}

/* Adds a span of rows to sums of their own, in the order of out. */
static void NAME(add_span)(struct codec c, struct NAME(span) s, const struct block *block, const uint8_t *const *rows,
                           const float *weights, int queries, int dimension, int padded, const uint8_t *const *decoded,
                           int room, float *out) {
    int count = s.to - s.from;
    const uint8_t *head = block->value_heads[s.from];
    float sums[queries * padded];
    memset(sums, 0, sizeof(sums));
    if (s.few) {
        const uint8_t *heads[BLOCK];
        NAME(rows_of)(s, block->value_heads, heads);
        for (int i = 0; i < count; i += LANES) {
            NAME(decode)(c, rows + i, heads + i, LANES, dimension, (float *)decoded[0], room);
            NAME(values)(KV_F32, decoded, decoded, 0, LANES, weights + i, queries, padded, sums);
        }
        for (int q = 0; q < queries; q++)
            for (int i = 0; i < padded; i++)
                out[q * padded + (c.bits == 2 ? NAME(quartered)(i) : i)] += sums[q * padded + i];
        return;
    }
    NAME(add_codes)(c, rows, rows, 0, count, weights, queries, dimension, padded, sums);
    float factors[padded], placed[padded];
    for (int i = 0; i < padded; i += LANES) NAME(store)(factors + i, NAME(halves)(head + 2 * i));
    for (int i = 0; i < padded; i++) placed[c.bits == 2 ? NAME(quartered)(i) : i] = factors[i];
    for (int i = 0; i < padded; i += LANES) {
        NAME(floats) factor = NAME(numbers)(placed + i);
        for (int q = 0; q < queries; q++) {
            float *to = out + q * padded + i;
            NAME(store)(to, NAME(fma)(NAME(numbers)(sums + q * padded + i), factor, NAME(numbers)(to)));
        }
    }
}

/* Adds entries whose heads are shared: sums of what is left of the values, times each channel's factor. */
static void NAME(shared_values)(struct codec c, const struct block *block, const float *weights, int queries, int dimension,
                                int padded, const uint8_t *const *decoded, int room, float *out) {
    const uint8_t *copies[BLOCK];
    float mine[queries * BLOCK];
    struct NAME(span) s = {0};
    for (int n = block->count; s.to < n;) {
        s = NAME(next_span)(block->value_heads, s.to, n);
        int count = s.to - s.from, whole = count == n;
        const uint8_t *const *rows = whole ? block->values : copies;
        const float *of = whole ? weights : mine;
        if (!whole) {
            NAME(rows_of)(s, block->values, copies);
            memset(mine, 0, sizeof(mine));
            for (int q = 0; q < queries; q++) memcpy(mine + q * BLOCK, weights + q * BLOCK + s.from, count * sizeof(float));
        }
        if (s.few || c.kind == KV_SEPARABLE) {
            NAME(add_span)(c, s, block, rows, of, queries, dimension, padded, decoded, room, out);
            continue;
        }
        NAME(add_codes)(c, rows, rows, 0, count, of, queries, dimension, padded, out);
        if (c.lost > 0)
            NAME(add_lost_values)(c, rows, block->value_heads[s.from], count, of, queries, dimension, padded, out);
    }
}

/* Whether rows can be read where they lie. */
INLINE int NAME(plain)(struct codec c, int dimension) {
    return c.kind <= KV_BF16 ? dimension % LANES == 0 : c.kind == KV_Q8_0 && dimension % 32 == 0;
}

static void NAME(attend)(struct attention a) {
    int alone = a.values == NO_VALUES;
    struct codec keys = codec_of(a.keys, a.key_dimension), values = {0};
    if (!alone) values = codec_of(a.values, a.value_dimension);
    struct turning turning = {a.fine, a.coarse, a.turn_stride, a.turn_pairs};
    int codes_of_tokens = keys.head == 0 && (keys.bits == 2 || keys.bits == 4 || keys.bits == 8) && keys.kind != KV_Q8_0;
    int exact_codes = alone && !a.turn && codes_of_tokens;
    int coded_keys = !alone && !a.turn && NAME(coded)(keys), shared_keys = coded_keys && keys.head > 0;
    int quarters = values.bits == 2 && values.kind != KV_CHANNEL && a.value_dimension % 64 == 0;
    int coded_values = quarters || (values.bits == 4 && values.kind != KV_CHANNEL);
    int shared_values = coded_values && values.head > 0;
    int plain_keys = NAME(plain)(keys, a.key_dimension), plain_values = NAME(plain)(values, a.value_dimension);
    if (a.turn && ((keys.kind != KV_F32 && keys.kind != KV_F16) || a.turn_pairs % LANES > 0)) plain_keys = 0;
    int blocks = (a.key_dimension + 31) / 32;
    int key_stride = plain_keys ? a.key_dimension : blocks * 32;
    int value_stride = plain_values ? a.value_dimension : (a.value_dimension + 31) / 32 * 32;
    float x[a.queries * key_stride], out[a.queries * value_stride + 1], scores[a.queries * BLOCK];
    float quarter[a.turn ? a.queries * key_stride : 1];
    int8_t codes[a.queries * blocks * 32];
    float scales[a.queries * blocks], sums[a.queries * blocks], constants[a.queries];
    float taken_up[shared_keys ? a.queries * blocks * 32 : 1];
    struct quartet turned[keys.lost > 0 ? (a.queries + 3) / 4 * a.key_dimension : 1];
    int room = key_stride > value_stride ? key_stride : value_stride;
    float decoded[LANES * room];
    const uint8_t *decoded_rows[LANES];
    for (int i = 0; i < LANES; i++) decoded_rows[i] = (const uint8_t *)(decoded + i * room);

    for (int q = 0; q < a.queries; q++) {
        for (int i = 0; i < key_stride; i++) {
            x[q * key_stride + i] = i < a.key_dimension ? a.scale * a.x[q * a.key_dimension + i] : 0;
            if (a.turn) quarter[q * key_stride + i] = i < a.key_dimension ? a.scale * a.quarter[q * a.key_dimension + i] : 0;
        }
        for (int i = 0; !alone && i < value_stride; i++)
            out[q * value_stride + (quarters ? NAME(quartered)(i) : i)] =
                i < a.value_dimension ? a.out[q * a.value_dimension + i] : 0;
    }
    if (coded_keys && !shared_keys) NAME(round_queries)(x, blocks, a.queries, keys.bits, codes, scales, sums);
    struct rounded rounded = {codes, scales, sums, blocks};
    if (keys.lost > 0) turn_queries(x, key_stride, a.key_dimension, a.queries, turned);
    struct NAME(folded) folded = {0, taken_up, constants, codes, scales, sums, turned};

    struct block both[2];
    struct cursor cursor = {0};
    NAME(next_block)(&a, keys, values, &cursor, &both[0]);
    NAME(fetch)(both[0].keys, both[0].count, keys.bytes);
    for (int k = 0; both[k].count > 0; k = 1 - k) {
        struct block *block = &both[k], *following = &both[1 - k];
        int n = block->count;
        const uint8_t *const *ahead = block->values;
        int ahead_bytes = values.bytes;
        if (alone) {
            NAME(next_block)(&a, keys, values, &cursor, following);
            NAME(fetch_heads)(keys, following->key_heads, following->count);
            ahead = following->keys;
            ahead_bytes = following->count > 0 ? keys.bytes : 0;
        }
        NAME(fetch_heads)(values, block->value_heads, n);
        if (exact_codes) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(exact_scores)(keys, block->keys, n, x, a.key_dimension, key_stride, a.queries, scores);
        } else if (shared_keys) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(shared_scores)(keys, block, x, key_stride, a.key_dimension, a.queries, &folded, decoded_rows, room, scores);
        } else if (coded_keys) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(code_scores)(keys, block->keys, n, rounded, a.queries, scores);
        } else if (plain_keys && a.turn) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(turned_scores)(keys.kind, block->keys, block->turns, n, turning, x, quarter, key_stride, a.queries, scores);
        } else if (plain_keys) {
            NAME(scores)(keys.kind, block->keys, ahead, ahead_bytes, n, x, key_stride, a.queries, scores);
        } else {
            for (int i = 0; i < n; i += LANES) {
                NAME(decode)(keys, block->keys + i, block->key_heads + i, LANES, a.key_dimension, decoded, room);
                if (a.turn)
                    NAME(turned_scores)(KV_F32, decoded_rows, block->turns + i, LANES, turning, x, quarter, key_stride,
                                        a.queries, scores + i);
                else
                    NAME(scores)(KV_F32, decoded_rows, ahead + i, ahead_bytes, LANES, x, key_stride, a.queries, scores + i);
            }
        }
        for (int q = 0; q < a.queries; q++) {
            float *s = scores + q * BLOCK;
            for (int i = n; i < BLOCK; i++) s[i] = -__builtin_inff();
            if (a.addends)
                for (int i = 0; i < n; i++) s[i] += a.addends[block->first + i];
            if (a.positions)
                for (int i = 0; i < n; i++) {
                    int position = a.positions[block->first + i];
                    if (position < a.least[q] || position > a.most[q]) s[i] = -__builtin_inff();
                }
        }
        NAME(keep)(&a, block, scores);
        if (alone) continue;
        NAME(weigh)(scores, a.queries, a.maxima, a.sums, out, value_stride);
        NAME(next_block)(&a, keys, values, &cursor, following);
        ahead_bytes = following->count > 0 ? keys.bytes : 0;
        NAME(fetch_heads)(keys, following->key_heads, following->count);
        if (shared_values) {
            NAME(fetch)(following->keys, n, ahead_bytes);
            NAME(shared_values)(values, block, scores, a.queries, a.value_dimension, value_stride, decoded_rows, room, out);
        } else if (coded_values) {
            NAME(add_codes)(values, block->values, following->keys, ahead_bytes, n, scores, a.queries, a.value_dimension,
                                value_stride, out);
        } else if (plain_values) {
            NAME(values)(values.kind, block->values, following->keys, ahead_bytes, n, scores, a.queries, value_stride, out);
        } else {
            for (int i = 0; i < n; i += LANES) {
                int some = n - i < LANES ? n - i : LANES;
                NAME(decode)(values, block->values + i, block->value_heads + i, some, a.value_dimension, decoded, room);
                NAME(values)(KV_F32, decoded_rows, following->keys + i, ahead_bytes, some, scores + i, a.queries, value_stride,
                             out);
            }
        }
    }
    for (int q = 0; !alone && q < a.queries; q++)
        for (int i = 0; i < a.value_dimension; i++)
            a.out[q * a.value_dimension + i] = out[q * value_stride + (quarters ? NAME(quartered)(i) : i)];
}
