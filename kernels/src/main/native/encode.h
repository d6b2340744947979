/* Vectors in few bits, over one instruction set: to the last bit what the scalar provider writes. */

INLINE float NAME(half_of)(float x) { return NAME(half_value)(NAME(half_bits)(x)); }

INLINE void NAME(put_half)(uint8_t *to, float x) {
    uint16_t half = NAME(half_bits)(x);
    memcpy(to, &half, 2);
}

INLINE float NAME(half_at)(const uint8_t *from) {
    uint16_t half;
    memcpy(&half, from, 2);
    return NAME(half_value)(half);
}

/* The least and the greatest of n elements, a multiple of 16; NaN if one of them is. */
static void NAME(extent)(const float *x, int n, float *least, float *most) {
    NAME(floats) upper = NAME(numbers)(x), zero = NAME(no_floats)(), minus = NAME(all)(-1), lower = NAME(mul)(upper, minus);
    NAME(floats) finite = NAME(mul)(upper, zero);
    for (int i = LANES; i < n; i += LANES) {
        NAME(floats) v = NAME(numbers)(x + i);
        upper = NAME(max)(upper, v);
        lower = NAME(max)(lower, NAME(mul)(v, minus));
        finite = NAME(fma)(v, zero, finite);
    }
    *least = 0.0f - NAME(largest)(lower);
    *most = NAME(largest)(upper) + 0.0f;
    if (NAME(total)(finite) == 0) return;
    *least = *most = x[0];
    for (int i = 1; i < n; i++) {
        *least = lower_of(x[i], *least);
        *most = upper_of(x[i], *most);
    }
}

/* The codes of n elements with one scale and minimum. */
static void NAME(vector_codes)(const float *x, int n, float scale, float min, int levels, uint8_t *codes) {
    if (scale == 0) memset(codes, 0, n);
    else
        for (int i = 0; i < n; i++) codes[i] = (uint8_t)code_of((x[i] - min) / scale, levels);
}

/* The same, with a scale and a minimum for each. */
static void NAME(channel_codes)(const float *x, int n, const float *scale, const float *min, int levels, uint8_t *codes) {
    for (int i = 0; i < n; i++) {
        float q = scale[i] == 0 ? 0 : (x[i] - min[i]) / scale[i];
        codes[i] = (uint8_t)code_of(q, levels);
    }
}

/* Packs n codes, a multiple of 32. */
static void NAME(pack_codes)(int bits, const uint8_t *codes, int n, uint8_t *to) {
    if (bits == 8) memcpy(to, codes, n);
    else if (bits == 4)
        for (int i = 0; i < n; i += 32)
            for (int j = 0; j < 16; j++) to[i / 2 + j] = (uint8_t)(codes[i + j] | codes[i + j + 16] << 4);
    else
        for (int i = 0; i < n / 4; i++) {
            uint32_t four;
            memcpy(&four, codes + 4 * i, 4);
            to[i] = (uint8_t)(four | four >> 6 | four >> 12 | four >> 18);
        }
}

/*
 * Fits scales and minima of 16 vectors to the codes that are nearest by them, so that least is lost, or the other way round;
 * element c of vector r is t[c * 16 + r].
 */
static void NAME(regress)(const float *t, int n, const double *weights, int levels, int inverse, float *scale, float *min) {
    double total = 0, codes[LANES] = {0}, code_squares[LANES] = {0};
    double sum[LANES] = {0}, squares[LANES] = {0}, products[LANES] = {0};
    for (int c = 0; c < n; c++) {
        double weight = weights[c];
        total += weight;
        for (int r = 0; r < LANES; r++) {
            float x = t[c * LANES + r], q = scale[r] == 0 ? 0 : (x - min[r]) / scale[r];
            double code = code_of(q, levels), weighted = weight * code, element = weight * x;
            codes[r] += weighted;
            code_squares[r] += weighted * code;
            sum[r] += element;
            squares[r] += element * x;
            products[r] += weighted * x;
        }
    }
    for (int r = 0; r < LANES; r++) {
        double common = products[r] * total - codes[r] * sum[r], spread = code_squares[r] * total - codes[r] * codes[r];
        if (!(spread > 1e-9 * code_squares[r] * total && common > 0)) continue;
        double fitted = inverse ? (squares[r] * total - sum[r] * sum[r]) / common : common / spread;
        scale[r] = NAME(half_of)((float)fitted);
        min[r] = NAME(half_of)((float)((sum[r] - fitted * codes[r]) / total));
    }
}

