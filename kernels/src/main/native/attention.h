/*
 * Attention over one instruction set: blocks of entries meet all queries, with an online softmax between keys and values.
 * Keys and values of plain numbers are read where they lie, codes of few bits meet queries and weights of 8 bits in integer dot
 * products, those of eight bits meet them as they are, and all else is decoded first.
 */
#include "rows.h"
#include "decode.h"
#include "codes.h"
#include "turned.h"
#include "groups.h"

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

/*
 * Where an online softmax stands: of each query the largest score, with room for three more, lanes that add up to the sum of
 * weights, weighted values, and lanes that add up to what all channels of a block of values still lack.
 */
struct NAME(softmax) { float *maxima, *sums, *out, *offsets; int padded, lacking; };

/* Where it stands for the queries from number `first` on. */
INLINE struct NAME(softmax) NAME(from_number)(struct NAME(softmax) s, int first) {
    s.maxima += first, s.sums += first * LANES, s.out += first * s.padded, s.offsets += first * s.lacking;
    return s;
}

/* Up to four queries see a block's scores, of which `four` are to have the largest of each lane. */
INLINE void NAME(see)(const float *scores, int queries, struct NAME(softmax) s, NAME(floats) *four) {
    float lanes[LANES];
#pragma GCC unroll 4
    for (int q = 0; q < 4; q++) {
        const float *of = scores + (q < queries ? q : 0) * BLOCK;
        four[q] = NAME(numbers)(of);
#pragma GCC unroll 4
        for (int i = LANES; i < BLOCK; i += LANES) four[q] = NAME(max)(four[q], NAME(numbers)(of + i));
    }
    NAME(floats) largest = NAME(largest_of_four)(four);
    if (!NAME(any_above)(largest, NAME(of_four)(s.maxima))) return;
    NAME(store)(lanes, largest);
    for (int q = 0; q < queries; q++) {
        float max = lanes[q], shrunk[LANES];
        if (!(max > s.maxima[q])) continue;
        NAME(store)(shrunk, NAME(power)(NAME(all)((s.maxima[q] - max) * LOG2E)));
        for (int i = 0; i < LANES; i++) s.sums[q * LANES + i] *= shrunk[0];
        for (int c = 0; c < s.padded; c++) s.out[q * s.padded + c] *= shrunk[0];
        for (int c = 0; c < s.lacking; c++) s.offsets[q * s.lacking + c] *= shrunk[0];
        s.maxima[q] = max;
    }
}

/* What four queries' scores times LOG2E are above; nothing is seen yet, and what is not has no weight. */
INLINE NAME(floats) NAME(base)(struct NAME(softmax) s) {
    return NAME(mul)(NAME(max)(NAME(of_four)(s.maxima), NAME(all)(-0x1p126f)), NAME(all)(-LOG2E));
}

/* Scores of up to four queries become weights. */
INLINE void NAME(weigh_some)(float *scores, int queries, const struct NAME(softmax) *softmax, int first) {
    struct NAME(softmax) s = NAME(from_number)(*softmax, first);
    NAME(floats) four[4];
    NAME(see)(scores, queries, s, four);
    NAME(floats) base = NAME(base)(s);
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++) {
        float *of = scores + q * BLOCK;
        NAME(floats) from = NAME(one_of_four)(base, q);
        NAME(floats) sum = NAME(numbers)(s.sums + q * LANES);
#pragma GCC unroll 4
        for (int i = 0; i < BLOCK; i += LANES) {
            NAME(floats) weight = NAME(power)(NAME(add_scaled)(from, NAME(numbers)(of + i), LOG2E));
            sum = NAME(sum)(sum, weight);
            NAME(store)(of + i, weight);
        }
        NAME(store)(s.sums + q * LANES, sum);
    }
}

/* Scores of a block become weights: a step of the online softmax. */
APART void NAME(weigh)(float *scores, int queries, const struct NAME(softmax) *s) {
    for (int q = 0, some; q < queries; q += some, scores += some * BLOCK) {
        some = together(queries - q);
        if (some == 4) NAME(weigh_some)(scores, 4, s, q);
        else if (some == 2) NAME(weigh_some)(scores, 2, s, q);
        else NAME(weigh_some)(scores, 1, s, q);
    }
}

/*
 * Of rows' blocks of codes in one place the scales and what a middle code stands for, times the rows' lengths, if they have any;
 * of each lane's largest scale the logarithm, or a little more.
 */
