/* Rows of any type made numbers. */

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
struct NAME(loss) { float *a, *b; int count; float *values; int32_t *entries, *places; };

/* Single elements there may be, each of which is somewhere in an entry, and room for the numbers of such a group. */
INLINE int NAME(most_singles)(int padded) { return 2 * (padded + BLOCK); }
INLINE int NAME(loss_room)(int padded) { return 2 * BLOCK + 2 * padded + NAME(most_singles)(padded); }

/* Reads them to `room`; elements of the product have zeros behind. Elements are read by sixteens: the group's codes follow. */
INLINE struct NAME(loss) NAME(loss_of)(struct codec c, const uint8_t *head, int dimension, int padded, float *room,
                                        int32_t *where) {
    float *values = room + 2 * BLOCK + 2 * padded;
    struct NAME(loss) loss = {room, room + 2 * BLOCK, 0, values, where, where + NAME(most_singles)(padded)};
    for (int i = 0; c.rank == 1 && i < BLOCK; i += LANES) NAME(store)(loss.a + i, NAME(halves)(head + 2 * i));
    for (int i = 0; c.rank > 1 && i < BLOCK; i += LANES) {
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
    const uint8_t *elements = at + 2;
    float inverse = 1.0f / (float)dimension;
    int most = (c.lost - 2 * c.rank * (BLOCK + dimension) - 2) / 4;
    loss.count = !c.single ? 0 : count < most ? count : most;
    for (int i = 0; i < loss.count; i += LANES) NAME(store)(loss.values + i, NAME(high_halves)(NAME(load)(elements + 4 * i)));
    for (int i = 0; i < loss.count; i++) {
        uint32_t element;
        memcpy(&element, elements + 4 * i, 4);
        int index = element & 0xFFFF, entry = (int)(((float)index + 0.5f) * inverse);
        loss.entries[i] = entry < BLOCK ? entry : BLOCK - 1;
        loss.places[i] = index - entry * dimension;
    }
    return loss;
}

/* Which entry of its group a row is. */
INLINE int NAME(slot)(struct codec c, const uint8_t *row, const uint8_t *head) { return (int)((row - head - c.head) / c.bytes); }

/* Adds to each decoded row what its codes lose. */
APART void NAME(restore)(struct codec c, const uint8_t *const *rows, const uint8_t *const *heads, int n, int dimension,
                         float *y, int stride) {
    int padded = (dimension + 31) / 32 * 32;
    float room[NAME(loss_room)(padded)];
    int32_t where[2 * NAME(most_singles)(padded)];
    struct NAME(loss) loss = {0};
    for (int i = 0; i < n; i++, y += stride) {
        if (i == 0 || heads[i] != heads[i - 1]) loss = NAME(loss_of)(c, heads[i], dimension, padded, room, where);
        int slot = NAME(slot)(c, rows[i], heads[i]);
        for (int r = 0; r < c.rank; r++)
            for (int j = 0; j < dimension; j++) y[j] += loss.a[r * BLOCK + slot] * loss.b[r * padded + j];
        for (int j = 0; j < loss.count; j++)
            if (loss.entries[j] == slot) y[loss.places[j]] += loss.values[j];
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
