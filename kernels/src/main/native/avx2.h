/* 16 lanes in two registers. Dot products go by 16 bits, which pairs of products fit into: those of whole bytes only
   between a magnitude and a signed number. */
typedef struct { __m256i a, b; } NAME(ints);
typedef struct { __m256 a, b; } NAME(floats);

/* Panels and tokens whose sums have registers at once. */
enum { NAME(WIDE) = 1, NAME(DEEP) = 4 };

INLINE NAME(ints) NAME(load)(const uint8_t *p) {
    return (NAME(ints)){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32))};
}
typedef __m256i NAME(quad);

/* What x is, a compiler no longer knows. */
INLINE void NAME(hide)(NAME(quad) *x) { __asm__("" : "+x"(*x)); }
INLINE __m256i NAME(four)(const int8_t *p) {
    int32_t bits;
    memcpy(&bits, p, 4);
    return _mm256_set1_epi32(bits);
}
INLINE NAME(ints) NAME(start)(int32_t start) {
    return (NAME(ints)){_mm256_set1_epi32(start), _mm256_set1_epi32(start)};
}
INLINE NAME(ints) NAME(start8)(int32_t start) { (void)start; return NAME(start)(0); }
INLINE __m256i NAME(pairs)(__m256i sum, __m256i w, __m256i x) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1)));
    __asm__("" : "+x"(sum)); /* compilers build a tree of sums, for which there are not enough registers */
    return sum;
}
INLINE __m256i NAME(bytes)(__m256i sum, __m256i w, __m256i x) {
    w = _mm256_xor_si256(w, _mm256_set1_epi8(-128));
    return NAME(pairs)(sum, _mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
}
INLINE NAME(ints) NAME(dot8)(NAME(ints) sum, NAME(ints) w, __m256i x) {
    return (NAME(ints)){NAME(bytes)(sum.a, w.a, x), NAME(bytes)(sum.b, w.b, x)};
}
INLINE NAME(ints) NAME(dot)(NAME(ints) sum, NAME(ints) w, __m256i x) {
    return (NAME(ints)){NAME(pairs)(sum.a, w.a, x), NAME(pairs)(sum.b, w.b, x)};
}
/* How many products of a weight and an activation, two of them beside each other, have a sum of 16 bits. */
INLINE int NAME(run)(int type) { return type == Q8_0 ? 1 : type == Q6_K ? 2 : 8; }
/* Adds products of so many neighbouring quads, by sums of 16 bits. */
INLINE NAME(ints) NAME(dot_run)(NAME(ints) sum, const uint8_t *w, const int8_t *x, int run) {
    __m256i a = _mm256_setzero_si256(), b = a, one = _mm256_set1_epi16(1);
#pragma GCC unroll 8
    for (int j = 0; j < run; j++) {
        NAME(ints) of = NAME(load)(w + 64 * j);
        __m256i four = NAME(four)(x + 4 * j);
        a = _mm256_add_epi16(a, _mm256_maddubs_epi16(of.a, four));
        b = _mm256_add_epi16(b, _mm256_maddubs_epi16(of.b, four));
        __asm__("" : "+x"(a), "+x"(b));
    }
    return (NAME(ints)){_mm256_add_epi32(sum.a, _mm256_madd_epi16(a, one)),
                        _mm256_add_epi32(sum.b, _mm256_madd_epi16(b, one))};
}
INLINE NAME(ints) NAME(dot_four)(NAME(ints) sum, NAME(ints) w, const int8_t *x) { return NAME(dot)(sum, w, NAME(four)(x)); }
INLINE NAME(ints) NAME(bits)(NAME(ints) v, int shift, int mask, int left) {
    __m256i m = _mm256_set1_epi8(mask);
    return (NAME(ints)){_mm256_slli_epi16(_mm256_and_si256(_mm256_srli_epi16(v.a, shift), m), left),
                        _mm256_slli_epi16(_mm256_and_si256(_mm256_srli_epi16(v.b, shift), m), left)};
}
INLINE NAME(ints) NAME(or)(NAME(ints) a, NAME(ints) b) {
    return (NAME(ints)){_mm256_or_si256(a.a, b.a), _mm256_or_si256(a.b, b.b)};
}
INLINE NAME(ints) NAME(plus)(NAME(ints) a, NAME(ints) b) {
    return (NAME(ints)){_mm256_add_epi32(a.a, b.a), _mm256_add_epi32(a.b, b.b)};
}
INLINE NAME(floats) NAME(to_floats)(NAME(ints) v) {
    return (NAME(floats)){_mm256_cvtepi32_ps(v.a), _mm256_cvtepi32_ps(v.b)};
}
/* (v >> shift) & mask for each lane, as a number. */
INLINE NAME(floats) NAME(field)(NAME(ints) v, int shift, int mask) {
    __m256i m = _mm256_set1_epi32(mask);
    return NAME(to_floats)((NAME(ints)){_mm256_and_si256(_mm256_srli_epi32(v.a, shift), m),
                                        _mm256_and_si256(_mm256_srli_epi32(v.b, shift), m)});
}
INLINE NAME(floats) NAME(halves)(const uint8_t *p) {
    return (NAME(floats)){_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
                          _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 16)))};
}
INLINE NAME(floats) NAME(unsigned_bytes)(const uint8_t *p) {
    return (NAME(floats)){_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p))),
                          _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8))))};
}
INLINE NAME(floats) NAME(signed_bytes)(const uint8_t *p) {
    return (NAME(floats)){_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p))),
                          _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8))))};
}
INLINE NAME(floats) NAME(sum)(NAME(floats) a, NAME(floats) b) {
    return (NAME(floats)){_mm256_add_ps(a.a, b.a), _mm256_add_ps(a.b, b.b)};
}
INLINE NAME(floats) NAME(difference)(NAME(floats) a, NAME(floats) b) {
    return (NAME(floats)){_mm256_sub_ps(a.a, b.a), _mm256_sub_ps(a.b, b.b)};
}
INLINE NAME(floats) NAME(mul)(NAME(floats) a, NAME(floats) b) {
    return (NAME(floats)){_mm256_mul_ps(a.a, b.a), _mm256_mul_ps(a.b, b.b)};
}
INLINE NAME(floats) NAME(divide)(NAME(floats) a, NAME(floats) b) {
    return (NAME(floats)){_mm256_div_ps(a.a, b.a), _mm256_div_ps(a.b, b.b)};
}
INLINE NAME(floats) NAME(add_scaled)(NAME(floats) sum, NAME(floats) a, float b) {
    __m256 v = _mm256_set1_ps(b);
    return (NAME(floats)){_mm256_fmadd_ps(a.a, v, sum.a), _mm256_fmadd_ps(a.b, v, sum.b)};
}
INLINE NAME(floats) NAME(no_floats)(void) { return (NAME(floats)){_mm256_setzero_ps(), _mm256_setzero_ps()}; }
INLINE void NAME(put)(uint8_t *p, NAME(ints) v) {
    _mm256_storeu_si256((__m256i *)p, v.a);
    _mm256_storeu_si256((__m256i *)(p + 32), v.b);
}
INLINE void NAME(store)(float *p, NAME(floats) v) {
    _mm256_storeu_ps(p, v.a);
    _mm256_storeu_ps(p + 8, v.b);
}

