/*
 * Products over one instruction set, which has said what ints, floats and their operations are.
 *
 * A tile is 16 rows and a few tokens: the weights of a group are taken apart once and meet each token,
 *     sum[t] += (scale of the group) * (integer dot product) * (scale of token t's group).
 * Many tokens meet WIDE panels, DEEP tokens at once, which is how few loads a dot product needs where sums and weights have
 * registers enough; weights that were taken apart stay in the nearest cache meanwhile, and sums between two stretches in y.
 */
typedef NAME(ints) NAME(group)[8];

INLINE NAME(ints) NAME(begin)(enum width width, int32_t start) {
    return width == PLAIN ? NAME(start)(0) : width == BYTES ? NAME(start8)(start) : NAME(start)(start);
}
INLINE NAME(ints) NAME(add_dot)(enum width width, NAME(ints) sum, NAME(ints) w, NAME(quad) four) {
    return width == BYTES ? NAME(dot8)(sum, w, four) : NAME(dot)(sum, w, four);
}

/*
 * What the weights of a panel meet when they have been taken apart: some tokens, whose sums they add to, or if there are
 * none the room that they are kept in. Weights so many bytes ahead are asked for, if not 0.
 */
struct NAME(meeting) { NAME(floats) *sum; struct activations x; int tokens; struct apart *apart; int ahead; };

INLINE void NAME(ask)(struct NAME(meeting) m, const uint8_t *p, int bytes) {
    if (m.ahead)
        for (int i = 0; i < bytes; i += 64) __builtin_prefetch(p + m.ahead + i);
}

/* 64 bytes of a panel, in the order in which they lie: processors foresee best what is read and asked for in turn. */
INLINE NAME(ints) NAME(next)(struct NAME(meeting) m, const uint8_t *p) {
    if (m.ahead) {
        __builtin_prefetch(p + m.ahead);
        in_order();
    }
    NAME(ints) v = NAME(load)(p);
    if (m.ahead) in_order();
    return v;
}

/* Gives group number `group`, of 4 * n columns, whose integer sums begin at starts; kept groups count from `first`. */
INLINE void NAME(meet)(struct NAME(meeting) m, const NAME(ints) *w, int n, enum width width, NAME(floats) scale, int group,
                       int first) {
    if (m.tokens == 0) {
#pragma GCC unroll 8
        for (int j = 0; j < n; j++) NAME(put)(m.apart->quants + 4 * LANES * ((group - first) * n + j), w[j]);
        NAME(store)(m.apart->scales + LANES * (group - first), scale);
        return;
    }
    const int8_t *q = m.x.quants + (int64_t)group * m.tokens * 4 * n;
    int64_t at = (int64_t)group * m.tokens;
#pragma GCC unroll 8
    for (int t = 0; t < m.tokens; t++) {
        NAME(ints) products = NAME(begin)(width, m.x.starts[at + t]);
#pragma GCC unroll 8
        for (int j = 0; j < n; j++) products = NAME(add_dot)(width, products, w[j], NAME(four)(q + 4 * (t * n + j)));
        m.sum[t] = NAME(add_scaled)(m.sum[t], NAME(mul)(NAME(to_floats)(products), scale), m.x.scales[at + t]);
    }
}

/* The same of what is added once for each group's sum of activations. */
INLINE void NAME(meet_min)(struct NAME(meeting) m, NAME(floats) min, int group, int first) {
    if (m.tokens == 0) NAME(store)(m.apart->mins + LANES * (group - first), min);
#pragma GCC unroll 8
    for (int t = 0; t < m.tokens; t++)
        m.sum[t] = NAME(add_scaled)(m.sum[t], min, from_bits(m.x.starts[(int64_t)group * m.tokens + t]));
}

INLINE void NAME(q8_0)(struct NAME(meeting) m, const uint8_t *p, int from, int to) {
    for (int b = from; b < to; b++) {
        const uint8_t *unit = p + (int64_t)(b / 2) * 1088, *quants = unit + 64 + b % 2 * 512;
        NAME(group) w;
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++) w[j] = NAME(next)(m, quants + 64 * j);
        NAME(ask)(m, quants + 512, 64);
        NAME(meet)(m, w, 8, BYTES, NAME(halves)(unit + b % 2 * 32), b, from);
    }
}