struct NAME(row_heads) { NAME(floats) scales[BLOCK / LANES], middles[BLOCK / LANES], logs; };

/* Logarithms to base 2 of numbers above 0, or up to 0.09 more: the exponent's bits, then the mantissa's. */
INLINE NAME(floats) NAME(logs_above)(NAME(floats) v) {
    float numbers[LANES], logs[LANES];
    int32_t bits[LANES];
    NAME(store)(numbers, v);
    memcpy(bits, numbers, sizeof bits);
    for (int i = 0; i < LANES; i++) logs[i] = (float)bits[i] * 0x1p-23f - (127 - 0.0861f);
    return NAME(numbers)(logs);
}

/*
 * Scores of up to four queries become weights, which are left in their place if `kept` says so; and these times the scales of
 * each of the rows' blocks integers of at most 127, or of 15 bits for `bytes`. What they do not exceed is known before they are:
 * each lane's largest score goes with its largest scale. Sixty-four thresholds that differ round up or down, so that many small
 * weights beside a large one are not all lost: their sum stays. What a middle code stands for is weighted exactly, so that
 * rounding is felt only by what codes differ from that: it is added to lanes of offsets.
 */
INLINE void NAME(weigh_codes_some)(float *scores, int queries, int kept, int bytes, const struct NAME(softmax) *softmax, int first,
                                   const struct NAME(row_heads) *heads, float middle, int blocks, const struct NAME(weights) *to) {
    enum { PARTS = BLOCK / LANES };
    struct NAME(softmax) s = NAME(from_number)(*softmax, first);
    int lanes = s.lacking / blocks;
    NAME(floats) inverses[blocks], all_scales[blocks];
    NAME(floats) four[4], weight[4][PARTS];
    NAME(see)(scores, queries, s, four);
    NAME(floats) base = NAME(base)(s);
    for (int b = 0; b < blocks; b++) {
        NAME(floats) most[4];
#pragma GCC unroll 4
        for (int q = 0; q < 4; q++) most[q] = NAME(add_scaled)(heads[b].logs, four[q], LOG2E);
        /* Weights may be a little above what is found roughly. */
        NAME(floats) bound = NAME(rough_power)(NAME(sum)(NAME(largest_of_four)(most), base));
        bound = NAME(max)(bound, NAME(all)(LEAST));
        float top = bytes ? MOST_LONG - 16 : 126.9f;
        all_scales[b] = NAME(mul)(bound, NAME(all)(1 / top));
        inverses[b] = NAME(divide)(NAME(all)(top), bound);
        NAME(store)(to[b].scales + first, all_scales[b]);
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++) {
        NAME(floats) from = NAME(one_of_four)(base, q), sum = NAME(numbers)(s.sums + q * LANES);
#pragma GCC unroll 4
        for (int i = 0; i < PARTS; i++) {
            float *of = scores + q * BLOCK + i * LANES;
            NAME(floats) of_two = NAME(add_scaled)(from, NAME(numbers)(of), LOG2E);
            weight[q][i] = bytes ? NAME(power)(of_two) : NAME(rough_power)(of_two);
            sum = NAME(sum)(sum, weight[q][i]);
            if (kept) NAME(store)(of, weight[q][i]);
        }
        NAME(store)(s.sums + q * LANES, sum);
    }
#pragma GCC unroll 4
    for (int q = 0; q < queries; q++) {
        for (int b = 0; b < blocks; b++) {
            NAME(floats) each = NAME(one_of_four)(inverses[b], q), code[PARTS];
            float *offsets = s.offsets + q * s.lacking + b * lanes;
            NAME(floats) offset = NAME(numbers)(offsets);
#pragma GCC unroll 4
            for (int i = 0; i < PARTS; i++) {
                offset = NAME(fma)(weight[q][i], heads[b].middles[i], offset);
                NAME(floats) threshold = NAME(sum)(NAME(numbers)(THRESHOLDS), NAME(all)(FINER[i]));
                code[i] = NAME(fma)(NAME(mul)(weight[q][i], heads[b].scales[i]), each, bytes ? NAME(no_floats)() : threshold);
            }
            int8_t *rounded = to[b].rounded + (first + q) * BLOCK;
            NAME(ints) total = bytes ? NAME(store_long_codes)(rounded, rounded + to[b].plane, code)
                                     : NAME(store_codes)(rounded, code);
            NAME(floats) taken = NAME(mul)(NAME(one_of_four)(all_scales[b], q), NAME(all)(bytes ? -NAME(excess) : -middle));
            NAME(store)(offsets, NAME(fma)(NAME(to_floats)(total), taken, offset));
        }
    }
}

