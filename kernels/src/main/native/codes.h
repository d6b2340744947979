/* Rows of codes that meet queries and weights of 8 bits in integer dot products, or as they are. */

/* n rows side by side: where they lie if they are, and as many as are read at once, or copied to `room`. */
INLINE struct table NAME(side_by_side)(const uint8_t *const *rows, int n, int adjacent, int whole, int bytes, uint8_t *room) {
    int64_t astray = n & (whole - 1);
    for (int i = 1; !adjacent && i < n; i++) astray |= rows[i] - rows[i - 1] - bytes;
    if (astray == 0) return (struct table){rows[0], bytes};
    for (int i = 0; i < n || i % whole > 0; i++) {
        const uint8_t *from = rows[i];
        uint8_t *to = room + i * bytes;
        if (bytes < 16) {
            memcpy(to, from, bytes);
            continue;
        }
        for (int at = 0; at < bytes - 16; at += 16) memcpy(to + at, from + at, 16);
        memcpy(to + bytes - 16, from + bytes - 16, 16);
    }
    return (struct table){room, bytes};
}

/* Scales and minima of 16 rows' blocks at `at`; signed bytes are taken for what is 128 more. */
INLINE void NAME(heads)(struct codec c, struct table t, int64_t at, NAME(floats) *scale, NAME(floats) *min) {
    NAME(ints) words = NAME(read_words)(renamed(t), at);
    *scale = NAME(low_halves)(words);
    if (c.kind == KV_Q4_0 || c.kind == KV_Q8_0) *min = NAME(mul)(*scale, NAME(all)(c.kind == KV_Q4_0 ? -8 : -128));
    else *min = NAME(high_halves)(words);
}

/*
 * Scores of n rows of four- or two-bit codes, rounded up to as many sets of 16 as are computed abreast, with some queries; of
 * rows that have no scale and no minimum sums are what is added. Of 16 bytes each four have codes of the same four rows'
 * columns: those of the lowest bits, then the next.
 */
INLINE void NAME(code_dots)(int bits, struct codec c, struct table t, int n, struct rounded x, int queries, float *scores) {
    enum { SETS = NAME(abreast) };
    int each = c.block / 32, parts = 8 / bits, words = bits, mask = (1 << bits) - 1;
    float sums[x.blocks / each * queries];
    for (int b = 0; b < x.blocks; b++)
        for (int q = 0; q < queries; q++) {
            float *to = sums + b / each * queries + q;
            *to = x.sums[b * queries + q] + (b % each > 0 ? *to : 0);
        }
    for (int i = 0; i < n; i += SETS * LANES, t = below(t, SETS * LANES), scores += SETS * LANES) {
        int64_t block = 0;
        const int8_t *codes = x.codes;
        const float *scales = x.scales;
        for (int b = 0; b < x.blocks; block += c.block_bytes) {
            NAME(floats) part[SETS][4];
#pragma GCC unroll 2
            for (int s = 0; s < SETS; s++)
#pragma GCC unroll 4
                for (int q = 0; q < queries; q++) part[s][q] = NAME(no_floats)();
            int scaled = b / each, end = b + each;
            for (int64_t at = block + c.lead; b < end; at += 16) {
                NAME(ints) bytes[SETS][4];
#pragma GCC unroll 2
                for (int s = 0; s < SETS; s++) NAME(transpose)(renamed(below(t, s * LANES)), at, bytes[s]);
#pragma GCC unroll 2
                for (int first = 0; first < 4; first += words, b++, codes += 32 * queries, scales += queries) {
                    NAME(ints) dots[SETS][4];
#pragma GCC unroll 2
                    for (int s = 0; s < SETS; s++)
#pragma GCC unroll 4
                        for (int q = 0; q < queries; q++) dots[s][q] = NAME(start)(0);
#pragma GCC unroll 4
                    for (int j = 0; j < words; j++)
#pragma GCC unroll 4
                        for (int p = 0; p < parts; p++) {
                            const int8_t *four = codes + (bits == 4 ? p * 4 + j : j * 4 + p) * 4 * queries;
                            NAME(ints) code[SETS];
#pragma GCC unroll 2
                            for (int s = 0; s < SETS; s++) code[s] = NAME(bits)(bytes[s][first + j], p * bits, mask, 0);
#pragma GCC unroll 4
                            for (int q = 0; q < queries; q++) {
                                NAME(quad) query = NAME(four)(four + 4 * q);
#pragma GCC unroll 2
                                for (int s = 0; s < SETS; s++) dots[s][q] = NAME(dot)(dots[s][q], code[s], query);
                            }
                        }
#pragma GCC unroll 2
                    for (int s = 0; s < SETS; s++)
#pragma GCC unroll 4
                        for (int q = 0; q < queries; q++)
                            part[s][q] = NAME(add_scaled)(part[s][q], NAME(to_floats)(dots[s][q]), scales[q]);
                }
            }
#pragma GCC unroll 2
            for (int s = 0; s < SETS; s++) {
                NAME(floats) scale = NAME(all)(1), min = scale;
                if (c.lead > 0) NAME(heads)(c, below(t, s * LANES), block, &scale, &min);
#pragma GCC unroll 4
                for (int q = 0; q < queries; q++) {
                    float *to = scores + q * BLOCK + s * LANES;
                    NAME(floats) sum = scaled > 0 ? NAME(numbers)(to) : NAME(no_floats)();
                    sum = NAME(add_scaled)(sum, min, sums[scaled * queries + q]);
                    NAME(store)(to, NAME(fma)(part[s][q], scale, sum));
                }
            }
        }
    }
}