INLINE void NAME(q4_0)(struct NAME(meeting) m, const uint8_t *p, int from, int to) {
    for (int b = from; b < to; b++) {
        const uint8_t *unit = p + (int64_t)(b / 2) * 576, *quants = unit + 64 + b % 2 * 256;
        if (m.ahead == NEXT) NAME(ask)(m, quants, 288);
        else if (b % 2 == 0) NAME(ask)(m, unit, 64);
        NAME(group) w;
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            NAME(ints) pairs = m.ahead != NEXT ? NAME(next)(m, quants + 64 * j) : NAME(load)(quants + 64 * j);
            w[j] = NAME(bits)(pairs, 0, 15, 0);
            w[4 + j] = NAME(bits)(pairs, 4, 15, 0);
        }
        NAME(meet)(m, w, 8, BITS, NAME(halves)(unit + b % 2 * 32), b, from);
    }
}

/* Scales as halves d and dmin, then 8 scales and 8 mins in bytes. */
INLINE void NAME(q4_k)(struct NAME(meeting) m, const uint8_t *p, int from, int to) {
    p += (int64_t)(from / 8) * 2368;
    for (int b = from / 8; b < to / 8; b++, p += 2368) {
        NAME(floats) d = NAME(halves)(p);
        NAME(floats) dmin = NAME(halves)(p + 32);
        for (int g = 0; g < 8; g++) {
            const uint8_t *quants = p + 320 + g / 2 * 512;
            NAME(ask)(m, p + 296 * g, 296);
            NAME(group) w;
#pragma GCC unroll 8
            for (int j = 0; j < 8; j++) w[j] = NAME(bits)(NAME(load)(quants + 64 * j), g % 2 * 4, 15, 0);
            NAME(meet_min)(m, NAME(mul)(dmin, NAME(unsigned_bytes)(p + 192 + 16 * g)), 8 * b + g, from);
            NAME(meet)(m, w, 8, PLAIN, NAME(mul)(d, NAME(unsigned_bytes)(p + 64 + 16 * g)), 8 * b + g, from);
        }
    }
}

/* Scales as 16 signed bytes, then halves d; four low bits of all quants come before two high ones. */
INLINE void NAME(q6_k)(struct NAME(meeting) m, const uint8_t *p, int from, int to) {
    p += (int64_t)(from / 16) * 3392;
    for (int b = from / 16; b < to / 16; b++, p += 3392) {
        NAME(floats) d = NAME(halves)(p + 256);
        for (int part = 0; part < 8; part++) { /* of 32 elements */
            const uint8_t *low = p + 320 + part / 4 * 1024 + part % 2 * 512;
            const uint8_t *high = p + 2368 + part / 4 * 512;
            NAME(ask)(m, p + 424 * part, 424);
            for (int half = 0; half < 2; half++) {
                NAME(group) w;
#pragma GCC unroll 4
                for (int j = 0; j < 4; j++)
                    w[j] = NAME(or)(NAME(bits)(NAME(load)(low + 256 * half + 64 * j), part % 4 / 2 * 4, 15, 0),
                                    NAME(bits)(NAME(load)(high + 256 * half + 64 * j), part % 4 * 2, 3, 4));
                NAME(floats) scale = NAME(mul)(d, NAME(signed_bytes)(p + 32 * part + 16 * half));
                NAME(meet)(m, w, 4, BITS, scale, 16 * b + 2 * part + half, from);
            }
        }
    }
}

/* Takes groups [from, to) of a panel apart. */
INLINE void NAME(groups)(int type, struct NAME(meeting) m, const uint8_t *panel, int from, int to) {
    switch (type) {
        case Q8_0: NAME(q8_0)(m, panel, from, to); break;
        case Q4_0: NAME(q4_0)(m, panel, from, to); break;
        case Q4_K: NAME(q4_k)(m, panel, from, to); break;
        default: NAME(q6_k)(m, panel, from, to);
    }
}

/* Sums of a panel's rows for one token; of the last panel not all need be there. */
INLINE void NAME(put_rows)(float *y, NAME(floats) sum, int rows) {
    if (rows >= LANES) {
        NAME(store)(y, sum);
    } else {
        float lanes[LANES];
        NAME(store)(lanes, sum);
        memcpy(y, lanes, rows * sizeof(float));
    }
}