/* The same for all queries. */
INLINE void NAME(weigh_blocks)(const struct codec *c, struct table t, const float *lengths, float *scores, int queries,
                               int kept, int bytes, const struct NAME(softmax) *s, int blocks, const struct NAME(weights) *to) {
    struct NAME(row_heads) heads[blocks];
    float middle = middle_of(*c);
    for (int b = 0; b < blocks; b++) {
        NAME(floats) most = NAME(no_floats)(), min;
#pragma GCC unroll 4
        for (int i = 0; i < BLOCK / LANES; i++) {
            NAME(heads)(*c, below(t, i * LANES), b * c->block_bytes, heads[b].scales + i, &min);
            heads[b].middles[i] = NAME(add_scaled)(min, heads[b].scales[i], middle);
            if (c->lengths > 0) {
                NAME(floats) length = NAME(numbers)(lengths + i * LANES);
                heads[b].scales[i] = NAME(mul)(heads[b].scales[i], length);
                heads[b].middles[i] = NAME(mul)(heads[b].middles[i], length);
            }
            most = NAME(max_magnitude)(most, heads[b].scales[i]);
        }
        heads[b].logs = NAME(logs_above)(most);
    }
    for (int q = 0, some; q < queries; q += some, scores += some * BLOCK) {
        some = together(queries - q);
        if (some == 4) NAME(weigh_codes_some)(scores, 4, kept, bytes, s, q, heads, middle, blocks, to);
        else if (some == 2) NAME(weigh_codes_some)(scores, 2, kept, bytes, s, q, heads, middle, blocks, to);
        else NAME(weigh_codes_some)(scores, 1, kept, bytes, s, q, heads, middle, blocks, to);
    }
}

APART void NAME(weigh_codes)(const struct codec *c, struct table t, const float *lengths, float *scores, int queries, int kept,
                             const struct NAME(softmax) *s, int blocks, const struct NAME(weights) *to) {
    if (c->bits == 8) NAME(weigh_blocks)(c, t, lengths, scores, queries, kept, 1, s, blocks, to);
    else if (blocks == 1 && !kept) NAME(weigh_blocks)(c, t, lengths, scores, queries, 0, 0, s, 1, to);
    else NAME(weigh_blocks)(c, t, lengths, scores, queries, kept, 0, s, blocks, to);
}

/* Whether rows can be read where they lie. */
INLINE int NAME(plain)(struct codec c, int dimension) {
    return c.kind <= KV_BF16 ? dimension % LANES == 0 : c.kind == KV_Q8_0 && dimension % 32 == 0;
}

/*
 * How many of the first runs are whole blocks. Where their entries are all seen and weigh alike they go a way of their own: to
 * ask what else there may be to do for a block takes long beside the products of few bits.
 */
static int NAME(whole_runs)(const struct attention *a) {
    int runs = 0;
    while (runs < a->runs && a->run[runs].to - a->run[runs].from == BLOCK) runs++;
    return runs;
}

/* Rows of a run, of so many bytes each; or none, behind the last of `runs`. */
INLINE struct NAME(ahead) NAME(rows_of_run)(const struct attention *a, int run, int runs, int64_t base, int bytes) {
    if (run >= runs) return (struct NAME(ahead)){0, 0};
    return (struct NAME(ahead)){a->run[run].page + base + (int64_t)a->run[run].from * bytes, bytes};
}

/* Keys and values of codes, and what these meet: queries that are rounded, and weights that are to be. */
struct NAME(codes) {
    const struct codec *keys, *values;
    struct rounded queries;
    const struct NAME(weights) *weights;
    int blocks, padded;
};