#define DOTS(bits, queries)                                                                                            \
    APART void NAME(code_dots_##bits##_##queries)(struct codec c, struct table t, int n, struct rounded x,           \
                                                  float *scores) {                                                     \
        NAME(code_dots)(bits, c, t, n, x, queries, scores);                                                            \
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
    x.less += q * x.blocks;
    if (x.wide) x.wide += q * x.blocks * WIDE_BLOCK;
    return x;
}

/* Whether codes meet integers: of two bits whole groups of 64 with one scale do. */
INLINE int NAME(coded)(struct codec c) { return c.bits == 4 || c.bits == 8 || (c.bits == 2 && c.block % 64 == 0); }

/* Pieces of 16 bytes whose sums have registers at once. */
#ifdef WIDE_ROWS
enum { NAME(pieces) = 2 };
#else
enum { NAME(pieces) = 1 };
INLINE void NAME(interleave_both)(struct table t, int64_t at, NAME(ints) *out) {
    for (int i = 0; i < 2; i++) out[i] = NAME(interleave)(t, at + 16 * i);
}
#endif

/* Queries' weights of rows in 8 bits, or in 15 with the rest `plane` bytes further, and what such an integer stands for. */
struct NAME(weights) { int8_t *rounded; float *scales; int64_t plane; };

#ifdef WIDE_ROWS
#include "wide.h"
#endif
#include "bytes.h"

/* Scores of n rows side by side, of which as many are there as are computed abreast; asks for others on the way. */
INLINE void NAME(table_scores)(struct codec c, struct table t, int n, struct rounded x, int queries, struct NAME(ahead) rest,
                               float *scores) {
    for (int q = 0, some; q < queries; q += some) {
        struct rounded from = NAME(from_query)(x, q);
        float *to = scores + q * BLOCK;
        some = together(queries - q);
#ifdef WIDE_ROWS
        if (from.wide) {
            if (some == 4) NAME(wide_dots_4)(c, t, n, from, rest, to);
            else if (some == 2) NAME(wide_dots_2)(c, t, n, from, rest, to);
            else NAME(wide_dots_1)(c, t, n, from, rest, to);
            rest.bytes = 0;
            continue;
        }
#endif
        NAME(fetch_some)(rest, 0, BLOCK);
        rest.bytes = 0;
        switch (c.bits * 8 + some) {
            case 8 * 8 + 4: NAME(byte_dots_4)(c, t, n, from, to); break;
            case 8 * 8 + 2: NAME(byte_dots_2)(c, t, n, from, to); break;
            case 8 * 8 + 1: NAME(byte_dots_1)(c, t, n, from, to); break;
            case 4 * 8 + 4: NAME(code_dots_4_4)(c, t, n, from, to); break;
            case 4 * 8 + 2: NAME(code_dots_4_2)(c, t, n, from, to); break;
            case 4 * 8 + 1: NAME(code_dots_4_1)(c, t, n, from, to); break;
            case 2 * 8 + 4: NAME(code_dots_2_4)(c, t, n, from, to); break;
            case 2 * 8 + 2: NAME(code_dots_2_2)(c, t, n, from, to); break;
            default: NAME(code_dots_2_1)(c, t, n, from, to);
        }
    }
}

