/*
 * Scores of codes of four bits where a register has room for 32 bytes of two rows. Words of eight rows are brought into lanes:
 * one word of each in the first and third quarter, the word 16 bytes further on in the others, where another block of the
 * query meets it.
 */

/* Whether all rows are one block, and that in pairs of 32 elements. */
INLINE int NAME(in_pairs)(struct codec c) { return c.bits == 4 && c.block % 64 == 0; }

/* Queries' words, as struct rounded has them, for a pair of blocks each: one block's in the first and third quarter. */
static void NAME(widen)(const int8_t *codes, int blocks, int queries, int8_t *wide) {
    for (int q = 0, some; q < queries; q += some) {
        some = together(queries - q);
        for (int b = 0; b < blocks; b += 2, codes += 64 * some)
            for (int j = 0; j < 4; j++)
                for (int i = 0; i < 2 * some; i++, wide += 64) {
                    const int8_t *word = codes + 4 * (i / some * 4 * some + j * some + i % some);
                    __m512i v = NAME(four)(word);
                    _mm512_storeu_si512(wide, _mm512_mask_mov_epi32(v, 0xF0F0, NAME(four)(word + 32 * some)));
                }
    }
}

/* Words of eight rows, 32 bytes of each: out[j] has words j and, in the second and fourth quarter, 4 + j. */
INLINE void NAME(words_of_eight)(struct table t, int64_t at, __m512i *out) {
    __m512i v[4];
    const uint8_t *row = t.row + at;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        v[i] = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(row + i * t.stride)));
        v[i] = _mm512_inserti64x4(v[i], _mm256_loadu_si256((const __m256i *)(row + (i + 4) * t.stride)), 1);
    }
    NAME(turn_lanes)(v, out);
}

/* Scores of n rows, rounded up to 16, that are one block of a multiple of 64 elements, with some queries. */
INLINE void NAME(wide_dots)(struct codec c, struct table t, int n, struct rounded x, int queries, struct NAME(ahead) ahead,
                            float *scores) {
    float totals[4] = {0};
    int64_t at = c.lead;
    for (int b = 0; b < x.blocks; b += 2, at += 32, x.scales += 2 * queries, x.sums += 2 * queries) {
        int last = b + 2 == x.blocks;
        for (int q = 0; q < queries; q++) totals[q] = x.sums[queries + q] + (x.sums[q] + totals[q]);
        float *to = scores;
        struct table rows = t;
        for (int i = 0; i < n; i += LANES, rows = below(rows, LANES), to += LANES) {
            __m512i words[2][4], dots[2][4];
            if (b == 0) NAME(fetch_some)(ahead, i, LANES);
            const int8_t *wide = x.wide + b * queries * WIDE_BLOCK;
            /* Compilers would keep the address of each word, for which registers do not suffice. */
            __asm__ volatile("" : "+r"(wide));
#pragma GCC unroll 2
            for (int h = 0; h < 2; h++) {
                NAME(words_of_eight)(below(rows, 8 * h), at, words[h]);
#pragma GCC unroll 4
                for (int q = 0; q < queries; q++) dots[h][q] = NAME(start)(0);
            }
#pragma GCC unroll 4
            for (int j = 0; j < 4; j++)
#pragma GCC unroll 2
                for (int p = 0; p < 2; p++) {
                    __m512i lower = NAME(bits)(words[0][j], 4 * p, 15, 0), upper = NAME(bits)(words[1][j], 4 * p, 15, 0);
#pragma GCC unroll 4
                    for (int q = 0; q < queries; q++, wide += 64) {
                        __m512i query = _mm512_loadu_si512(wide);
                        dots[0][q] = NAME(dot)(dots[0][q], lower, query);
                        dots[1][q] = NAME(dot)(dots[1][q], upper, query);
                    }
                }
            NAME(floats) scale = NAME(all)(1), min = NAME(no_floats)();
            if (last && c.lead > 0) NAME(heads)(c, rows, 0, &scale, &min);
#pragma GCC unroll 4
            for (int q = 0; q < queries; q++) {
                NAME(floats) first = NAME(to_floats)(_mm512_shuffle_i32x4(dots[0][q], dots[1][q], 0x88));
                NAME(floats) second = NAME(to_floats)(_mm512_shuffle_i32x4(dots[0][q], dots[1][q], 0xDD));
                NAME(floats) part = b > 0 ? NAME(numbers)(to + q * BLOCK) : NAME(no_floats)();
                part = NAME(add_scaled)(part, first, x.scales[q]);
                part = NAME(add_scaled)(part, second, x.scales[queries + q]);
                if (last) part = NAME(fma)(part, scale, NAME(mul)(min, NAME(all)(totals[q])));
                NAME(store)(to + q * BLOCK, part);
            }
        }
    }
}

#define DOTS(queries)                                                                                                  \
    APART void NAME(wide_dots_##queries)(struct codec c, struct table t, int n, struct rounded x, struct NAME(ahead) ahead, \
                                         float *scores) {                                                              \
        if (x.blocks == 2) x.blocks = 2, NAME(wide_dots)(c, t, n, x, queries, ahead, scores);                          \
        else NAME(wide_dots)(c, t, n, x, queries, ahead, scores);                                                      \
    }
DOTS(4)
DOTS(2)
DOTS(1)
#undef DOTS