/*
 * Writes `width` elements of each of up to 16 vectors, `stride` apart, of which the first n count, with a scale and a minimum
 * for each vector. Where there are weights, codes are those that fit, and then have others. The vectors go `bytes` apart, and
 * what is read there to `decoded`, if that is wanted.
 */
static void NAME(write_vectors)(const float *x, int stride, int rows, int width, int n, int bits, const double *weights,
                                uint8_t *to, int bytes, float *decoded) {
    int levels = (1 << bits) - 1;
    float scale[LANES] = {0}, min[LANES] = {0}, written_scale[LANES], written_min[LANES];
    uint8_t codes[width];
    for (int r = 0; r < rows; r++) {
        float least, most;
        NAME(extent)(x + r * stride, width, &least, &most);
        scale[r] = NAME(half_of)((most - least) / levels);
        min[r] = NAME(half_of)(least);
    }
    memcpy(written_scale, scale, sizeof scale);
    memcpy(written_min, min, sizeof min);
    if (weights) {
        float t[n * LANES];
        for (int c = 0; c < n; c++)
            for (int r = 0; r < LANES; r++) t[c * LANES + r] = r < rows ? x[r * stride + c] : 0;
        for (int round = 0; round < FITS; round++) NAME(regress)(t, n, weights, levels, 0, scale, min);
        memcpy(written_scale, scale, sizeof scale);
        memcpy(written_min, min, sizeof min);
        NAME(regress)(t, n, weights, levels, 1, written_scale, written_min);
    }
    for (int r = 0; r < rows; r++) {
        NAME(vector_codes)(x + r * stride, width, scale[r], min[r], levels, codes);
        memset(codes + n, 0, width - n);
        NAME(put_half)(to + r * bytes, written_scale[r]);
        NAME(put_half)(to + r * bytes + 2, written_min[r]);
        NAME(pack_codes)(bits, codes, width, to + r * bytes + 4);
        for (int c = 0; decoded && c < width; c++)
            decoded[r * stride + c] = __builtin_fmaf(codes[c], written_scale[r], written_min[r]);
    }
}

/* Writes a group of n vectors with a scale and a minimum for each of their elements. */
static void NAME(write_channels)(const float *x, int n, int padded, int dimension, int bits, uint8_t *to, float *decoded) {
    int levels = (1 << bits) - 1, bytes = padded / 8 * bits;
    float scale[padded], min[padded];
    uint8_t codes[padded];
    memcpy(min, x, sizeof min);
    memcpy(scale, x, sizeof scale);
    for (int j = 1; j < n; j++)
        for (int c = 0; c < padded; c++) {
            min[c] = lower_of(x[j * padded + c], min[c]);
            scale[c] = upper_of(x[j * padded + c], scale[c]);
        }
    memset(to, 0, 4 * padded);
    for (int c = 0; c < dimension; c++) {
        scale[c] = NAME(half_of)((scale[c] + 0.0f - (min[c] + 0.0f)) / levels);
        min[c] = NAME(half_of)(min[c] + 0.0f);
        NAME(put_half)(to + 2 * c, scale[c]);
        NAME(put_half)(to + 2 * (padded + c), min[c]);
    }
    to += 4 * padded;
    for (int j = 0; j < n; j++) {
        NAME(channel_codes)(x + j * padded, padded, scale, min, levels, codes);
        memset(codes + dimension, 0, padded - dimension);
        NAME(pack_codes)(bits, codes, padded, to + j * bytes);
        for (int c = 0; decoded && c < padded; c++) decoded[j * padded + c] = __builtin_fmaf(codes[c], scale[c], min[c]);
    }
}

