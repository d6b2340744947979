/* 16 lanes in four registers, with the dot product extension's products of signed bytes. */
typedef struct { int32x4_t v[4]; } NAME(ints);
typedef struct { float32x4_t v[4]; } NAME(floats);
#define EACH for (int i = 0; i < 4; i++)

/* Panels and tokens whose sums have registers at once. */
enum { NAME(WIDE) = 1, NAME(DEEP) = 4 };

INLINE NAME(ints) NAME(load)(const uint8_t *p) {
    NAME(ints) r;
    EACH r.v[i] = vreinterpretq_s32_u8(vld1q_u8(p + 16 * i));
    return r;
}
typedef int8x16_t NAME(quad);

/* What x is, a compiler no longer knows. */
INLINE void NAME(hide)(NAME(quad) *x) { __asm__("" : "+w"(*x)); }
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
INLINE NAME(ints) NAME(dot_four)(NAME(ints) sum, NAME(ints) w, const int8_t *x) { return NAME(dot)(sum, w, NAME(four)(x)); }
/* Products have sums of 32 bits at once. */
INLINE int NAME(run)(int type) { (void)type; return 1; }
INLINE NAME(ints) NAME(dot_run)(NAME(ints) sum, const uint8_t *w, const int8_t *x, int run) {
    (void)run;
    return NAME(dot_four)(sum, NAME(load)(w), x);
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
INLINE NAME(ints) NAME(plus)(NAME(ints) a, NAME(ints) b) {
    EACH a.v[i] = vaddq_s32(a.v[i], b.v[i]);
    return a;
}
INLINE NAME(floats) NAME(to_floats)(NAME(ints) v) {
    NAME(floats) r;
    EACH r.v[i] = vcvtq_f32_s32(v.v[i]);
    return r;
}
/* (v >> shift) & mask for each lane, as a number. */
INLINE NAME(floats) NAME(field)(NAME(ints) v, int shift, int mask) {
    uint32x4_t m = vdupq_n_u32(mask);
    int32x4_t left = vdupq_n_s32(-shift);
    NAME(floats) r;
    EACH r.v[i] = vcvtq_f32_u32(vandq_u32(vshlq_u32(vreinterpretq_u32_s32(v.v[i]), left), m));
    return r;
}
INLINE NAME(floats) NAME(halves)(const uint8_t *p) {
    NAME(floats) r;
    EACH r.v[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p + 8 * i)));
    return r;
}
INLINE NAME(floats) NAME(unsigned_bytes)(const uint8_t *p) {
    uint8x16_t bytes = vld1q_u8(p);
    uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_high_u8(bytes);
    return (NAME(floats)){{vcvtq_f32_u32(vmovl_u16(vget_low_u16(low))), vcvtq_f32_u32(vmovl_high_u16(low)),
                           vcvtq_f32_u32(vmovl_u16(vget_low_u16(high))), vcvtq_f32_u32(vmovl_high_u16(high))}};
}
INLINE NAME(floats) NAME(signed_bytes)(const uint8_t *p) {
    int8x16_t bytes = vreinterpretq_s8_u8(vld1q_u8(p));
    int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_high_s8(bytes);
    return (NAME(floats)){{vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
                           vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))}};
}
INLINE NAME(floats) NAME(sum)(NAME(floats) a, NAME(floats) b) {
    EACH a.v[i] = vaddq_f32(a.v[i], b.v[i]);
    return a;
}
INLINE NAME(floats) NAME(difference)(NAME(floats) a, NAME(floats) b) {
    EACH a.v[i] = vsubq_f32(a.v[i], b.v[i]);
    return a;
}
INLINE NAME(floats) NAME(mul)(NAME(floats) a, NAME(floats) b) {
    EACH a.v[i] = vmulq_f32(a.v[i], b.v[i]);
    return a;
}
INLINE NAME(floats) NAME(divide)(NAME(floats) a, NAME(floats) b) {
    EACH a.v[i] = vdivq_f32(a.v[i], b.v[i]);
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
INLINE void NAME(put)(uint8_t *p, NAME(ints) v) { EACH vst1q_u8(p + 16 * i, vreinterpretq_u8_s32(v.v[i])); }
INLINE void NAME(store)(float *p, NAME(floats) v) { EACH vst1q_f32(p + 4 * i, v.v[i]); }

INLINE NAME(floats) NAME(numbers)(const float *p) {
    NAME(floats) r;
    EACH r.v[i] = vld1q_f32(p + 4 * i);
    return r;
}
INLINE NAME(floats) NAME(all)(float x) {
    NAME(floats) r;
    EACH r.v[i] = vdupq_n_f32(x);
    return r;
}
INLINE NAME(floats) NAME(fma)(NAME(floats) a, NAME(floats) b, NAME(floats) c) {
    EACH c.v[i] = vfmaq_f32(c.v[i], a.v[i], b.v[i]);
    return c;
}
INLINE NAME(floats) NAME(brains)(const uint8_t *p) {
    NAME(floats) r;
    EACH r.v[i] = vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(vld1_u8(p + 8 * i)), 16));
    return r;
}
INLINE NAME(floats) NAME(low_brains)(NAME(ints) v) {
    NAME(floats) r;
    EACH r.v[i] = vreinterpretq_f32_s32(vshlq_n_s32(v.v[i], 16));
    return r;
}
INLINE NAME(floats) NAME(high_brains)(NAME(ints) v) {
    NAME(floats) r;
    EACH r.v[i] = vreinterpretq_f32_s32(vandq_s32(v.v[i], vdupq_n_s32((int32_t)0xFFFF0000)));
    return r;
}
INLINE NAME(floats) NAME(low_halves)(NAME(ints) v) {
    NAME(floats) r;
    EACH r.v[i] = vcvt_f32_f16(vreinterpret_f16_s16(vmovn_s32(v.v[i])));
    return r;
}
INLINE NAME(floats) NAME(high_halves)(NAME(ints) v) {
    NAME(floats) r;
    EACH r.v[i] = vcvt_f32_f16(vreinterpret_f16_s16(vshrn_n_s32(v.v[i], 16)));
    return r;
}
INLINE NAME(floats) NAME(sums)(const NAME(floats) *v) {
    float32x4_t x[16];
    for (int i = 0; i < 16; i++) x[i] = vaddq_f32(vaddq_f32(v[i].v[0], v[i].v[1]), vaddq_f32(v[i].v[2], v[i].v[3]));
    NAME(floats) r;
    EACH r.v[i] = vpaddq_f32(vpaddq_f32(x[4 * i], x[4 * i + 1]), vpaddq_f32(x[4 * i + 2], x[4 * i + 3]));
    return r;
}
INLINE NAME(floats) NAME(twice)(const float *p) {
    NAME(floats) r;
    EACH r.v[i] = vld1q_f32(p + i % 2 * 4);
    return r;
}
INLINE void NAME(beside)(NAME(floats) a, NAME(floats) b, NAME(floats) *out) {
    for (int half = 0; half < 2; half++) EACH out[half].v[i] = (i < 2 ? a : b).v[2 * half + i % 2];
}
INLINE void NAME(halves_of_two)(const uint8_t *p, const uint8_t *other, NAME(floats) *out) {
    NAME(beside)(NAME(halves)(p), NAME(halves)(other), out);
}
INLINE void NAME(brains_of_two)(const uint8_t *p, const uint8_t *other, NAME(floats) *out) {
    NAME(beside)(NAME(brains)(p), NAME(brains)(other), out);
}
INLINE void NAME(store_two)(float *p, float *other, NAME(floats) v) {
    EACH vst1q_f32((i < 2 ? p : other) + i % 2 * 4, v.v[i]);
}
INLINE NAME(floats) NAME(sums_of_two)(const NAME(floats) *v) {
    NAME(floats) r;
    EACH {
        float32x4_t x[4];
        for (int j = 0; j < 4; j++) x[j] = vaddq_f32(v[i / 2 * 4 + j].v[i % 2 * 2], v[i / 2 * 4 + j].v[i % 2 * 2 + 1]);
        r.v[i] = vpaddq_f32(vpaddq_f32(x[0], x[1]), vpaddq_f32(x[2], x[3]));
    }
    return r;
}
INLINE int32x4_t NAME(words)(struct table t, int row, int64_t at) {
    return vreinterpretq_s32_u8(vld1q_u8(t.row + row * t.stride + at));
}
/* Four bytes of each of 16 rows. */
INLINE NAME(ints) NAME(read_words)(struct table t, int64_t at) {
    uint32_t words[LANES];
    for (int i = 0; i < LANES; i++) memcpy(words + i, t.row + i * t.stride + at, 4);
    return NAME(load)((const uint8_t *)words);
}
INLINE void NAME(transpose)(struct table t, int64_t at, NAME(ints) *out) {
    EACH {
        int32x4_t a = NAME(words)(t, 4 * i, at), b = NAME(words)(t, 4 * i + 1, at);
        int32x4_t c = NAME(words)(t, 4 * i + 2, at), d = NAME(words)(t, 4 * i + 3, at);
        int64x2_t even = vreinterpretq_s64_s32(vtrn1q_s32(a, b)), odd = vreinterpretq_s64_s32(vtrn2q_s32(a, b));
        int64x2_t even2 = vreinterpretq_s64_s32(vtrn1q_s32(c, d)), odd2 = vreinterpretq_s64_s32(vtrn2q_s32(c, d));
        out[0].v[i] = vreinterpretq_s32_s64(vtrn1q_s64(even, even2));
        out[1].v[i] = vreinterpretq_s32_s64(vtrn1q_s64(odd, odd2));
        out[2].v[i] = vreinterpretq_s32_s64(vtrn2q_s64(even, even2));
        out[3].v[i] = vreinterpretq_s32_s64(vtrn2q_s64(odd, odd2));
    }
}
INLINE NAME(ints) NAME(interleaved)(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    uint16x8_t ab = vreinterpretq_u16_u8(vzip1q_u8(a, b)), cd = vreinterpretq_u16_u8(vzip1q_u8(c, d));
    uint16x8_t ab2 = vreinterpretq_u16_u8(vzip2q_u8(a, b)), cd2 = vreinterpretq_u16_u8(vzip2q_u8(c, d));
    return (NAME(ints)){{vreinterpretq_s32_u16(vzip1q_u16(ab, cd)), vreinterpretq_s32_u16(vzip2q_u16(ab, cd)),
                         vreinterpretq_s32_u16(vzip1q_u16(ab2, cd2)), vreinterpretq_s32_u16(vzip2q_u16(ab2, cd2))}};
}
INLINE NAME(ints) NAME(interleave)(struct table t, int64_t at) {
    uint8x16_t r[4];
    EACH r[i] = vld1q_u8(t.row + i * t.stride + at);
    return NAME(interleaved)(r[0], r[1], r[2], r[3]);
}
INLINE NAME(ints) NAME(interleave_pair)(struct table t, int64_t at, int64_t other) {
    uint8x16_t r[4];
    EACH r[i] = vcombine_u8(vld1_u8(t.row + i * t.stride + at), vld1_u8(t.row + i * t.stride + other));
    return NAME(interleaved)(r[0], r[1], r[2], r[3]);
}
INLINE NAME(ints) NAME(dot_both)(NAME(ints) sum, NAME(ints) w, int8x16_t lower, int8x16_t upper) {
    EACH sum.v[i] = vdotq_s32(sum.v[i], vreinterpretq_s8_s32(w.v[i]), i < 2 ? lower : upper);
    return sum;
}
INLINE NAME(floats) NAME(turn_numbers)(NAME(floats) v) {
    float numbers[LANES];
    NAME(store)(numbers, v);
    float32x4x4_t fours = vld4q_f32(numbers);
    EACH v.v[i] = fours.val[i];
    return v;
}
INLINE NAME(floats) NAME(max)(NAME(floats) a, NAME(floats) b) {
    EACH a.v[i] = vmaxq_f32(a.v[i], b.v[i]);
    return a;
}
INLINE float NAME(largest)(NAME(floats) v) {
    return vmaxvq_f32(vmaxq_f32(vmaxq_f32(v.v[0], v.v[1]), vmaxq_f32(v.v[2], v.v[3])));
}
INLINE float NAME(total)(NAME(floats) v) {
    return vaddvq_f32(vaddq_f32(vaddq_f32(v.v[0], v.v[1]), vaddq_f32(v.v[2], v.v[3])));
}
INLINE NAME(floats) NAME(max_magnitude)(NAME(floats) most, NAME(floats) v) {
    EACH most.v[i] = vmaxq_f32(most.v[i], vabsq_f32(v.v[i]));
    return most;
}
INLINE NAME(floats) NAME(largest_of_four)(const NAME(floats) *v) {
    float32x4_t x[4];
    EACH x[i] = vmaxq_f32(vmaxq_f32(v[i].v[0], v[i].v[1]), vmaxq_f32(v[i].v[2], v[i].v[3]));
    float32x4_t r = vpmaxq_f32(vpmaxq_f32(x[0], x[1]), vpmaxq_f32(x[2], x[3]));
    return (NAME(floats)){{r, r, r, r}};
}
INLINE NAME(floats) NAME(totals_of_four)(const NAME(floats) *v) {
    float32x4_t x[4];
    EACH x[i] = vaddq_f32(vaddq_f32(v[i].v[0], v[i].v[1]), vaddq_f32(v[i].v[2], v[i].v[3]));
    float32x4_t r = vpaddq_f32(vpaddq_f32(x[0], x[1]), vpaddq_f32(x[2], x[3]));
    return (NAME(floats)){{r, r, r, r}};
}
INLINE NAME(floats) NAME(of_four)(const float *p) {
    float32x4_t four = vld1q_f32(p);
    return (NAME(floats)){{four, four, four, four}};
}
INLINE int NAME(any_above)(NAME(floats) a, NAME(floats) b) {
    uint32x4_t any = vdupq_n_u32(0);
    EACH any = vorrq_u32(any, vcgtq_f32(a.v[i], b.v[i]));
    return vmaxvq_u32(any) != 0;
}
INLINE NAME(floats) NAME(one_of_four)(NAME(floats) v, int q) {
    EACH v.v[i] = vdupq_n_f32(v.v[i][q]);
    return v;
}
INLINE NAME(floats) NAME(nearest)(NAME(floats) v) {
    EACH v.v[i] = vrndnq_f32(v.v[i]);
    return v;
}
INLINE NAME(floats) NAME(add_exponent)(NAME(floats) p, NAME(floats) whole) {
    EACH {
        int32x4_t n = vshlq_n_s32(vcvtq_s32_f32(whole.v[i]), 23);
        p.v[i] = vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(p.v[i]), n));
    }
    return p;
}
enum { NAME(least_power) = -127, NAME(in_place) = 0 };
INLINE NAME(floats) NAME(all_halves)(const uint8_t *p) {
    int16_t bits;
    memcpy(&bits, p, 2);
    float32x4_t v = vcvt_f32_f16(vreinterpret_f16_s16(vdup_n_s16(bits)));
    return (NAME(floats)){{v, v, v, v}};
}
INLINE NAME(ints) NAME(widened)(const uint8_t *p) {
    uint8x16_t v = vld1q_u8(p);
    uint16x8_t a = vmovl_u8(vget_low_u8(v)), b = vmovl_u8(vget_high_u8(v));
    return (NAME(ints)){{vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(a))), vreinterpretq_s32_u32(vmovl_u16(vget_high_u16(a))),
                         vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(b))), vreinterpretq_s32_u32(vmovl_u16(vget_high_u16(b)))}};
}
INLINE NAME(ints) NAME(twos)(int32_t word) {
    static const int32_t shifts[] = {0, -2, -4, -6};
    NAME(ints) r;
    EACH {
        uint32x4_t shifted = vshlq_u32(vdupq_n_u32((uint32_t)word >> 8 * i), vld1q_s32(shifts));
        r.v[i] = vreinterpretq_s32_u32(vandq_u32(shifted, vdupq_n_u32(3)));
    }
    return r;
}
INLINE void NAME(store_bytes)(int8_t *p, NAME(floats) v) {
    int16x4_t words[4];
    EACH words[i] = vmovn_s32(vcvtnq_s32_f32(v.v[i]));
    int16x8_t low = vcombine_s16(words[0], words[1]), high = vcombine_s16(words[2], words[3]);
    vst1q_s8(p, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
}
INLINE NAME(ints) NAME(store_codes)(int8_t *p, const NAME(floats) *v) {
    NAME(ints) sum = NAME(start)(0);
    for (int j = 0; j < 4; j++) {
        NAME(store_bytes)(p + j * LANES, v[j]);
        EACH sum.v[i] = vaddq_s32(sum.v[i], vcvtnq_s32_f32(v[j].v[i]));
    }
    return sum;
}
INLINE NAME(ints) NAME(store_fours)(int8_t *p, const NAME(floats) *v) {
    int32x4x4_t fours;
    int8_t bytes[LANES];
    NAME(ints) sum;
    for (int q = 0; q < 4; q++) {
        NAME(store_bytes)(bytes, v[q]);
        fours.val[q] = vreinterpretq_s32_s8(vld1q_s8(bytes));
    }
    vst4q_s32((int32_t *)p, fours);
    EACH sum.v[i] = vpaddlq_s16(vpaddlq_s8(vld1q_s8(p + 16 * i)));
    return sum;
}
INLINE NAME(floats) NAME(add_quarters)(NAME(floats) v) {
    float32x4_t r = vaddq_f32(vaddq_f32(v.v[0], v.v[1]), vaddq_f32(v.v[2], v.v[3]));
    return (NAME(floats)){{r, r, r, r}};
}
INLINE NAME(ints) NAME(dot8_four)(NAME(ints) sum, NAME(ints) w, const int8_t *x) { return NAME(dot8)(sum, w, NAME(four)(x)); }
enum { NAME(excess) = 0 };
INLINE NAME(ints) NAME(times128)(NAME(ints) v) {
    EACH v.v[i] = vshlq_n_s32(v.v[i], 7);
    return v;
}
INLINE NAME(ints) NAME(flip)(NAME(ints) v, NAME(ints) by) {
    EACH v.v[i] = veorq_s32(v.v[i], by.v[i]);
    return v;
}
LONG_BYTES
INLINE NAME(ints) NAME(store_long)(int8_t *first, int8_t *second, const NAME(floats) *v,
                                   NAME(ints) (*store)(int8_t *p, const NAME(floats) *v)) {
    NAME(floats) a[4], b[4];
    for (int j = 0; j < 4; j++)
        EACH {
            a[j].v[i] = vrndnq_f32(vmulq_n_f32(v[j].v[i], 1 / 128.0f));
            b[j].v[i] = vfmsq_n_f32(v[j].v[i], a[j].v[i], 128);
        }
    struct NAME(long_ints) sum = {store(first, a), store(second, b)};
    return NAME(whole_long)(sum);
}
INLINE NAME(ints) NAME(store_long_fours)(int8_t *first, int8_t *second, const NAME(floats) *v) {
    return NAME(store_long)(first, second, v, NAME(store_fours));
}
INLINE NAME(ints) NAME(store_long_codes)(int8_t *first, int8_t *second, const NAME(floats) *v) {
    return NAME(store_long)(first, second, v, NAME(store_codes));
}
enum { NAME(abreast) = 1 };
/* A number as f16, ties to even; and the other way round. */
INLINE uint16_t NAME(half_bits)(float x) { return vget_lane_u16(vreinterpret_u16_f16(vcvt_f16_f32(vdupq_n_f32(x))), 0); }
INLINE float NAME(half_value)(uint16_t half) {
    return vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(half))), 0);
}
/* Square roots. */
INLINE float NAME(root)(float x) { return vgetq_lane_f32(vsqrtq_f32(vdupq_n_f32(x)), 0); }
INLINE double NAME(double_root)(double x) { return vgetq_lane_f64(vsqrtq_f64(vdupq_n_f64(x)), 0); }
/* Neighbours change places. */
INLINE NAME(floats) NAME(swap)(NAME(floats) v) {
    EACH v.v[i] = vrev64q_f32(v.v[i]);
    return v;
}
#undef EACH
PACK_LANES