INLINE NAME(floats) NAME(numbers)(const float *p) { return (NAME(floats)){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
INLINE NAME(floats) NAME(all)(float x) { return (NAME(floats)){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
INLINE NAME(floats) NAME(fma)(NAME(floats) a, NAME(floats) b, NAME(floats) c) {
    return (NAME(floats)){_mm256_fmadd_ps(a.a, b.a, c.a), _mm256_fmadd_ps(a.b, b.b, c.b)};
}
INLINE __m256 NAME(eight_brains)(const uint8_t *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}
INLINE NAME(floats) NAME(brains)(const uint8_t *p) {
    return (NAME(floats)){NAME(eight_brains)(p), NAME(eight_brains)(p + 16)};
}
INLINE NAME(floats) NAME(low_brains)(NAME(ints) v) {
    return (NAME(floats)){_mm256_castsi256_ps(_mm256_slli_epi32(v.a, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(v.b, 16))};
}
INLINE NAME(floats) NAME(high_brains)(NAME(ints) v) {
    __m256i upper = _mm256_set1_epi32((int)0xFFFF0000);
    return (NAME(floats)){_mm256_castsi256_ps(_mm256_and_si256(v.a, upper)), _mm256_castsi256_ps(_mm256_and_si256(v.b, upper))};
}
INLINE NAME(floats) NAME(low_halves)(NAME(ints) v) {
    __m256i low = _mm256_set1_epi32(0xFFFF);
    __m256i packed = _mm256_packus_epi32(_mm256_and_si256(v.a, low), _mm256_and_si256(v.b, low));
    packed = _mm256_permute4x64_epi64(packed, 0xD8);
    return (NAME(floats)){_mm256_cvtph_ps(_mm256_castsi256_si128(packed)),
                          _mm256_cvtph_ps(_mm256_extracti128_si256(packed, 1))};
}
INLINE NAME(floats) NAME(high_halves)(NAME(ints) v) {
    return NAME(low_halves)((NAME(ints)){_mm256_srli_epi32(v.a, 16), _mm256_srli_epi32(v.b, 16)});
}
INLINE __m256 NAME(eight_sums)(const NAME(floats) *v) {
    __m256 x[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) x[i] = _mm256_add_ps(v[i].a, v[i].b);
    __m256 low = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
    __m256 high = _mm256_hadd_ps(_mm256_hadd_ps(x[4], x[5]), _mm256_hadd_ps(x[6], x[7]));
    return _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31));
}
INLINE NAME(floats) NAME(sums)(const NAME(floats) *v) {
    return (NAME(floats)){NAME(eight_sums)(v), NAME(eight_sums)(v + 8)};
}
INLINE NAME(floats) NAME(twice)(const float *p) {
    __m256 eight = _mm256_loadu_ps(p);
    return (NAME(floats)){eight, eight};
}
INLINE void NAME(halves_of_two)(const uint8_t *p, const uint8_t *other, NAME(floats) *out) {
    NAME(floats) a = NAME(halves)(p), b = NAME(halves)(other);
    out[0] = (NAME(floats)){a.a, b.a};
    out[1] = (NAME(floats)){a.b, b.b};
}
INLINE void NAME(brains_of_two)(const uint8_t *p, const uint8_t *other, NAME(floats) *out) {
    NAME(floats) a = NAME(brains)(p), b = NAME(brains)(other);
    out[0] = (NAME(floats)){a.a, b.a};
    out[1] = (NAME(floats)){a.b, b.b};
}
INLINE void NAME(store_two)(float *p, float *other, NAME(floats) v) {
    _mm256_storeu_ps(p, v.a);
    _mm256_storeu_ps(other, v.b);
}
INLINE __m256 NAME(sums_of_four)(const NAME(floats) *v) {
    __m256 low = _mm256_hadd_ps(_mm256_hadd_ps(v[0].a, v[1].a), _mm256_hadd_ps(v[2].a, v[3].a));
    __m256 high = _mm256_hadd_ps(_mm256_hadd_ps(v[0].b, v[1].b), _mm256_hadd_ps(v[2].b, v[3].b));
    return _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31));
}
INLINE NAME(floats) NAME(sums_of_two)(const NAME(floats) *v) {
    return (NAME(floats)){NAME(sums_of_four)(v), NAME(sums_of_four)(v + 4)};
}
INLINE NAME(ints) NAME(read_words)(struct table t, int64_t at) {
    return (NAME(ints)){eight_words(t, at), eight_words(below(t, 8), at)};
}
INLINE void NAME(transpose_eight)(struct table t, int64_t at, __m256i *out) {
    __m256i v[4];
    const uint8_t *a0 = t.row + at, *b0 = a0 + 4 * t.stride;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        v[i] = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(a0 + i * t.stride))),
            _mm_loadu_si128((const __m128i *)(b0 + i * t.stride)), 1);
    __m256i a = _mm256_unpacklo_epi32(v[0], v[1]), b = _mm256_unpacklo_epi32(v[2], v[3]);
    __m256i c = _mm256_unpackhi_epi32(v[0], v[1]), d = _mm256_unpackhi_epi32(v[2], v[3]);
    out[0] = _mm256_unpacklo_epi64(a, b);
    out[1] = _mm256_unpackhi_epi64(a, b);
    out[2] = _mm256_unpacklo_epi64(c, d);
    out[3] = _mm256_unpackhi_epi64(c, d);
}
INLINE void NAME(transpose)(struct table t, int64_t at, NAME(ints) *out) {
    __m256i a[4], b[4];
    NAME(transpose_eight)(t, at, a);
    NAME(transpose_eight)(below(t, 8), at, b);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) out[i] = (NAME(ints)){a[i], b[i]};
}
INLINE NAME(ints) NAME(interleaved)(const __m128i *r) {
    __m128i a = _mm_unpacklo_epi8(r[0], r[1]), b = _mm_unpacklo_epi8(r[2], r[3]);
    __m128i c = _mm_unpackhi_epi8(r[0], r[1]), d = _mm_unpackhi_epi8(r[2], r[3]);
    return (NAME(ints)){_mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b)),
                        _mm256_set_m128i(_mm_unpackhi_epi16(c, d), _mm_unpacklo_epi16(c, d))};
}
INLINE NAME(ints) NAME(interleave)(struct table t, int64_t at) {
    __m128i r[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) r[i] = _mm_loadu_si128((const __m128i *)(t.row + i * t.stride + at));
    return NAME(interleaved)(r);
}
INLINE NAME(ints) NAME(interleave_pair)(struct table t, int64_t at, int64_t other) {
    __m128i r[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        const uint8_t *row = t.row + i * t.stride;
        r[i] = _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(row + at))),
                                             (const __m64 *)(row + other)));
    }
    return NAME(interleaved)(r);
}
INLINE NAME(ints) NAME(dot_both)(NAME(ints) sum, NAME(ints) w, __m256i lower, __m256i upper) {
    return (NAME(ints)){NAME(pairs)(sum.a, w.a, lower), NAME(pairs)(sum.b, w.b, upper)};
}
INLINE NAME(floats) NAME(turn_numbers)(NAME(floats) v) {
    /* Of each half lanes 0, 4, 1, 5, 2, 6, 3, 7. */
    __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256d a = _mm256_castps_pd(_mm256_permutevar8x32_ps(v.a, order)), b = _mm256_castps_pd(_mm256_permutevar8x32_ps(v.b, order));
    __m256 low = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), high = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
    return (NAME(floats)){_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31)};
}
INLINE NAME(floats) NAME(max)(NAME(floats) a, NAME(floats) b) {
    return (NAME(floats)){_mm256_max_ps(a.a, b.a), _mm256_max_ps(a.b, b.b)};
}
INLINE float NAME(largest)(NAME(floats) v) {
    __m256 a = _mm256_max_ps(v.a, v.b);
    __m128 b = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_max_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
}
INLINE float NAME(total)(NAME(floats) v) {
    __m256 a = _mm256_add_ps(v.a, v.b);
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}
INLINE NAME(floats) NAME(max_magnitude)(NAME(floats) most, NAME(floats) v) {
    __m256 sign = _mm256_set1_ps(-0.0f);
    return (NAME(floats)){_mm256_max_ps(most.a, _mm256_andnot_ps(sign, v.a)), _mm256_max_ps(most.b, _mm256_andnot_ps(sign, v.b))};
}
#define OF_FOUR(name, with)                                                                                            \
    INLINE NAME(floats) NAME(name)(const NAME(floats) *v) {                                                            \
        __m256 x[4];                                                                                                   \
        for (int q = 0; q < 4; q++) x[q] = with(v[q].a, v[q].b);                                                       \
        __m256d a = _mm256_castps_pd(with(_mm256_unpacklo_ps(x[0], x[1]), _mm256_unpackhi_ps(x[0], x[1])));            \
        __m256d b = _mm256_castps_pd(with(_mm256_unpacklo_ps(x[2], x[3]), _mm256_unpackhi_ps(x[2], x[3])));            \
        __m256 r = with(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));       \
        r = with(r, _mm256_permute2f128_ps(r, r, 1));                                                                  \
        return (NAME(floats)){r, r};                                                                                   \
    }