/* Writes a group of n vectors whose elements are divided by factors, or by the root of the largest of each; x changes. */
static void NAME(write_separable)(float *x, int n, int padded, int dimension, int bits, const float *factors, uint8_t *to) {
    float by[padded];
    double weights[padded];
    for (int c = 0; c < padded; c++) by[c] = 0;
    for (int j = 0; !factors && j < n; j++)
        for (int c = 0; c < padded; c++) {
            float size = __builtin_fabsf(x[j * padded + c]);
            by[c] = upper_of(size, by[c]);
        }
    memset(to, 0, 2 * padded);
    for (int c = 0; c < dimension; c++) {
        by[c] = NAME(half_of)(factors ? factors[c] : NAME(root)(by[c]));
        weights[c] = (double)by[c] * by[c];
        NAME(put_half)(to + 2 * c, by[c]);
    }
    to += 2 * padded;
    int bytes = 4 + padded / 8 * bits;
    for (int j = 0; j < n; j++) {
        float *row = x + j * padded;
        for (int c = 0; c < dimension; c++) row[c] = by[c] == 0 ? 0 : row[c] / by[c];
        for (int c = dimension; c < padded; c++) row[c] = row[dimension - 1];
    }
    for (int j = 0; j < n; j += LANES)
        NAME(write_vectors)(x + j * padded, padded, n - j < LANES ? n - j : LANES, padded, dimension, bits,
                            bits <= 4 ? weights : 0, to + (int64_t)j * bytes, bytes, 0);
}

/*
 * Of 16 vectors of n elements, element c of vector r being t[c * 16 + r]: the largest that `each` are below and the smallest
 * that `each` are above, and the mean of all but these.
 */
static void NAME(limits)(const float *t, int n, int each, float *low, float *high, float *mean) {
    float ends[2][each + 1][LANES];
    double sum[LANES] = {0};
    int below[LANES] = {0}, above[LANES] = {0};
    for (int k = 0; k <= each; k++)
        for (int r = 0; r < LANES; r++) ends[0][k][r] = __builtin_inff(), ends[1][k][r] = -__builtin_inff();
    for (int c = 0; c < n; c++) {
        float least[LANES], most[LANES];
        for (int r = 0; r < LANES; r++) least[r] = most[r] = t[c * LANES + r];
        for (int k = 0; k <= each; k++)
            for (int r = 0; r < LANES; r++) {
                float a = ends[0][k][r], b = ends[1][k][r];
                ends[0][k][r] = least[r] < a ? least[r] : a;
                least[r] = least[r] < a ? a : least[r];
                ends[1][k][r] = most[r] > b ? most[r] : b;
                most[r] = most[r] > b ? b : most[r];
            }
    }
    memcpy(low, ends[0][each], sizeof ends[0][each]);
    memcpy(high, ends[1][each], sizeof ends[1][each]);
    for (int c = 0; c < n; c++)
        for (int r = 0; r < LANES; r++) {
            float x = t[c * LANES + r];
            int under = x < low[r], over = x > high[r];
            below[r] += under;
            above[r] += over;
            sum[r] += under || over ? 0 : (double)x;
        }
    for (int r = 0; r < LANES; r++) {
        double rest = sum[r] - (double)(each - below[r]) * low[r] - (double)(each - above[r]) * high[r];
        mean[r] = (float)(rest / (n - 2 * each));
    }
}

/* Replaces what lies outside the limits of its vector, `each` elements at either end, by the mean of the others. */
static void NAME(set_apart)(float *x, int n, int padded, int dimension, int channels, int each) {
    int length = channels ? n : dimension, vectors = channels ? dimension : n;
    int step = channels ? padded : 1, apart = channels ? 1 : padded;
    float t[length * LANES], low[LANES], high[LANES], mean[LANES];
    if (length <= 2 * each) return;
    for (int v = 0; v < vectors; v += LANES) {
        int some = vectors - v < LANES ? vectors - v : LANES;
        float *from = x + v * apart;
        for (int i = 0; i < length; i++)
            for (int r = 0; r < LANES; r++) t[i * LANES + r] = r < some ? from[r * apart + i * step] : 0;
        NAME(limits)(t, length, each, low, high, mean);
        for (int r = 0; r < some; r++)
            for (int i = 0; i < length; i++) {
                float *element = from + r * apart + i * step;
                if (!(*element >= low[r] && *element <= high[r])) *element = mean[r];
            }
    }
}

