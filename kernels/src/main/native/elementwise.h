/* Functions of each element, over one instruction set. */

/* What is left of x beside the nearest whole number; of x so small that nothing is left of 2^x, that of a larger one. */
INLINE NAME(floats) NAME(rest)(NAME(floats) x, NAME(floats) *whole) {
    x = NAME(max)(x, NAME(all)(NAME(least_power)));
    *whole = NAME(nearest)(x);
    return NAME(difference)(x, *whole);
}

/* 2^x for x <= 0, or some more, to about two units in the last place; 0 at least from -150 on. */
INLINE NAME(floats) NAME(power)(NAME(floats) x) {
    NAME(floats) whole, r = NAME(rest)(x, &whole), one = NAME(all)(1);
    NAME(floats) p = NAME(all)(1.3238334e-3f);
    p = NAME(fma)(p, r, NAME(all)(9.671658e-3f));
    p = NAME(fma)(p, r, NAME(all)(5.5508245e-2f));
    p = NAME(fma)(p, r, NAME(all)(2.402224e-1f));
    p = NAME(fma)(p, r, NAME(all)(6.931469e-1f));
    p = NAME(fma)(p, r, one);
    return NAME(add_exponent)(p, whole);
}

/* The same to 1.02e-4 of it, and exactly for whole numbers. */
INLINE NAME(floats) NAME(rough_power)(NAME(floats) x) {
    NAME(floats) whole, r = NAME(rest)(x, &whole), p = NAME(all)(5.5008931e-2f);
    p = NAME(fma)(p, r, NAME(all)(2.4221096e-1f));
    p = NAME(fma)(p, r, NAME(all)(6.9328293e-1f));
    p = NAME(fma)(p, r, NAME(all)(1));
    return NAME(add_exponent)(p, whole);
}

/* 1 / (1 + e^-x), without a difference in which digits would be lost. */
INLINE NAME(floats) NAME(sigmoid)(NAME(floats) x) {
    NAME(floats) minus = NAME(mul)(x, NAME(all)(-1)), base = NAME(all)(-LOG2E);
    NAME(floats) above = NAME(power)(NAME(mul)(NAME(max)(minus, NAME(no_floats)()), base));
    NAME(floats) below = NAME(power)(NAME(mul)(NAME(max)(x, minus), base));
    return NAME(divide)(above, NAME(sum)(NAME(all)(1), below));
}

/* What the sigmoid is taken of. */
INLINE NAME(floats) NAME(gated)(enum gate kind, NAME(floats) x) {
    switch (kind) {
        case GELU_TANH: {
            NAME(floats) cubic = NAME(fma)(NAME(mul)(x, x), NAME(all)(0.044715f), NAME(all)(1));
            return NAME(mul)(NAME(mul)(x, NAME(all)(1.5957691f)), cubic);
        }
        case GELU_QUICK: return NAME(mul)(x, NAME(all)(1.702f));
        default: return x;
    }
}

/* y = x's function * up; the last n % LANES elements pass through a room of their own. */
INLINE void NAME(gates)(enum gate kind, float *y, const float *x, const float *up, int n) {
    for (int i = 0; i < n; i += LANES) {
        float room[2 * LANES] = {0};
        int left = n - i < LANES ? n - i : LANES;
        const float *gate = x + i, *other = up + i;
        if (left < LANES) {
            memcpy(room, gate, left * sizeof(float));
            memcpy(room + LANES, other, left * sizeof(float));
            gate = room, other = room + LANES;
        }
        NAME(floats) v = NAME(numbers)(gate);
        v = NAME(mul)(NAME(mul)(v, NAME(sigmoid)(NAME(gated)(kind, v))), NAME(numbers)(other));
        NAME(store)(left < LANES ? room : y + i, v);
        if (left < LANES) memcpy(y + i, room, left * sizeof(float));
    }
}

static void NAME(gate)(enum gate kind, float *y, const float *x, const float *up, int n) {
    switch (kind) {
        case GELU_TANH: NAME(gates)(GELU_TANH, y, x, up, n); break;
        case GELU_QUICK: NAME(gates)(GELU_QUICK, y, x, up, n); break;
        default: NAME(gates)(SILU, y, x, up, n);
    }
}

/* y = x / sqrt(mean(x^2) + epsilon), times weights if there are any. */
static void NAME(norm)(float *y, const float *x, const float *weight, float epsilon, int n) {
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += (double)x[i] * x[i];
        s1 += (double)x[i + 1] * x[i + 1];
        s2 += (double)x[i + 2] * x[i + 2];
        s3 += (double)x[i + 3] * x[i + 3];
    }
    for (; i < n; i++) s0 += (double)x[i] * x[i];
    float factor = (float)(1 / NAME(double_root)((s0 + s1 + s2 + s3) / n + epsilon));
    if (weight) for (i = 0; i < n; i++) y[i] = x[i] * factor * weight[i];
    else for (i = 0; i < n; i++) y[i] = x[i] * factor;
}

static void NAME(add)(float *y, const float *x, float factor, int n) {
    for (int i = 0; i < n; i++) y[i] += factor * x[i];
}

static void NAME(scale)(float *y, float factor, int n) {
    for (int i = 0; i < n; i++) y[i] *= factor;
}

/* Turns pairs of numbers, `step` from one to the next and `apart` within. */
INLINE void NAME(turn_pairs)(float *x, const float *cos, const float *sin, int pairs, int step, int apart) {
    for (int i = 0; i < pairs; i++) {
        float *p = x + i * step, a = p[0], b = p[apart];
        p[0] = a * cos[i] - b * sin[i];
        p[apart] = a * sin[i] + b * cos[i];
    }
}

/* Turns vectors that stand `stride` apart, all by the same angles. */
static void NAME(turn)(float *x, const float *cos, const float *sin, int vectors, int stride, int pairs, int interleaved) {
    for (int v = 0; v < vectors; v++, x += stride)
        if (interleaved) NAME(turn_pairs)(x, cos, sin, pairs, 2, 1);
        else NAME(turn_pairs)(x, cos, sin, pairs, 1, pairs);
}

/* Vectors that stand `stride` apart, as f16 or bf16 beside each other. */
static void NAME(shorten)(const float *x, int brains, int n, int stride, int dimension, uint16_t *to) {
    for (int j = 0; j < n; j++, x += stride, to += dimension)
        for (int i = 0; i < dimension; i++) to[i] = brains ? to_brain(x[i]) : NAME(half_bits)(x[i]);
}

/* Vectors that lie beside each other in f16 or bf16, to places `stride` apart. */
static void NAME(read_short)(float *y, int brains, int n, int stride, int dimension, const uint8_t *from) {
    for (int j = 0; j < n; j++, y += stride)
        for (int i = 0; i < dimension; i += LANES) {
            int left = dimension - i < LANES ? dimension - i : LANES;
            uint8_t room[2 * LANES] = {0};
            const uint8_t *at = from + 2 * ((int64_t)j * dimension + i);
            if (left < LANES) at = memcpy(room, at, 2 * left);
            NAME(floats) v = brains ? NAME(brains)(at) : NAME(halves)(at);
            float numbers[LANES];
            NAME(store)(left < LANES ? numbers : y + i, v);
            if (left < LANES) memcpy(y + i, numbers, left * sizeof(float));
        }
}
