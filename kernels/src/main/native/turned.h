/* Keys that are attended to as if they stood at other positions. */

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
