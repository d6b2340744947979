/* 16 lanes in four registers, with the dot product extension's products of signed bytes. */
typedef struct { int32x4_t v[4]; } NAME(ints);
typedef struct { float32x4_t v[4]; } NAME(floats);
#define EACH for (int i = 0; i < 4; i++)

INLINE NAME(ints) NAME(load)(const uint8_t *p) {
    NAME(ints) r;
    EACH r.v[i] = vreinterpretq_s32_u8(vld1q_u8(p + 16 * i));
    return r;
}
typedef int8x16_t NAME(quad);

INLINE int8x16_t NAME(four)(const int8_t *p) {
    int32_t bits;
    memcpy(&bits, p, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(bits));
}
INLINE NAME(ints) NAME(start)(int32_t start) {
    NAME(ints) r;
    EACH r.v[i] = vdupq_n_s32(start);
    return r;
}
INLINE NAME(ints) NAME(start8)(int32_t start) { (void)start; return NAME(start)(0); }
INLINE NAME(ints) NAME(dot)(NAME(ints) sum, NAME(ints) w, int8x16_t x) {
    EACH sum.v[i] = vdotq_s32(sum.v[i], vreinterpretq_s8_s32(w.v[i]), x);
    return sum;
}
INLINE NAME(ints) NAME(dot8)(NAME(ints) sum, NAME(ints) w, int8x16_t x) {
    EACH w.v[i] = veorq_s32(w.v[i], vdupq_n_s32((int32_t)0x80808080));
    return NAME(dot)(sum, w, x);
}
INLINE NAME(ints) NAME(bits)(NAME(ints) v, int shift, int mask, int left) {
    EACH {
        uint8x16_t b = vshlq_u8(vreinterpretq_u8_s32(v.v[i]), vdupq_n_s8((int8_t)-shift));
        v.v[i] = vreinterpretq_s32_u8(vshlq_u8(vandq_u8(b, vdupq_n_u8((uint8_t)mask)), vdupq_n_s8((int8_t)left)));
    }
    return v;
}
INLINE NAME(ints) NAME(or)(NAME(ints) a, NAME(ints) b) {
    EACH a.v[i] = vorrq_s32(a.v[i], b.v[i]);
    return a;
}
INLINE NAME(floats) NAME(to_floats)(NAME(ints) v) {
    NAME(floats) r;
    EACH r.v[i] = vcvtq_f32_s32(v.v[i]);
    return r;
}
INLINE NAME(floats) NAME(halves)(const uint8_t *p) {
    NAME(floats) r;
    EACH r.v[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p + 8 * i)));
    return r;
}
INLINE NAME(floats) NAME(unsigned_bytes)(const uint8_t *p) {
    NAME(floats) r;
    EACH for (int j = 0; j < 4; j++) r.v[i][j] = p[4 * i + j];
    return r;
}
INLINE NAME(floats) NAME(signed_bytes)(const uint8_t *p) {
    NAME(floats) r;
    EACH for (int j = 0; j < 4; j++) r.v[i][j] = (int8_t)p[4 * i + j];
    return r;
}
INLINE NAME(floats) NAME(mul)(NAME(floats) a, NAME(floats) b) {
    EACH a.v[i] = vmulq_f32(a.v[i], b.v[i]);
    return a;
}
INLINE NAME(floats) NAME(add_scaled)(NAME(floats) sum, NAME(floats) a, float b) {
    EACH sum.v[i] = vfmaq_n_f32(sum.v[i], a.v[i], b);
    return sum;
}
INLINE NAME(floats) NAME(no_floats)(void) {
    NAME(floats) r;
    EACH r.v[i] = vdupq_n_f32(0);
    return r;
}
INLINE void NAME(store)(float *p, NAME(floats) v) { EACH vst1q_f32(p + 4 * i, v.v[i]); }
#undef EACH
