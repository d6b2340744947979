/* Rows of codes of few bits that meet queries and weights of 8 bits in integer dot products, or queries as they are. */

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