/* `wide` panels, `apart` from one to the next, with some tokens: a few groups of each in turn. */
INLINE void NAME(tile)(int type, const uint8_t *panels, int64_t panel, int wide, int apart, int rows, struct activations x,
                       int tokens, float *y, int64_t stride) {
    NAME(floats) sum[ABREAST][8];
#pragma GCC unroll 4
    for (int p = 0; p < wide; p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) sum[p][t] = NAME(no_floats)();
    int ahead = type == Q4_K || type == Q6_K || tokens > 1 ? AHEAD : wide > 1 ? FAR : NEXT;
    int step = wide > 1 ? 2 : x.groups;
    for (int from = 0; from < x.groups; from += step)
#pragma GCC unroll 4
        for (int p = 0; p < wide; p++)
            NAME(groups)(type, (struct NAME(meeting)){sum[p], x, tokens, 0, ahead}, panels + p * apart * panel, from,
                         from + step < x.groups ? from + step : x.groups);
#pragma GCC unroll 4
    for (int p = 0; p < wide; p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) NAME(put_rows)(y + t * stride + p * apart * LANES, sum[p][t], rows - p * apart * LANES);
}

INLINE struct activations NAME(from)(struct activations x, int token) {
    x.quants += (int64_t)token * x.columns;
    x.scales += (int64_t)token * x.groups;
    x.starts += (int64_t)token * x.groups;
    return x;
}

/*
 * Adds groups [from, to) of WIDE panels that were taken apart to the sums of some tokens, the first of them number `first`
 * of a tile; sums are 0 before group 0.
 */