OF_FOUR(largest_of_four, _mm256_max_ps)
OF_FOUR(totals_of_four, _mm256_add_ps)
#undef OF_FOUR
INLINE NAME(floats) NAME(of_four)(const float *p) {
    __m256 four = _mm256_broadcast_ps((const __m128 *)p);
    return (NAME(floats)){four, four};
}
INLINE int NAME(any_above)(NAME(floats) a, NAME(floats) b) {
    return _mm256_movemask_ps(_mm256_or_ps(_mm256_cmp_ps(a.a, b.a, _CMP_GT_OQ), _mm256_cmp_ps(a.b, b.b, _CMP_GT_OQ))) != 0;
}
INLINE NAME(floats) NAME(one_of_four)(NAME(floats) v, int q) {
    __m256i lane = _mm256_set1_epi32(q);
    return (NAME(floats)){_mm256_permutevar_ps(v.a, lane), _mm256_permutevar_ps(v.b, lane)};
}
INLINE NAME(floats) NAME(nearest)(NAME(floats) v) {
    enum { NEAREST = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC };
    return (NAME(floats)){_mm256_round_ps(v.a, NEAREST), _mm256_round_ps(v.b, NEAREST)};
}
INLINE __m256 NAME(add_exponents)(__m256 p, __m256 whole) {
    __m256i n = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), n));
}
INLINE NAME(floats) NAME(add_exponent)(NAME(floats) p, NAME(floats) whole) {
    return (NAME(floats)){NAME(add_exponents)(p.a, whole.a), NAME(add_exponents)(p.b, whole.b)};
}
enum { NAME(least_power) = -127, NAME(in_place) = 0 };
INLINE NAME(floats) NAME(all_halves)(const uint8_t *p) {
    int16_t bits;
    memcpy(&bits, p, 2);
    __m256 v = _mm256_cvtph_ps(_mm_set1_epi16(bits));
    return (NAME(floats)){v, v};
}
INLINE NAME(ints) NAME(widened)(const uint8_t *p) {
    return (NAME(ints)){_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)),
                        _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8)))};
}
INLINE NAME(ints) NAME(twos)(int32_t word) {
    __m256i all = _mm256_set1_epi32(word), mask = _mm256_set1_epi32(3), shifts = _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14);
    return (NAME(ints)){_mm256_and_si256(_mm256_srlv_epi32(all, shifts), mask),
                        _mm256_and_si256(_mm256_srlv_epi32(_mm256_srli_epi32(all, 16), shifts), mask)};
}
INLINE void NAME(store_bytes)(int8_t *p, NAME(floats) v) {
    __m256i packed = _mm256_packs_epi32(_mm256_cvtps_epi32(v.a), _mm256_cvtps_epi32(v.b));
    packed = _mm256_permute4x64_epi64(packed, 0xD8);
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(packed), _mm256_extracti128_si256(packed, 1));
    _mm_storeu_si128((__m128i *)p, bytes);
}
INLINE NAME(ints) NAME(store_codes)(int8_t *p, const NAME(floats) *v) {
    NAME(ints) sum = NAME(start)(0);
    for (int i = 0; i < 4; i++) {
        NAME(store_bytes)(p + i * LANES, v[i]);
        sum = NAME(plus)(sum, (NAME(ints)){_mm256_cvtps_epi32(v[i].a), _mm256_cvtps_epi32(v[i].b)});
    }
    return sum;
}
INLINE NAME(ints) NAME(store_fours)(int8_t *p, const NAME(floats) *v) {
    __m256i i[8], one = _mm256_set1_epi8(1), zero = _mm256_setzero_si256();
    for (int q = 0; q < 4; q++) i[q] = _mm256_cvtps_epi32(v[q].a), i[4 + q] = _mm256_cvtps_epi32(v[q].b);
    __m256i a = _mm256_packs_epi16(_mm256_packs_epi32(i[0], i[1]), _mm256_packs_epi32(i[2], i[3]));
    __m256i b = _mm256_packs_epi16(_mm256_packs_epi32(i[4], i[5]), _mm256_packs_epi32(i[6], i[7]));
    _mm256_storeu_si256((__m256i *)p, a);
    _mm256_storeu_si256((__m256i *)(p + 32), b);
    return (NAME(ints)){NAME(pairs)(zero, one, a), NAME(pairs)(zero, one, b)};
}
INLINE NAME(floats) NAME(add_quarters)(NAME(floats) v) {
    __m256 r = _mm256_add_ps(v.a, v.b);
    r = _mm256_add_ps(r, _mm256_permute2f128_ps(r, r, 1));
    return (NAME(floats)){r, r};
}
enum { NAME(excess) = 128 };
INLINE NAME(ints) NAME(flip)(NAME(ints) v, NAME(ints) by) {
    return (NAME(ints)){_mm256_xor_si256(v.a, by.a), _mm256_xor_si256(v.b, by.b)};
}
/* Numbers of 15 bits as 16: of four the first and the third in one plane, the others in the other. */
struct NAME(long_ints) { NAME(ints) sum; };
INLINE struct NAME(long_ints) NAME(no_long)(void) { return (struct NAME(long_ints)){NAME(start)(0)}; }
INLINE __m256i NAME(add_words)(__m256i sum, __m256i w, __m256i even, __m256i odd) {
    __m256i low = _mm256_set1_epi16(255);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_and_si256(w, low), even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_srli_epi16(w, 8), odd));
}
INLINE struct NAME(long_ints) NAME(add_long)(struct NAME(long_ints) s, NAME(ints) w, const int8_t *first, const int8_t *second) {
    __m256i even = NAME(four)(first), odd = NAME(four)(second);
    return (struct NAME(long_ints)){{NAME(add_words)(s.sum.a, w.a, even, odd), NAME(add_words)(s.sum.b, w.b, even, odd)}};
}
INLINE NAME(ints) NAME(whole_long)(struct NAME(long_ints) sum) { return sum.sum; }
/* Eight lanes of two numbers: of each four lanes, of one number and then the other, the first and the third, then the others. */
INLINE __m256 NAME(words_of_two)(__m256 a, __m256 b) {
    __m256i x = _mm256_shuffle_epi32(_mm256_cvtps_epi32(a), 0xD8), y = _mm256_shuffle_epi32(_mm256_cvtps_epi32(b), 0xD8);
    return _mm256_castsi256_ps(_mm256_packs_epi32(x, y));
}
INLINE NAME(ints) NAME(store_long_fours)(int8_t *first, int8_t *second, const NAME(floats) *v) {
    __m256 a = NAME(words_of_two)(v[0].a, v[1].a), b = NAME(words_of_two)(v[2].a, v[3].a);
    __m256 c = NAME(words_of_two)(v[0].b, v[1].b), d = NAME(words_of_two)(v[2].b, v[3].b);
    __m256i even[2] = {_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), _mm256_castps_si256(_mm256_shuffle_ps(c, d, 0x88))};
    __m256i odd[2] = {_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xDD)), _mm256_castps_si256(_mm256_shuffle_ps(c, d, 0xDD))};
    __m256i sum[2], one = _mm256_set1_epi16(1);
    for (int i = 0; i < 2; i++) {
        _mm256_storeu_si256((__m256i *)(first + 32 * i), even[i]);
        _mm256_storeu_si256((__m256i *)(second + 32 * i), odd[i]);
        sum[i] = _mm256_add_epi32(_mm256_madd_epi16(even[i], one), _mm256_madd_epi16(odd[i], one));
    }
    return (NAME(ints)){sum[0], sum[1]};
}
INLINE NAME(ints) NAME(store_long_codes)(int8_t *first, int8_t *second, const NAME(floats) *v) {
    NAME(ints) sum = NAME(start)(0);
    for (int i = 0; i < 4; i++) {
        __m256 r = _mm256_permutevar8x32_ps(NAME(words_of_two)(v[i].a, v[i].b), _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7));
        _mm_storeu_ps((float *)(first + 16 * i), _mm256_castps256_ps128(r));
        _mm_storeu_ps((float *)(second + 16 * i), _mm256_extractf128_ps(r, 1));
        sum = NAME(plus)(sum, (NAME(ints)){_mm256_cvtps_epi32(v[i].a), _mm256_cvtps_epi32(v[i].b)});
    }
    return sum;
}
enum { NAME(abreast) = 1 };
/* A number as f16, ties to even; and the other way round. */
INLINE uint16_t NAME(half_bits)(float x) {
    return (uint16_t)_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT));
}
INLINE float NAME(half_value)(uint16_t half) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half))); }
/* Square roots. */
INLINE float NAME(root)(float x) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))); }
INLINE double NAME(double_root)(double x) { return _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set1_pd(x))); }
/* Neighbours change places. */
INLINE NAME(floats) NAME(swap)(NAME(floats) v) {
    return (NAME(floats)){_mm256_permute_ps(v.a, 0xB1), _mm256_permute_ps(v.b, 0xB1)};
}
PACK_LANES