/* Whole blocks of codes. Rows are asked for `far` blocks ahead, keys one more. */
static void NAME(whole_codes)(const struct attention *a, int runs, struct NAME(codes) c, int far, const struct NAME(softmax) *s,
                              float *scores) {
    int64_t base = a->value_base;
    int key_bytes = c.keys->bytes, value_bytes = c.values->bytes;
    for (int i = 0; i <= far; i++) {
        NAME(fetch_some)(NAME(rows_of_run)(a, i, runs, 0, key_bytes), 0, BLOCK);
        if (i < far) NAME(fetch_some)(NAME(rows_of_run)(a, i, runs, base, value_bytes), 0, BLOCK);
    }
    for (int i = 0; i < runs; i++) {
        struct table keys = {NAME(rows_of_run)(a, i, runs, 0, key_bytes).row, key_bytes};
        struct table values = {NAME(rows_of_run)(a, i, runs, base, value_bytes).row, value_bytes};
        NAME(table_scores)(*c.keys, keys, BLOCK, c.queries, a->queries, NAME(rows_of_run)(a, i + far, runs, base, value_bytes),
                           scores);
        NAME(weigh_codes)(c.values, values, 0, scores, a->queries, 0, s, c.blocks, c.weights);
        NAME(add_weighed)(c.values, values, BLOCK, c.weights, a->queries, a->value_dimension, c.padded,
                          NAME(rows_of_run)(a, i + far + 1, runs, 0, key_bytes), s->out);
    }
}

/* Where each of a block's rows is; returns how many bytes they have, none behind the last run. */
INLINE int NAME(each_row)(struct NAME(ahead) rows, const uint8_t **to) {
    for (int i = 0; i < BLOCK; i++) to[i] = rows.row + (int64_t)i * rows.bytes;
    return rows.bytes;
}

/* Whole blocks of plain numbers, which meet queries padded to `padded` elements. */
static void NAME(whole_rows)(const struct attention *a, int runs, const struct codec *keys, const struct codec *values,
                             const float *x, int padded, const struct NAME(softmax) *s, float *scores) {
    const uint8_t *key_rows[2][BLOCK], *value_rows[BLOCK];
    int bytes = NAME(each_row)(NAME(rows_of_run)(a, 0, runs, 0, keys->bytes), key_rows[0]);
    NAME(fetch)(key_rows[0], BLOCK, bytes);
    for (int i = 0; i < runs; i++) {
        const uint8_t **of = key_rows[i % 2], **next = key_rows[(i + 1) % 2];
        bytes = NAME(each_row)(NAME(rows_of_run)(a, i, runs, a->value_base, values->bytes), value_rows);
        NAME(scores)(keys->kind, of, value_rows, bytes, BLOCK, x, padded, a->queries, scores);
        NAME(weigh)(scores, a->queries, s);
        bytes = NAME(each_row)(NAME(rows_of_run)(a, i + 1, runs, 0, keys->bytes), next);
        NAME(values)(values->kind, value_rows, next, bytes, BLOCK, scores, a->queries, s->padded, s->out);
    }
}