/* Scores of n rows, of which behind the last there are more up to the end of the block. */
INLINE void NAME(code_scores)(struct codec c, const uint8_t *const *rows, int n, int adjacent, struct rounded x, int queries,
                              const uint8_t *const *ahead, int ahead_bytes, float *scores) {
    struct NAME(ahead) rest = NAME(fetch_apart)(ahead, n, ahead_bytes);
    uint8_t room[BLOCK * c.bytes];
    struct table t = NAME(side_by_side)(rows, n, adjacent, NAME(abreast) * LANES, c.bytes, room);
    NAME(table_scores)(c, t, n, x, queries, rest, scores);
}

/* The same number in all lanes, or one in the lower and one in the upper eight. */
INLINE NAME(floats) NAME(spread)(const float *x, const float *upper) {
    if (!upper) return NAME(all)(*x);
    float lanes[LANES];
    for (int i = 0; i < LANES; i++) lanes[i] = i < LANES / 2 ? *x : *upper;
    return NAME(numbers)(lanes);
}

/*
 * Adds `pieces` times 16 bytes of rows of codes: sums of integers, then scaled; of each byte first the lowest code, then the
 * next. Of a pair of blocks, `step` bytes apart, each gives 8 bytes and has weights of its own.
 */
INLINE void NAME(chunk)(int bits, int pieces, struct table t, int64_t at, int step, int n, struct NAME(weights) w,
                        struct NAME(weights) upper, int queries, struct NAME(ahead) ahead, float *out, int stride) {
    int parts = 8 / bits, all = pieces * parts;
    NAME(ints) sums[16];
#pragma GCC unroll 16
    for (int i = 0; i < queries * all; i++) sums[i] = NAME(start)(0);
    for (int i = 0; i < n; i += 4, t = below(t, 4)) {
        NAME(ints) bytes[2], codes[4];
        NAME(fetch_some)(ahead, i, 4);
        if (pieces == 2) NAME(interleave_both)(t, at, bytes);
        else bytes[0] = step > 0 ? NAME(interleave_pair)(t, at, at + step) : NAME(interleave)(t, at);
#pragma GCC unroll 4
        for (int p = 0; p < all; p++) {
            int shift = p % parts * bits, left = NAME(in_place) ? shift : 0;
            codes[p] = NAME(bits)(bytes[p / parts], shift - left, ((1 << bits) - 1) << left, 0);
        }
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) {
            NAME(quad) four = NAME(four)(w.rounded + q * BLOCK + i);
            NAME(quad) other = step > 0 ? NAME(four)(upper.rounded + q * BLOCK + i) : four;
#pragma GCC unroll 4
            for (int p = 0; p < all; p++)
                sums[q * all + p] = step > 0 ? NAME(dot_both)(sums[q * all + p], codes[p], four, other)
                                             : NAME(dot)(sums[q * all + p], codes[p], four);
        }
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++) {
        NAME(floats) scale = NAME(spread)(w.scales + q, step > 0 ? upper.scales + q : 0);
#pragma GCC unroll 4
        for (int p = 0; p < all; p++) {
            float *to = out + q * stride + p * LANES, back = NAME(in_place) ? 1.0f / (1 << p % parts * bits) : 1;
            NAME(floats) sum = NAME(mul)(NAME(to_floats)(sums[q * all + p]), NAME(all)(back));
            NAME(store)(to, NAME(fma)(sum, scale, NAME(numbers)(to)));
        }
    }
}

#define CHUNK(bits, pieces, queries)                                                                                   \
    APART void NAME(chunk_##bits##_##pieces##_##queries)(struct table t, int64_t at, int n, struct NAME(weights) w,    \
                                                         struct NAME(ahead) ahead, float *out, int stride) {           \
        NAME(chunk)(bits, pieces, t, at, 0, n, w, w, queries, ahead, out, stride);                                    \
    }
CHUNK(4, 2, 4)
CHUNK(4, 2, 2)
CHUNK(4, 2, 1)
CHUNK(4, 1, 4)
CHUNK(4, 1, 2)
CHUNK(4, 1, 1)
CHUNK(2, 1, 4)
CHUNK(2, 1, 2)
CHUNK(2, 1, 1)
#undef CHUNK

