/* Functions of each element, over one instruction set. */

/* 2^x for x <= 0, to about two units in the last place; 0 from -127 on. */
INLINE NAME(floats) NAME(power)(NAME(floats) x) {
    NAME(floats) shift = NAME(all)(0x1.8p23f), one = NAME(all)(1);
    x = NAME(max)(x, NAME(all)(-127));
    NAME(floats) whole = NAME(add_scaled)(x, shift, 1);
    NAME(floats) r = NAME(fma)(NAME(add_scaled)(whole, shift, -1), NAME(all)(-1), x);
    NAME(floats) p = NAME(all)(1.3238334e-3f);
    p = NAME(fma)(p, r, NAME(all)(9.671658e-3f));
    p = NAME(fma)(p, r, NAME(all)(5.5508245e-2f));
    p = NAME(fma)(p, r, NAME(all)(2.402224e-1f));
    p = NAME(fma)(p, r, NAME(all)(6.931469e-1f));
    p = NAME(fma)(p, r, one);
    return NAME(add_exponent)(p, whole);
}

/* 1 / (1 + e^-x), without a difference in which digits would be lost. */
INLINE NAME(floats) NAME(sigmoid)(NAME(floats) x) {
    NAME(floats) minus = NAME(mul)(x, NAME(all)(-1)), base = NAME(all)(-LOG2E);
    NAME(floats) above = NAME(power)(NAME(mul)(NAME(max)(minus, NAME(no_floats)()), base));
    NAME(floats) below = NAME(power)(NAME(mul)(NAME(max)(x, minus), base));
    return NAME(divide)(above, NAME(add_scaled)(NAME(all)(1), below, 1));
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

INLINE void NAME(gates)(enum gate kind, float *x, const float *up, int n) {
    for (int i = 0; i < n; i += LANES) {
        NAME(floats) v = NAME(numbers)(x + i);
        v = NAME(mul)(v, NAME(sigmoid)(NAME(gated)(kind, v)));
        NAME(store)(x + i, NAME(mul)(v, NAME(numbers)(up + i)));
    }
}

static void NAME(gate)(enum gate kind, float *x, const float *up, int n) {
    switch (kind) {
        case GELU_TANH: NAME(gates)(GELU_TANH, x, up, n); break;
        case GELU_QUICK: NAME(gates)(GELU_QUICK, x, up, n); break;
        default: NAME(gates)(SILU, x, up, n);
    }
}