static void NAME(attend)(struct attention a) {
    int alone = a.values == NO_VALUES;
    struct codec keys = codec_of(a.keys, a.key_dimension), values = {0};
    if (!alone) values = codec_of(a.values, a.value_dimension);
    struct turning turning = {a.fine, a.coarse, a.turn_stride, a.turn_pairs};
    int codes_of_tokens = keys.head == 0 && (keys.bits == 2 || keys.bits == 4 || keys.bits == 8) && keys.kind != KV_Q8_0;
    int exact_codes = !a.turn && codes_of_tokens && alone;
    int coded_keys = !alone && !a.turn && NAME(coded)(keys);
    int shared_keys = coded_keys && keys.head > 0;
    int quarters = values.bits == 2 && values.kind != KV_CHANNEL && a.value_dimension % 64 == 0;
    int coded_values = quarters || ((values.bits == 4 || values.bits == 8) && values.kind != KV_CHANNEL);
    int shared_values = coded_values && values.head > 0;
    /* Rows of few bits are over sooner than memory answers: they are asked for two blocks ahead, others one. */
    int far = coded_keys && coded_values && keys.bits < 8 && values.bits < 8 && !shared_keys && !shared_values;
    /* Rows of codes that follow each other are read as a table, of which the ends tell all. */
    int ends = (coded_keys || exact_codes) && (alone || coded_values);
    int plain_keys = !coded_keys && NAME(plain)(keys, a.key_dimension);
    int plain_values = !coded_values && NAME(plain)(values, a.value_dimension);
    if (a.turn && ((keys.kind != KV_F32 && keys.kind != KV_F16) || a.turn_pairs % LANES > 0)) plain_keys = 0;
    int blocks = (a.key_dimension + 31) / 32;
    int key_stride = plain_keys ? a.key_dimension : blocks * 32;
    int value_stride = plain_values ? a.value_dimension : (a.value_dimension + 31) / 32 * 32;
    float x[a.queries * key_stride], out[a.queries * value_stride + 1], scores[a.queries * BLOCK];
    int lacking = coded_values ? value_stride / 32 * LANES : 0;
    float lanes[a.queries * LANES], offsets[a.queries * lacking + 1];
    float maxima[a.queries + 3];
    struct NAME(softmax) softmax = {maxima, lanes, out, offsets, value_stride, lacking};
    float quarter[a.turn ? a.queries * key_stride : 1];
    int64_t plane = keys.bits == 8 ? a.queries * blocks * 32 : 0;
    int8_t codes[a.queries * blocks * 32 + plane];
    float scales[a.queries * blocks + LANES], sums[a.queries * blocks + LANES], less[a.queries * blocks + LANES];
    float taken_up[shared_keys ? a.queries * blocks * 32 : 1];
    struct quartet turned[keys.lost > 0 ? (a.queries + 3) / 4 * a.key_dimension : 1];
    int room = key_stride > value_stride ? key_stride : value_stride;
    float decoded[LANES * room];
    const uint8_t *decoded_rows[LANES];
    for (int i = 0; i < LANES; i++) decoded_rows[i] = (const uint8_t *)(decoded + i * room);

    memset(maxima, 0, sizeof(maxima));
    memset(lanes, 0, sizeof(lanes));
    memset(offsets, 0, sizeof(offsets));
    for (int q = 0; q < a.queries; q++) {
        if (!alone) maxima[q] = a.maxima[q], lanes[q * LANES] = a.sums[q];
        for (int i = 0; i < key_stride; i++) {
            x[q * key_stride + i] = i < a.key_dimension ? a.scale * a.x[q * a.key_dimension + i] : 0;
            if (a.turn) quarter[q * key_stride + i] = i < a.key_dimension ? a.scale * a.quarter[q * a.key_dimension + i] : 0;
        }
        for (int i = 0; !alone && i < value_stride; i++)
            out[q * value_stride + (quarters ? NAME(quartered)(i) : i)] =
                i < a.value_dimension ? a.out[q * a.value_dimension + i] : 0;
    }
    if (exact_codes) NAME(add_up)(x, key_stride, keys.block, a.queries, sums);
    struct rounded rounded = {codes, scales, sums, less, blocks, plane, 0};
    if (coded_keys && !shared_keys) NAME(round_queries)(x, a.queries, keys.bits, &rounded);
#ifdef WIDE_ROWS
    int widened = coded_keys && !shared_keys && NAME(in_pairs)(keys);
    _Alignas(64) int8_t wide[widened ? a.queries * blocks * WIDE_BLOCK : 64];
    if (widened) NAME(widen)(codes, blocks, a.queries, wide), rounded.wide = wide;
#endif
    if (keys.lost > 0) beside(x, key_stride, a.key_dimension, a.queries, turned);
    struct NAME(folded) folded = {0, taken_up, rounded, turned};

    uint8_t rows_room[coded_values ? BLOCK * values.bytes : 1];
    int value_blocks = coded_values ? value_stride / values.block : 1;
    int64_t weights_plane = values.bits == 8 ? a.queries * BLOCK : 0, weights_room = a.queries * BLOCK + weights_plane;
    int8_t rounded_weights[coded_values ? value_blocks * weights_room : 1];
    float weight_scales[value_blocks * (a.queries + LANES)];
    struct NAME(weights) weights[value_blocks];
    for (int b = 0; b < value_blocks; b++)
        weights[b] = (struct NAME(weights)){rounded_weights + b * weights_room, weight_scales + b * (a.queries + LANES),
                                            weights_plane};
    struct block ring[3];
    int alike = !a.kept && !a.addends && !a.positions && keys.head + keys.lengths + values.head + values.lengths == 0;
    int both_coded = coded_keys && coded_values, both_plain = plain_keys && plain_values && !a.turn;
    int whole = alike && !alone && (both_coded || both_plain) ? NAME(whole_runs)(&a) : 0;
    if (whole > 0 && both_coded) {
        struct NAME(codes) both = {&keys, &values, rounded, weights, value_blocks, value_stride};
        NAME(whole_codes)(&a, whole, both, far, &softmax, scores);
    } else if (whole > 0) {
        NAME(whole_rows)(&a, whole, &keys, &values, x, key_stride, &softmax, scores);
    }
    struct cursor cursor = {whole * BLOCK, whole, 0};
    for (int i = 0; i <= far; i++) {
        NAME(next_block)(&a, &keys, &values, &cursor, ends, &ring[i]);
        NAME(fetch)(ring[i].keys.rows, ring[i].count, keys.bytes);
        if (i < far) NAME(fetch)(ring[i].values.rows, ring[i].count, values.bytes);
    }
    for (int k = 0; ring[k].count > 0; k = (k + 1) % 3) {
        struct block *block = &ring[k], *valued = &ring[(k + far) % 3], *following = &ring[(k + far + 1) % 3];
        int n = block->count;
        NAME(next_block)(&a, &keys, &values, &cursor, ends, following);
        NAME(find)(following, !alone);
        int next_bytes = following->count > 0 ? keys.bytes : 0;
        int ahead_bytes = alone ? next_bytes : valued->count > 0 ? values.bytes : 0;
        const uint8_t *const *ahead = alone ? following->keys.rows : valued->values.rows;
        if (exact_codes) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(exact_scores)(keys, block->keys.rows, n, block->keys.adjacent, x, sums, a.key_dimension, key_stride, a.queries,
                               scores);
        } else if (shared_keys) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(shared_scores)(keys, block, x, key_stride, a.key_dimension, a.queries, &folded, decoded_rows, room, scores);
        } else if (coded_keys) {
            NAME(code_scores)(keys, block->keys.rows, n, block->keys.adjacent, rounded, a.queries, ahead, ahead_bytes, scores);
        } else if (plain_keys && a.turn) {
            NAME(fetch)(ahead, n, ahead_bytes);
            NAME(turned_scores)(keys.kind, block->keys.rows, block->turns, n, turning, x, quarter, key_stride, a.queries, scores);
        } else if (plain_keys) {
            NAME(scores)(keys.kind, block->keys.rows, ahead, ahead_bytes, n, x, key_stride, a.queries, scores);
        } else {
            for (int i = 0; i < n; i += LANES) {
                NAME(decode)(keys, block->keys.rows + i, block->keys.heads + i, LANES, a.key_dimension, decoded, room);
                if (a.turn)
                    NAME(turned_scores)(KV_F32, decoded_rows, block->turns + i, LANES, turning, x, quarter, key_stride,
                                        a.queries, scores + i);
                else
                    NAME(scores)(KV_F32, decoded_rows, ahead + i, ahead_bytes, LANES, x, key_stride, a.queries, scores + i);
            }
        }
        if (keys.lengths > 0) NAME(lengthen)(block->keys.lengths, n, a.queries, scores);
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
        if (coded_values && (!shared_values || block->alone)) {
            struct table t = NAME(side_by_side)(block->values.rows, n, block->values.adjacent, BLOCK, values.bytes, rows_room);
            NAME(weigh_codes)(&values, t, block->values.lengths, scores, a.queries, values.lost > 0, &softmax, value_blocks,
                              weights);
            struct NAME(ahead) rest = NAME(fetch_apart)(following->keys.rows, n, next_bytes);
            if (values.kind == KV_SEPARABLE)
                NAME(add_separable)(&values, block->values.heads[0], t, n, weights, a.queries, a.value_dimension, value_stride,
                                    rest, out, offsets);
            else NAME(add_weighed)(&values, t, n, weights, a.queries, a.value_dimension, value_stride, rest, out);
            if (values.lost > 0)
                NAME(add_lost_values)(values, block->values.rows, block->values.heads[0], n, scores, a.queries,
                                      a.value_dimension, value_stride, out);
            continue;
        }
        NAME(weigh)(scores, a.queries, &softmax);
        if (values.lengths > 0) NAME(lengthen)(block->values.lengths, n, a.queries, scores);
        if (plain_values)
            NAME(values)(values.kind, block->values.rows, following->keys.rows, next_bytes, n, scores, a.queries, value_stride,
                         out);
        else
            NAME(add_decoded)(values, &block->values, following->keys.rows, next_bytes, n, scores, a.queries, a.value_dimension,
                              value_stride, quarters, decoded_rows, room, out);
    }
    if (coded_values) NAME(add_offsets)(values, offsets, a.queries, value_stride, out);
    for (int q = 0; !alone && q < a.queries; q++) {
        a.maxima[q] = maxima[q];
        a.sums[q] = NAME(total)(NAME(numbers)(lanes + q * LANES));
        for (int i = 0; i < a.value_dimension; i++)
            a.out[q * a.value_dimension + i] = out[q * value_stride + (quarters ? NAME(quartered)(i) : i)];
    }
}
