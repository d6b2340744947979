/*
 * Rows of codes of eight bits, which meet queries and weights of 15 bits. Such numbers lie in two planes, four of them in four
 * bytes of either, as a set of instructions multiplies bytes with them. Rounding is to be felt only by what codes differ from
 * their middle: the `excess` of products is taken from them.
 */

/* Scores of n rows, rounded up to 16, with some queries; of rows that have no scale and no minimum sums are what is added. */
INLINE void NAME(byte_dots)(struct codec c, struct table t, int n, struct rounded x, int queries, float *scores) {
    NAME(ints) flipped = NAME(start)(c.kind == KV_Q8_0 ? (int32_t)0x80808080 : 0);
    int each = c.block / 32;
    for (int i = 0; i < n; i += LANES, t = below(t, LANES), scores += LANES) {
        const int8_t *codes = x.codes;
        const float *scales = x.scales, *sums = x.sums, *less = x.less;
        NAME(floats) sum[4];
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) sum[q] = NAME(no_floats)();
        for (int64_t b = 0, block = 0; b < x.blocks; block += c.block_bytes) {
            NAME(floats) scale = NAME(all)(1), min = scale, part[4];
            float total[4] = {0}, taken[4] = {0};
            int64_t at = block + c.lead;
            if (c.lead > 0) NAME(heads)(c, t, block, &scale, &min), min = NAME(add_scaled)(min, scale, middle_of(c));
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) part[q] = NAME(no_floats)();
            for (int64_t end = b + each; b < end; b++, at += 32, scales += queries, sums += queries, less += queries) {
                struct NAME(long_ints) dots[4];
#pragma GCC unroll 4
                for (int q = 0; q < queries; q++) dots[q] = NAME(no_long)();
                for (int half = 0; half < 2; half++) {
                    NAME(ints) words[4];
                    NAME(transpose)(renamed(t), at + 16 * half, words);
#pragma GCC unroll 4
                    for (int j = 0; j < 4; j++) {
                        NAME(ints) word = NAME(flip)(words[j], flipped);
#pragma GCC unroll 4
                        for (int q = 0; q < queries; q++, codes += 4)
                            dots[q] = NAME(add_long)(dots[q], word, codes, codes + x.plane);
                    }
                }
#pragma GCC unroll 4
                for (int q = 0; q < queries; q++) {
                    part[q] = NAME(add_scaled)(part[q], NAME(to_floats)(NAME(whole_long)(dots[q])), scales[q]);
                    total[q] += sums[q], taken[q] += less[q];
                }
            }
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++)
                sum[q] = NAME(fma)(NAME(sum)(part[q], NAME(all)(taken[q])), scale, NAME(add_scaled)(sum[q], min, total[q]));
        }
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++) NAME(store)(scores + q * BLOCK, sum[q]);
    }
}

/* Adds `pieces` times 16 bytes of rows, each row with a weight of its own for each query. */
INLINE void NAME(byte_chunk)(int pieces, int signs, struct table t, int64_t at, int n, struct NAME(weights) w, int queries,
                             struct NAME(ahead) ahead, float *out, int stride) {
    NAME(ints) flipped = NAME(start)(signs);
    struct NAME(long_ints) sums[8];
#pragma GCC unroll 8
    for (int i = 0; i < queries * pieces; i++) sums[i] = NAME(no_long)();
    for (int i = 0; i < n; i += 4, t = below(t, 4)) {
        NAME(ints) bytes[2];
        NAME(fetch_some)(ahead, i, 4);
        if (pieces == 2) NAME(interleave_both)(t, at, bytes);
        else bytes[0] = NAME(interleave)(t, at);
#pragma GCC unroll 2
        for (int p = 0; p < pieces; p++) bytes[p] = NAME(flip)(bytes[p], flipped);
#pragma GCC unroll 4
        for (int q = 0; q < queries; q++)
#pragma GCC unroll 2
            for (int p = 0; p < pieces; p++) {
                const int8_t *four = w.rounded + q * BLOCK + i;
                sums[q * pieces + p] = NAME(add_long)(sums[q * pieces + p], bytes[p], four, four + w.plane);
            }
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++)
#pragma GCC unroll 2
        for (int p = 0; p < pieces; p++) {
            float *to = out + q * stride + p * LANES;
            NAME(floats) sum = NAME(to_floats)(NAME(whole_long)(sums[q * pieces + p]));
            NAME(store)(to, NAME(add_scaled)(NAME(numbers)(to), sum, w.scales[q]));
        }
}

#define BYTES_OF(queries)                                                                                              \
    APART void NAME(byte_dots_##queries)(struct codec c, struct table t, int n, struct rounded x, float *scores) {     \
        NAME(byte_dots)(c, t, n, x, queries, scores);                                                                  \
    }                                                                                                                  \
    APART void NAME(byte_chunk_##queries)(int signs, struct table t, int64_t at, int n, struct NAME(weights) w,        \
                                          struct NAME(ahead) ahead, float *out, int stride) {                          \
        NAME(byte_chunk)(NAME(pieces), signs, t, at, n, w, queries, ahead, out, stride);                               \
    }
BYTES_OF(4)
BYTES_OF(2)
BYTES_OF(1)
#undef BYTES_OF

/* Adds elements `from` on of rows that lie side by side, n of them with weights: those of a block at `block`. */
static struct NAME(ahead) NAME(add_byte_block)(const struct codec *c, struct table t, int64_t block, int n, struct NAME(weights) w,
                                               int queries, int from, int dimension, int padded, struct NAME(ahead) rest,
                                               float *out) {
    int signs = c->kind == KV_Q8_0 ? (int)0x80808080 : 0;
    for (int at = 0; at < c->block && from + at < dimension; at += NAME(pieces) * 16) {
        int64_t codes = block + c->lead + at;
        for (int q = 0, some; q < queries; q += some) {
            struct NAME(weights) of = {w.rounded + q * BLOCK, w.scales + q, w.plane};
            float *to = out + q * padded + from + at;
            some = together(queries - q);
            if (some == 4) NAME(byte_chunk_4)(signs, t, codes, n, of, rest, to, padded);
            else if (some == 2) NAME(byte_chunk_2)(signs, t, codes, n, of, rest, to, padded);
            else NAME(byte_chunk_1)(signs, t, codes, n, of, rest, to, padded);
            rest.bytes = 0;
        }
    }
    return rest;
}