#define PAIRS(queries)                                                                                                 \
    APART void NAME(pairs_of_##queries)(struct table t, int64_t at, int n, struct NAME(weights) w,                   \
                                        struct NAME(weights) upper, struct NAME(ahead) ahead, float *out,              \
                                        int stride) {                                                                  \
        NAME(chunk)(2, 1, t, at, PAIR_STEP, n, w, upper, queries, ahead, out, stride);                                 \
    }
PAIRS(4)
PAIRS(2)
PAIRS(1)
#undef PAIRS

/* Where a channel's sum lies while codes of two bits are summed: bytes hold four channels that follow each other. */
INLINE int NAME(quartered)(int i) { return i / 64 * 64 + i % 4 * LANES + i % 64 / 4; }

/*
 * Adds elements `from` on of rows that lie side by side, n of them with weights: those of a block at `block`, or of a pair of
 * blocks whose rows have weights of their own for each.
 */
static struct NAME(ahead) NAME(add_block)(const struct codec *c, struct table t, int64_t block, int n,
                                          const struct NAME(weights) *each, int queries, int from, int dimension, int padded,
                                          struct NAME(ahead) rest, float *out) {
    int paired = c->bits == 2 && c->block == 32, chunk = c->bits == 4 ? 32 : 64, end = paired ? 64 : c->block;
    for (int at = 0, pieces; at < end && from + at < dimension; at += pieces * chunk) {
        int64_t codes = block + c->lead + at * c->bits / 8;
        pieces = NAME(pieces) == 2 && c->bits == 4 && at + 64 <= end ? 2 : 1;
        for (int q = 0, some; q < queries; q += some) {
            struct NAME(weights) w = {each[0].rounded + q * BLOCK, each[0].scales + q, 0}, upper = w;
            if (paired) upper.rounded = each[1].rounded + q * BLOCK, upper.scales = each[1].scales + q;
            float *to = out + q * padded + from + at;
            some = together(queries - q);
            switch ((paired ? 0 : c->bits * 8 * pieces) + some) {
                case 8 * 8 + 4: NAME(chunk_4_2_4)(t, codes, n, w, rest, to, padded); break;
                case 8 * 8 + 2: NAME(chunk_4_2_2)(t, codes, n, w, rest, to, padded); break;
                case 8 * 8 + 1: NAME(chunk_4_2_1)(t, codes, n, w, rest, to, padded); break;
                case 4 * 8 + 4: NAME(chunk_4_1_4)(t, codes, n, w, rest, to, padded); break;
                case 4 * 8 + 2: NAME(chunk_4_1_2)(t, codes, n, w, rest, to, padded); break;
                case 4 * 8 + 1: NAME(chunk_4_1_1)(t, codes, n, w, rest, to, padded); break;
                case 2 * 8 + 4: NAME(chunk_2_1_4)(t, codes, n, w, rest, to, padded); break;
                case 2 * 8 + 2: NAME(chunk_2_1_2)(t, codes, n, w, rest, to, padded); break;
                case 2 * 8 + 1: NAME(chunk_2_1_1)(t, codes, n, w, rest, to, padded); break;
                case 4: NAME(pairs_of_4)(t, codes, n, w, upper, rest, to, padded); break;
                case 2: NAME(pairs_of_2)(t, codes, n, w, upper, rest, to, padded); break;
                default: NAME(pairs_of_1)(t, codes, n, w, upper, rest, to, padded);
            }
            rest.bytes = 0;
        }
    }
    return rest;
}

/* Adds n rows of codes whose weights are rounded for each of their blocks. */
static void NAME(add_weighed)(const struct codec *c, struct table t, int n, const struct NAME(weights) *each, int queries,
                              int dimension, int padded, struct NAME(ahead) ahead, float *out) {
    int together = c->bits == 2 && c->block == 32 ? 2 : 1;
    int64_t at = 0;
    for (int from = 0; from < dimension; from += together * c->block, at += together * c->block_bytes, each += together)
        if (c->bits == 8) ahead = NAME(add_byte_block)(c, t, at, n, *each, queries, from, dimension, padded, ahead, out);
        else ahead = NAME(add_block)(c, t, at, n, each, queries, from, dimension, padded, ahead, out);
}