INLINE void NAME(add_apart)(int type, const struct apart *apart, int from, int to, struct activations x, int tile, int first,
                            int tokens, float *y, int64_t stride) {
    int n = type == Q6_K ? 4 : 8;
    const int run = NAME(run)(type);
    enum width width = type == Q8_0 ? BYTES : type == Q4_K ? PLAIN : BITS;
    NAME(floats) sum[NAME(WIDE)][NAME(DEEP)];
#pragma GCC unroll 3
    for (int p = 0; p < NAME(WIDE); p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            sum[p][t] = from == 0 ? NAME(no_floats)() : NAME(numbers)(y + t * stride + p * LANES);
    int64_t at = (int64_t)from * tile + first;
    const int8_t *q = x.quants + at * 4 * n;
    const float *scales = x.scales + at;
    const int32_t *starts = x.starts + at;
    const uint8_t *w = apart->quants;
    for (int g = 0; g < to - from; g++, q += tile * 4 * n, scales += tile, starts += tile, w += 4 * LANES * n) {
        NAME(ints) products[NAME(WIDE)][NAME(DEEP)];
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
#pragma GCC unroll 3
            for (int p = 0; p < NAME(WIDE); p++) products[p][t] = NAME(begin)(width, starts[t]);
#pragma GCC unroll 8
        for (int j = 0; j < n; j += run)
#pragma GCC unroll 8
            for (int t = 0; t < tokens; t++)
#pragma GCC unroll 3
                for (int p = 0; p < NAME(WIDE); p++) {
                    const uint8_t *of = w + 64 * j + p * sizeof(struct apart);
                    const int8_t *with = q + 4 * (t * n + j);
                    products[p][t] = run > 1 ? NAME(dot_run)(products[p][t], of, with, run)
                                             : NAME(add_dot)(width, products[p][t], NAME(load)(of), NAME(four)(with));
                }
#pragma GCC unroll 3
        for (int p = 0; p < NAME(WIDE); p++) {
            NAME(floats) scale = NAME(numbers)(apart[p].scales + LANES * g);
            if (width == PLAIN) {
                NAME(floats) min = NAME(numbers)(apart[p].mins + LANES * g);
#pragma GCC unroll 8
                for (int t = 0; t < tokens; t++) sum[p][t] = NAME(add_scaled)(sum[p][t], min, from_bits(starts[t]));
            }
#pragma GCC unroll 8
            for (int t = 0; t < tokens; t++)
                sum[p][t] = NAME(add_scaled)(sum[p][t], NAME(mul)(NAME(to_floats)(products[p][t]), scale), scales[t]);
        }
    }
#pragma GCC unroll 3
    for (int p = 0; p < NAME(WIDE); p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) NAME(store)(y + t * stride + p * LANES, sum[p][t]);
}

/* WIDE whole panels with many tokens, a stretch of their columns after another; each asks for the next meanwhile. */
INLINE void NAME(many)(int type, const uint8_t *panels, int64_t panel, struct activations x, int tokens, float *y,
                       int64_t stride) {
    struct apart apart[NAME(WIDE)];
    int group = x.columns / x.groups, step = STRETCH / group;
    int64_t bytes = panel * step / x.groups;
    for (int from = 0, to; from < x.groups; from = to) {
        to = from + step < x.groups ? from + step : x.groups;
        const uint8_t *next = to < x.groups ? panels + panel * to / x.groups : panels + NAME(WIDE) * panel;
        for (int p = 0; p < NAME(WIDE); p++)
            NAME(groups)(type, (struct NAME(meeting)){0, x, 0, apart + p, 0}, panels + p * panel, from, to);
        int t = 0;
        for (; t + 8 <= tokens; t += 8) {
            for (int p = 0; p < NAME(WIDE); p++)
                for (int64_t i = bytes * t / tokens & -64; i < bytes * (t + 8) / tokens; i += 64)
                    __builtin_prefetch(next + p * panel + i);
            for (int i = 0; i < 8; i += NAME(DEEP))
                NAME(add_apart)(type, apart, from, to, NAME(from)(x, t), 8, i, NAME(DEEP), y + (t + i) * stride, stride);
        }
        for (; t + 4 <= tokens; t += 4)
            NAME(add_apart)(type, apart, from, to, NAME(from)(x, t), 4, 0, 4, y + t * stride, stride);
        for (; t + 2 <= tokens; t += 2)
            NAME(add_apart)(type, apart, from, to, NAME(from)(x, t), 2, 0, 2, y + t * stride, stride);
        for (; t < tokens; t++)
            NAME(add_apart)(type, apart, from, to, NAME(from)(x, t), 1, 0, 1, y + t * stride, stride);
    }
}

/* A panel after another, with tiles as laconic_round laid them. */
INLINE void NAME(tiles)(int type, enum order order, const uint8_t *panels, int64_t panel, int count, int rows,
                        struct activations x, int tokens, float *y, int64_t stride) {
    int i = 0;
    if (tokens >= MANY)
        for (; i + NAME(WIDE) <= count && rows >= NAME(WIDE) * LANES; i += NAME(WIDE), rows -= NAME(WIDE) * LANES)
            NAME(many)(type, panels + i * panel, panel, x, tokens, y + i * LANES, stride);
    int apart = tokens == 1 && order == FAR_APART && (type == Q8_0 || type == Q4_0) ? count / ABREAST : 0;
    for (int k = 0; k < apart; k++)
        NAME(tile)(type, panels + k * panel, panel, ABREAST, apart, rows - k * LANES, x, 1, y + k * LANES, stride);
    i += ABREAST * apart, rows -= ABREAST * apart * LANES;
    panels += i * panel, y += i * LANES;
    for (; i < count; i++, panels += panel, y += LANES, rows -= LANES) {
        int t = 0;
        for (; t + 8 <= tokens; t += 8) NAME(tile)(type, panels, panel, 1, 0, rows, NAME(from)(x, t), 8, y + t * stride, stride);
        for (; t + 4 <= tokens; t += 4) NAME(tile)(type, panels, panel, 1, 0, rows, NAME(from)(x, t), 4, y + t * stride, stride);
        for (; t + 2 <= tokens; t += 2) NAME(tile)(type, panels, panel, 1, 0, rows, NAME(from)(x, t), 2, y + t * stride, stride);
        for (; t < tokens; t++) NAME(tile)(type, panels, panel, 1, 0, rows, NAME(from)(x, t), 1, y + t * stride, stride);
    }
}

/*
 * Products of `wide` panels of plain weights, `apart` from one to the next, with some tokens, the first of them number `first` of
 * a tile. Even and odd columns have sums of their own; `rows` of the last panel are there.
 */
INLINE void NAME(plain_tile)(int type, const uint8_t *panels, int64_t panel, int wide, int apart, int rows,
                             struct activations x, int tile, int first, int tokens, float *y, int64_t stride) {
    NAME(floats) even[NAME(WIDE)][NAME(DEEP)], odd[NAME(WIDE)][NAME(DEEP)];
#pragma GCC unroll 3
    for (int p = 0; p < wide; p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) even[p][t] = odd[p][t] = NAME(no_floats)();
    const float *v = x.scales + first;
    for (int c = 0; c < x.columns; c += 2, v += 2 * tile) {
        int both = c + 1 < x.columns;
#pragma GCC unroll 3
        for (int p = 0; p < wide; p++) {
            const uint8_t *at = panels + p * apart * panel + (int64_t)c * 2 * LANES;
            __builtin_prefetch(at + (wide > 1 ? FAR : AHEAD));
            NAME(floats) w = type == F16 ? NAME(halves)(at) : NAME(low_brains)(NAME(load)(at));
#pragma GCC unroll 8
            for (int t = 0; t < tokens; t++) even[p][t] = NAME(add_scaled)(even[p][t], w, v[t]);
            if (!both) continue;
            w = type == F16 ? NAME(halves)(at + 32) : NAME(high_brains)(NAME(load)(at));
#pragma GCC unroll 8
            for (int t = 0; t < tokens; t++) odd[p][t] = NAME(add_scaled)(odd[p][t], w, v[tile + t]);
        }
    }
#pragma GCC unroll 3
    for (int p = 0; p < wide; p++)
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++)
            NAME(put_rows)(y + t * stride + p * apart * LANES, NAME(sum)(even[p][t], odd[p][t]),
                           p < wide - 1 ? LANES : rows);
}

