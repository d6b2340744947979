/*
 * Products of bf16 weights with activations rounded to bf16, for processors that multiply two columns of them at once. All else
 * is what the set without these instructions does.
 */

/* Columns, an even number, that a panel's tokens meet at a time: these weights and activations stay in a cache near by. */
enum { NAME(COLUMNS) = 1024 };

/*
 * Adds columns [from, to) of `wide` panels, `apart` from one to the next, in pairs, to the sums of some tokens, which are 0
 * before the first; `rows` of the last panel are there.
 */
INLINE void NAME(add_pairs)(const uint8_t *panels, int64_t panel, int wide, int apart, int from, int to, const int8_t *pairs,
                            int tokens, int rows, float *y, int64_t stride) {
    __mmask16 there = rows >= LANES ? 0xFFFF : (1 << rows) - 1;
    __m512 sum[ABREAST][8];
#pragma GCC unroll 4
    for (int p = 0; p < wide; p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            sum[p][t] = from == 0 ? _mm512_setzero_ps()
                                  : _mm512_maskz_loadu_ps(p == wide - 1 ? there : 0xFFFF, y + t * stride + p * apart * LANES);
    for (int c = from; c < to; c += 2) {
        __m512i w[ABREAST];
#pragma GCC unroll 4
        for (int p = 0; p < wide; p++) {
            const uint8_t *at = panels + p * apart * panel + (int64_t)c * 2 * LANES;
            __builtin_prefetch(at + (apart > 1 ? FAR : AHEAD));
            w[p] = _mm512_loadu_si512(at);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            int32_t pair;
            memcpy(&pair, pairs + 4 * ((int64_t)c / 2 * tokens + t), 4);
            __m512i x = _mm512_set1_epi32(pair);
#pragma GCC unroll 4
            for (int p = 0; p < wide; p++) sum[p][t] = _mm512_dpbf16_ps(sum[p][t], (__m512bh)w[p], (__m512bh)x);
        }
    }
#pragma GCC unroll 4
    for (int p = 0; p < wide; p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            _mm512_mask_storeu_ps(y + t * stride + p * apart * LANES, p == wide - 1 ? there : 0xFFFF, sum[p][t]);
}

/* Up to four panels with all tokens, a stretch of columns after another. */
INLINE void NAME(panels)(const uint8_t *panels, int64_t panel, int wide, int apart, int rows, struct activations x, int tokens,
                         float *y, int64_t stride) {
    for (int from = 0; from < x.columns; from += NAME(COLUMNS)) {
        int to = from + NAME(COLUMNS) < x.columns ? from + NAME(COLUMNS) : x.columns, t = 0;
        const int8_t *pairs = (const int8_t *)x.scales;
        int64_t token = 4 * (int64_t)x.columns;
        for (; t + 8 <= tokens; t += 8)
            NAME(add_pairs)(panels, panel, wide, apart, from, to, pairs + t * token, 8, rows, y + t * stride, stride);
        for (; t + 4 <= tokens; t += 4)
            NAME(add_pairs)(panels, panel, wide, apart, from, to, pairs + t * token, 4, rows, y + t * stride, stride);
        for (; t + 2 <= tokens; t += 2)
            NAME(add_pairs)(panels, panel, wide, apart, from, to, pairs + t * token, 2, rows, y + t * stride, stride);
        for (; t < tokens; t++)
            NAME(add_pairs)(panels, panel, wide, apart, from, to, pairs + t * token, 1, rows, y + t * stride, stride);
    }
}

static void NAME(product)(int type, enum order order, const uint8_t *panels, int64_t panel, int count, int rows,
                          struct activations x, int tokens, float *y, int64_t stride) {
    if (type != BF16) {
        product_avx512(type, order, panels, panel, count, rows, x, tokens, y, stride);
        return;
    }
    int apart = tokens == 1 && order == FAR_APART ? count / ABREAST : 0, i = ABREAST * apart;
    for (int k = 0; k < apart; k++)
        NAME(panels)(panels + k * panel, panel, ABREAST, apart, rows - (k + (ABREAST - 1) * apart) * LANES, x, 1, y + k * LANES,
                     stride);
    for (; i + 1 < count; i += 2)
        NAME(panels)(panels + i * panel, panel, 2, 1, rows - (i + 1) * LANES, x, tokens, y + i * LANES, stride);
    if (i < count) NAME(panels)(panels + i * panel, panel, 1, 1, rows - i * LANES, x, tokens, y + i * LANES, stride);
}

/* Rounds the activations of one token; two columns of a tile's tokens stand beside each other. */
static void NAME(round)(struct format f, const float *x, int columns, int token, int tokens, int8_t *quants, float *scales,
                        int32_t *starts) {
    if (f.blocks != 2 || f.group != 1) {
        round_avx512(f, x, columns, token, tokens, quants, scales, starts);
        return;
    }
    int tile = tile_of(token, tokens), first = token / tile * tile;
    uint32_t *to = (uint32_t *)(scales + (int64_t)first * columns + token - first);
    for (int c = 0; c < columns; c += 2)
        to[(int64_t)c / 2 * tile] = to_brain(x[c]) | (uint32_t)(c + 1 < columns ? to_brain(x[c + 1]) : 0) << 16;
}