/* Adds what is left in lanes. */
APART void NAME(add_offsets)(struct codec c, const float *offsets, int queries, int padded, float *out) {
    int paired = c.bits == 2 && c.block == 32;
    for (int q = 0; q < queries; q++, offsets += padded / 32 * LANES, out += padded)
        for (int from = 0; from < padded; from += c.block) {
            float total = NAME(total)(NAME(numbers)(offsets + from / 32 * LANES));
            for (int i = from; !paired && i < from + c.block; i++) out[i] += total;
            for (int i = from; paired && i < from + c.block; i++) out[NAME(quartered)(i)] += total;
        }
}

/* Of each of four words that four queries have, those of the first `queries`. */
INLINE void NAME(copy_words)(int8_t *to, const int8_t *from, int queries) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) memcpy(to + 4 * i * queries, from + 16 * i, 4 * queries);
}

/* Rounds 16 numbers of up to four queries to 8 bits, or to 15; returns what store_fours does. */
INLINE NAME(ints) NAME(store_queries)(int8_t *to, int64_t plane, const NAME(floats) *v, int queries, int bits) {
    int8_t first[4 * LANES], second[4 * LANES];
    int whole = queries == 4;
    int8_t *a = whole ? to : first, *b = whole ? to + plane : second;
    NAME(ints) sums = bits == 8 ? NAME(store_long_fours)(a, b, v) : NAME(store_fours)(a, v);
    if (!whole) NAME(copy_words)(to, first, queries);
    if (!whole && bits == 8) NAME(copy_words)(to + plane, second, queries);
    return sums;
}

/* Rounds up to four queries to 8 bits, or to 15. */
INLINE void NAME(round_some)(const float *x, int queries, int bits, struct rounded to) {
    int8_t *codes = to.codes;
    float *scales = to.scales, *sums = to.sums, *less = to.less, top = bits == 8 ? MOST_LONG : 127;
    for (int b = 0; b < to.blocks; b++, codes += 32 * queries, scales += queries, sums += queries, less += queries) {
        NAME(floats) half[2][4], most[4], all[4];
        NAME(ints) total = NAME(start)(0);
#pragma GCC unroll 4
        for (int q = 0; q < 4; q++) {
            most[q] = all[q] = NAME(no_floats)();
#pragma GCC unroll 2
            for (int i = 0; i < 2; i++) {
                half[i][q] = q < queries ? NAME(numbers)(x + (q * to.blocks + b) * 32 + i * LANES) : NAME(no_floats)();
                most[q] = NAME(max_magnitude)(most[q], half[i][q]);
                all[q] = NAME(sum)(all[q], half[i][q]);
            }
        }
        NAME(floats) bound = NAME(max)(NAME(largest_of_four)(most), NAME(all)(LEAST));
        NAME(floats) scale = NAME(mul)(bound, NAME(all)(1 / top)), inverse = NAME(divide)(NAME(all)(top), bound);
        NAME(store)(scales, scale);
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) {
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) {
                half[i][q] = NAME(mul)(half[i][q], NAME(one_of_four)(inverse, q));
                if (bits == 2) half[i][q] = NAME(turn_numbers)(half[i][q]);
            }
            total = NAME(plus)(total, NAME(store_queries)(codes + 16 * queries * i, to.plane, half[i], queries, bits));
        }
        NAME(floats) rounded = NAME(mul)(scale, NAME(add_quarters)(NAME(to_floats)(total)));
        NAME(store)(sums, bits == 8 ? NAME(totals_of_four)(all) : rounded);
        if (bits == 8) NAME(store)(less, NAME(mul)(rounded, NAME(all)(-NAME(excess))));
    }
}

INLINE void NAME(round_all)(const float *x, int queries, int bits, struct rounded to) {
    for (int q = 0, some; q < queries; q += some, x += some * to.blocks * 32) {
        struct rounded from = NAME(from_query)(to, q);
        some = together(queries - q);
        if (some == 4) NAME(round_some)(x, 4, bits, from);
        else if (some == 2) NAME(round_some)(x, 2, bits, from);
        else NAME(round_some)(x, 1, bits, from);
    }
}

/* Rounds queries for codes of some bits; there is room for 16 numbers more in scales, sums and what is taken. */
APART void NAME(round_queries)(const float *x, int queries, int bits, const struct rounded *to) {
    if (bits == 4) NAME(round_all)(x, queries, 4, *to);
    else if (bits == 8) NAME(round_all)(x, queries, 8, *to);
    else NAME(round_all)(x, queries, 2, *to);
}