INLINE void NAME(plain_panels)(int type, const uint8_t *panels, int64_t panel, int wide, int apart, int rows, struct activations x,
                               int tokens, float *y, int64_t stride) {
    int t = 0;
    for (; t + 8 <= tokens; t += 8)
        for (int i = 0; i < 8; i += NAME(DEEP))
            NAME(plain_tile)(type, panels, panel, wide, apart, rows, NAME(from)(x, t), 8, i, NAME(DEEP), y + (t + i) * stride,
                             stride);
    for (; t + 4 <= tokens; t += 4)
        for (int i = 0; i < 4; i += NAME(DEEP))
            NAME(plain_tile)(type, panels, panel, wide, apart, rows, NAME(from)(x, t), 4, i, NAME(DEEP), y + (t + i) * stride,
                             stride);
    for (; t + 2 <= tokens; t += 2)
        NAME(plain_tile)(type, panels, panel, wide, apart, rows, NAME(from)(x, t), 2, 0, 2, y + t * stride, stride);
    for (; t < tokens; t++)
        NAME(plain_tile)(type, panels, panel, wide, apart, rows, NAME(from)(x, t), 1, 0, 1, y + t * stride, stride);
}

/* The same of weights in 16 bits: few tokens wait for memory, many for registers. */
INLINE void NAME(plain_tiles)(int type, enum order order, const uint8_t *panels, int64_t panel, int count, int rows,
                              struct activations x, int tokens, float *y, int64_t stride) {
    const int pair = NAME(WIDE) < 2 ? NAME(WIDE) : 2;
    int i = 0, apart = tokens <= 4 && (tokens > 1 || order == FAR_APART) ? count / NAME(WIDE) : 0;
    for (int k = 0; k < apart; k++)
        NAME(plain_panels)(type, panels + k * panel, panel, NAME(WIDE), apart, rows - (k + (NAME(WIDE) - 1) * apart) * LANES, x,
                           tokens, y + k * LANES, stride);
    i += apart * NAME(WIDE);
    for (; i + pair <= count; i += pair)
        NAME(plain_panels)(type, panels + i * panel, panel, pair, 1, rows - (i + pair - 1) * LANES, x, tokens, y + i * LANES,
                           stride);
    for (; i < count; i++)
        NAME(plain_panels)(type, panels + i * panel, panel, 1, 0, rows - i * LANES, x, tokens, y + i * LANES, stride);
}