/* Makes vectors of n elements orthogonal, of length 1; one that is too short to tell becomes zero. */
static void NAME(orthonormalise)(double *a, int vectors, int n) {
    for (int r = 0; r < vectors; r++) {
        double *row = a + r * n, length = 0;
        for (int before = 0; before < r; before++) {
            double product = 0;
            for (int j = 0; j < n; j++) product += row[j] * a[before * n + j];
            for (int j = 0; j < n; j++) row[j] -= product * a[before * n + j];
        }
        for (int j = 0; j < n; j++) length += row[j] * row[j];
        length = NAME(double_root)(length);
        for (int j = 0; j < n; j++) row[j] = length < 1e-20 ? 0 : row[j] / length;
    }
}

/*
 * The product A B of some rank that is nearest to n vectors, by power iteration: A, as entry by entry, zero for those that
 * are not there, then B, both as f16. `turned` has room for as many elements as the vectors.
 */
static void NAME(write_factors)(const float *x, int n, int padded, int dimension, int rank, uint8_t *to, float *turned) {
    double b[rank * padded], a[rank * n];
    for (int r = 0; r < rank; r++)
        for (int c = 0; c < padded; c++) b[r * padded + c] = c >= dimension ? 0 : (c + r) % rank == 0 ? 1 : -0.5;
    for (int c = 0; c < dimension; c++)
        for (int j = 0; j < n; j++) turned[c * n + j] = x[j * padded + c];
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        for (int r = 0; r < rank; r++) {
            double *sum = a + r * n;
            for (int j = 0; j < n; j++) sum[j] = 0;
            for (int c = 0; c < dimension; c++)
                for (int j = 0; j < n; j++) sum[j] += turned[c * n + j] * b[r * padded + c];
        }
        NAME(orthonormalise)(a, rank, n);
        for (int r = 0; r < rank; r++) {
            double *sum = b + r * padded;
            for (int c = 0; c < dimension; c++) sum[c] = 0;
            for (int j = 0; j < n; j++)
                for (int c = 0; c < dimension; c++) sum[c] += x[j * padded + c] * a[r * n + j];
        }
    }
    for (int j = 0; j < BLOCK; j++)
        for (int r = 0; r < rank; r++) NAME(put_half)(to + 2 * (j * rank + r), j < n ? (float)a[r * n + j] : 0);
    to += 2 * BLOCK * rank;
    for (int r = 0; r < rank; r++)
        for (int c = 0; c < dimension; c++) NAME(put_half)(to + 2 * (r * dimension + c), (float)b[r * padded + c]);
}