/* Sums of each query's elements that meet a block of codes. */
APART void NAME(add_up)(const float *x, int padded, int block, int queries, float *totals) {
    for (int from = 0; from < queries * padded; from += block) {
        NAME(floats) sum = NAME(no_floats)();
        for (int i = from; i < from + block; i += LANES) sum = NAME(sum)(sum, NAME(numbers)(x + i));
        *totals++ = NAME(total)(sum);
    }
}

/*
 * Scores of n rows of codes of 2, 4 or 8 bits, rounded up to 16, with some queries as they are, whose elements add up to
 * `totals`; of rows that have no scale and no minimum totals are what is added.
 */
INLINE void NAME(exact_dots)(struct codec c, int bits, struct table t, int n, const float *x, const float *totals,
                             int dimension, int padded, int queries, float *scores) {
    int each = 32 / bits, blocks = padded / c.block;
    for (int i = 0; i < n; i += LANES, t = below(t, LANES), scores += LANES) {
        NAME(floats) sum[4], even[4], odd[4], scale = NAME(no_floats)(), min = scale;
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) sum[q] = NAME(no_floats)();
        for (int from = 0, block = 0; from < dimension; from += c.block, block++) {
            int64_t at = (int64_t)block * c.block_bytes;
            int end = from + c.block < dimension ? from + c.block : dimension;
            if (c.lead > 0) NAME(heads)(c, t, at, &scale, &min);
            at += c.lead;
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) even[q] = odd[q] = NAME(no_floats)();
            for (int first = from; first < end; first += 32, at += 4 * bits) {
                NAME(ints) word[4];
                if (bits > 2) NAME(transpose)(t, at, word);
#pragma GCC unroll 8
                for (int w = 0; w < bits; w++) {
                    if (bits == 2) word[0] = NAME(read_words)(t, at + 4 * w);
                    else if (w == 4) NAME(transpose)(t, at + 16, word);
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
                if (c.lead == 0) {
                    sum[q] = NAME(sum)(NAME(sum)(even[q], odd[q]), NAME(all)(totals[q]));
                    continue;
                }
                sum[q] = NAME(fma)(NAME(sum)(even[q], odd[q]), scale, sum[q]);
                sum[q] = NAME(add_scaled)(sum[q], min, totals[q * blocks + block]);
            }
        }
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) NAME(store)(scores + q * BLOCK, sum[q]);
    }
}

#define CODES(bits, queries)                                                                                           \
    APART void NAME(exact_dots_##bits##_##queries)(struct codec c, struct table t, int n, const float *x,                \
                                                  const float *totals, int dimension, int padded, float *scores) {    \
        NAME(exact_dots)(c, bits, t, n, x, totals, dimension, padded, queries, scores);                              \
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

static void NAME(exact_scores)(struct codec c, const uint8_t *const *rows, int n, int adjacent, const float *x,
                               const float *totals, int dimension, int padded, int queries, float *scores) {
    uint8_t room[BLOCK * c.bytes];
    struct table t = NAME(side_by_side)(rows, n, adjacent, LANES, c.bytes, room);
    int blocks = padded / c.block;
    for (int q = 0, some; q < queries; q += some, x += some * padded, totals += some * blocks, scores += some * BLOCK) {
        some = together(queries - q);
        switch (c.bits * 8 + some) {
            case 8 * 8 + 4: NAME(exact_dots_8_4)(c, t, n, x, totals, dimension, padded, scores); break;
            case 8 * 8 + 2: NAME(exact_dots_8_2)(c, t, n, x, totals, dimension, padded, scores); break;
            case 8 * 8 + 1: NAME(exact_dots_8_1)(c, t, n, x, totals, dimension, padded, scores); break;
            case 4 * 8 + 4: NAME(exact_dots_4_4)(c, t, n, x, totals, dimension, padded, scores); break;
            case 4 * 8 + 2: NAME(exact_dots_4_2)(c, t, n, x, totals, dimension, padded, scores); break;
            case 4 * 8 + 1: NAME(exact_dots_4_1)(c, t, n, x, totals, dimension, padded, scores); break;
            case 2 * 8 + 4: NAME(exact_dots_2_4)(c, t, n, x, totals, dimension, padded, scores); break;
            case 2 * 8 + 2: NAME(exact_dots_2_2)(c, t, n, x, totals, dimension, padded, scores); break;
            default: NAME(exact_dots_2_1)(c, t, n, x, totals, dimension, padded, scores);
        }
    }
}