static void NAME(product)(int type, enum order order, const uint8_t *panels, int64_t panel, int count, int rows,
                          struct activations x, int tokens, float *y, int64_t stride) {
    switch (type) {
        case F16: NAME(plain_tiles)(F16, order, panels, panel, count, rows, x, tokens, y, stride); break;
        case BF16: NAME(plain_tiles)(BF16, order, panels, panel, count, rows, x, tokens, y, stride); break;
        case Q8_0: NAME(tiles)(Q8_0, order, panels, panel, count, rows, x, tokens, y, stride); break;
        case Q4_0: NAME(tiles)(Q4_0, order, panels, panel, count, rows, x, tokens, y, stride); break;
        case Q4_K: NAME(tiles)(Q4_K, order, panels, panel, count, rows, x, tokens, y, stride); break;
        default: NAME(tiles)(Q6_K, order, panels, panel, count, rows, x, tokens, y, stride);
    }
}

/* Rounds blocks of `size` columns that share a scale, in groups whose sums begin anew. */
INLINE void NAME(round_blocks)(struct format f, const float *x, int columns, int size, int group, int64_t at, int tile,
                               int8_t *quants, float *scales, int32_t *starts) {
    for (const float *v = x; v < x + columns; v += size) {
        uint32_t most = 0; /* of the magnitudes, whose bits are in the order of their values, NaN last */
        for (int i = 0; i < size; i++) {
            uint32_t magnitude = to_bits(v[i]) & 0x7FFFFFFF;
            most = magnitude > most ? magnitude : most;
        }
        float max = from_bits(most);
        float scale = size == 32 ? to_half(max / 127) : max / 127;
        float inverse = max == 0 ? 0 : 127 / max;
        int32_t rounded[256];
        for (int i = 0; i < size; i++) rounded[i] = (int32_t)(to_bits(v[i] * inverse + 0x1.8p23f) - 0x4B400000);
        for (int i = 0; i < size; i += group, at += tile) {
            int8_t *q = quants + at * group;
            int sum = 0;
            for (int j = 0; j < group; j++) sum += rounded[i + j];
            for (int j = 0; j < group; j++) q[j] = (int8_t)rounded[i + j];
            scales[at] = scale;
            starts[at] = f.zero == 0 ? (int32_t)to_bits(-scale * sum) : -f.zero * sum;
        }
    }
}

/*
 * Rounds the activations of one token of several to 8 bits. Starts are the integers or the float32s that the groups' sums
 * need.
 */
static void NAME(round)(struct format f, const float *x, int columns, int token, int tokens, int8_t *quants,
                        float *scales, int32_t *starts) {
    int tile = tile_of(token, tokens), first = token / tile * tile;
    int64_t at = (int64_t)first * (columns / f.group) + token - first;
    if (f.group == 1) {
        for (int c = 0; c < columns; c++) scales[at + (int64_t)c * tile] = x[c];
        return;
    }
    if (f.rounded == 32) NAME(round_blocks)(f, x, columns, 32, 32, at, tile, quants, scales, starts);
    else if (f.group == 32) NAME(round_blocks)(f, x, columns, 256, 32, at, tile, quants, scales, starts);
    else NAME(round_blocks)(f, x, columns, 256, 16, at, tile, quants, scales, starts);
}

/* Twelve sums that do not wait for each other. */
static int64_t NAME(spin)(int64_t rounds) {
    uint8_t bytes[64];
    for (int i = 0; i < 64; i++) bytes[i] = (uint8_t)(rounds + i) & 63;
    NAME(ints) w = NAME(load)(bytes), sums[12];
    NAME(quad) x = NAME(four)((const int8_t *)bytes);
#pragma GCC unroll 12
    for (int i = 0; i < 12; i++) sums[i] = NAME(start)(i);
    for (int64_t r = 0; r < rounds; r++) {
#pragma GCC unroll 12
        for (int i = 0; i < 12; i++) {
            NAME(hide)(&x);
            sums[i] = NAME(dot)(sums[i], w, x);
        }
    }
    float lanes[LANES];
    for (int i = 1; i < 12; i++) sums[0] = NAME(or)(sums[0], sums[i]);
    NAME(store)(lanes, NAME(to_floats)(sums[0]));
    return lanes[0] == 0.5f ? 0 : rounds * 12 * LANES * 4 * 2;
}