/* Writes a group of n vectors and beside their codes what these lose; room for four times as many elements is needed. */
static void NAME(write_corrected)(struct codec k, const float *whole, int n, int padded, int dimension, const double *ones,
                                  uint8_t *to, float *room) {
    int size = BLOCK * padded, channels = k.kind == KV_CHANNEL;
    float *x = room, *decoded = room + size, *error = room + 2 * size;
    memcpy(x, whole, (size_t)n * padded * sizeof(float));
    if (k.single) NAME(set_apart)(x, n, padded, dimension, channels, each_of(channels ? BLOCK : dimension));
    for (int j = 0; j < n; j++)
        for (int c = dimension; c < padded; c++) x[j * padded + c] = x[j * padded + dimension - 1];
    if (channels) NAME(write_channels)(x, n, padded, dimension, k.bits, to + k.lost, decoded);
    else
        for (int j = 0; j < n; j += LANES)
            NAME(write_vectors)(x + j * padded, padded, n - j < LANES ? n - j : LANES, padded, dimension, k.bits,
                                k.bits == 2 ? ones : 0, to + k.lost + (int64_t)j * k.bytes, k.bytes, decoded + j * padded);
    for (int i = 0; i < n * padded; i++) error[i] = x[i] != whole[i] ? 0 : x[i] - decoded[i];
    if (k.rank) NAME(write_factors)(error, n, padded, dimension, k.rank, to, room + 3 * size);
    uint8_t *elements = to + 2 * k.rank * (BLOCK + dimension);
    int count = 0, most = (k.lost - 2 * k.rank * (BLOCK + dimension) - 2) / 4;
    for (int j = 0; k.single && j < n; j++)
        for (int c = 0; c < dimension; c++) {
            int i = j * padded + c;
            if (x[i] == whole[i] || count == most) continue;
            float rest = whole[i] - decoded[i];
            for (int r = 0; r < k.rank; r++)
                rest -= NAME(half_at)(to + 2 * (j * k.rank + r)) * NAME(half_at)(to + 2 * (k.rank * BLOCK + r * dimension + c));
            uint16_t index = (uint16_t)(j * dimension + c);
            memcpy(elements + 2 + 4 * count, &index, 2);
            NAME(put_half)(elements + 4 + 4 * count++, rest);
        }
    uint16_t counted = (uint16_t)count;
    memcpy(elements, &counted, 2);
}

/* A step of the turn between elements that lie `half` apart. */
INLINE void NAME(butterflies)(float *x, int n, int half) {
    for (int from = 0; from < n; from += 2 * half)
        for (int i = from; i < from + half; i++) {
            float a = x[i], b = x[i + half];
            x[i] = a + b;
            x[i + half] = a - b;
        }
}

/* Turns a vector by a Hadamard matrix in pieces of a power of two. */
static void NAME(hadamard)(float *x, int n, float norm) {
    int piece = n & -n, half = 1;
    if (piece >= LANES) {
        for (int i = 0; i < n; i += 4) {
            float a = x[i] + x[i + 1], b = x[i] - x[i + 1], c = x[i + 2] + x[i + 3], d = x[i + 2] - x[i + 3];
            x[i] = a + c;
            x[i + 1] = b + d;
            x[i + 2] = a - c;
            x[i + 3] = b - d;
        }
        NAME(butterflies)(x, n, 4);
        NAME(butterflies)(x, n, 8);
        half = LANES;
    }
    for (; half < piece; half *= 2) NAME(butterflies)(x, n, half);
    for (int i = 0; i < n; i++) x[i] *= norm;
}

/* See laconic_encode. */
static void NAME(encode)(struct codec k, float *x, int n, int dimension, float norm, const float *factors, uint8_t *to,
                         float *room) {
    int padded = (dimension + 31) / 32 * 32;
    double ones[padded];
    for (int c = 0; c < padded; c++) ones[c] = 1;
    for (int j = 0; j < n; j++) {
        float *row = x + (int64_t)j * padded;
        if (norm > 0) NAME(hadamard)(row, dimension, norm);
        for (int c = dimension; c < padded; c++) row[c] = row[dimension - 1];
    }
    int group = k.group > 1 ? k.group : LANES;
    for (int j = 0; j < n; j += group) {
        int some = n - j < group ? n - j : group;
        float *rows = x + (int64_t)j * padded;
        uint8_t *at = to + (k.group > 1 ? j / group * (k.head + (int64_t)group * k.bytes) : (int64_t)j * k.bytes);
        if (k.lost) NAME(write_corrected)(k, rows, some, padded, dimension, ones, at, room);
        else if (k.kind == KV_CHANNEL) NAME(write_channels)(rows, some, padded, dimension, k.bits, at, 0);
        else if (k.kind == KV_SEPARABLE) NAME(write_separable)(rows, some, padded, dimension, k.bits, factors, at);
        else
            for (int c = 0; c < dimension; c += k.block)
                NAME(write_vectors)(rows + c, padded, some, k.block, dimension - c < k.block ? dimension - c : k.block, k.bits,
                                    k.kind == KV_ROTATED && k.bits == 2 && norm == 0 ? ones : 0,
                                    at + c / k.block * k.block_bytes, k.bytes, 0);
    }
}
