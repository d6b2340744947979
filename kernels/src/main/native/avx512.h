/* 16 lanes in one register, with VNNI's dot products of unsigned weights and signed activations. */
typedef __m512i NAME(ints);
typedef __m512 NAME(floats);

/* Panels and tokens whose sums have registers at once. */
enum { NAME(WIDE) = 3, NAME(DEEP) = 4 };

INLINE __m512i NAME(load)(const uint8_t *p) { return _mm512_loadu_si512(p); }
typedef __m512i NAME(quad);

/* What x is, a compiler no longer knows. */
INLINE void NAME(hide)(NAME(quad) *x) { __asm__("" : "+v"(*x)); }
INLINE __m512i NAME(four)(const int8_t *p) {
    int32_t bits;
    memcpy(&bits, p, 4);
    return _mm512_set1_epi32(bits);
}
/* What a sum starts with where weights are whole bytes, and where they have fewer bits. */
INLINE __m512i NAME(start8)(int32_t start) { return _mm512_set1_epi32(start); }
INLINE __m512i NAME(start)(int32_t start) { return _mm512_set1_epi32(start); }
/* Adds products of whole bytes, and of unsigned weights below 64. */
INLINE __m512i NAME(dot8)(__m512i sum, __m512i w, __m512i x) { return _mm512_dpbusd_epi32(sum, w, x); }
/* In place: compilers copy the sums of the intrinsic from register to register. */
INLINE __m512i NAME(dot)(__m512i sum, __m512i w, __m512i x) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
    return sum;
}
/* The same with four numbers for all lanes. */
INLINE __m512i NAME(dot_four)(__m512i sum, __m512i w, const int8_t *x) {
    __asm__("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(w), "m"(*(const int8_t (*)[4])x));
    return sum;
}
/* Products have sums of 32 bits at once. */
INLINE int NAME(run)(int type) { (void)type; return 1; }
INLINE __m512i NAME(dot_run)(__m512i sum, const uint8_t *w, const int8_t *x, int run) {
    (void)run;
    return NAME(dot_four)(sum, NAME(load)(w), x);
}
/* (v >> shift) & mask for each byte, then shifted left. */
INLINE __m512i NAME(bits)(__m512i v, int shift, int mask, int left) {
    if (shift > 0) v = _mm512_srli_epi16(v, shift);
    v = _mm512_and_si512(v, _mm512_set1_epi8((char)mask));
    return left > 0 ? _mm512_slli_epi16(v, left) : v;
}
INLINE __m512i NAME(or)(__m512i a, __m512i b) { return _mm512_or_si512(a, b); }
INLINE __m512i NAME(plus)(__m512i a, __m512i b) { return _mm512_add_epi32(a, b); }
INLINE __m512 NAME(to_floats)(__m512i v) { return _mm512_cvtepi32_ps(v); }
/* (v >> shift) & mask for each lane, as a number. */
INLINE __m512 NAME(field)(__m512i v, int shift, int mask) {
    return _mm512_cvtepi32_ps(_mm512_and_si512(_mm512_srli_epi32(v, shift), _mm512_set1_epi32(mask)));
}
INLINE __m512 NAME(halves)(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE __m512 NAME(unsigned_bytes)(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
INLINE __m512 NAME(signed_bytes)(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
INLINE __m512 NAME(sum)(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
INLINE __m512 NAME(difference)(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
INLINE __m512 NAME(mul)(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
INLINE __m512 NAME(divide)(__m512 a, __m512 b) { return _mm512_div_ps(a, b); }
INLINE __m512 NAME(add_scaled)(__m512 sum, __m512 a, float b) { return _mm512_fmadd_ps(a, _mm512_set1_ps(b), sum); }
INLINE __m512 NAME(no_floats)(void) { return _mm512_setzero_ps(); }
INLINE void NAME(put)(uint8_t *p, NAME(ints) v) { _mm512_storeu_si512(p, v); }
INLINE void NAME(store)(float *p, __m512 v) { _mm512_storeu_ps(p, v); }

INLINE __m512 NAME(numbers)(const float *p) { return _mm512_loadu_ps(p); }
INLINE __m512 NAME(all)(float x) { return _mm512_set1_ps(x); }
INLINE __m512 NAME(fma)(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
INLINE __m512 NAME(brains)(const uint8_t *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
/* bf16 in the lower or the upper half of each lane. */
INLINE __m512 NAME(low_brains)(__m512i v) { return _mm512_castsi512_ps(_mm512_slli_epi32(v, 16)); }
INLINE __m512 NAME(high_brains)(__m512i v) {
    return _mm512_castsi512_ps(_mm512_and_si512(v, _mm512_set1_epi32((int)0xFFFF0000)));
}
/* f16 in the lower or the upper half of each lane. */
INLINE __m512 NAME(low_halves)(__m512i v) { return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(v)); }
INLINE __m512 NAME(high_halves)(__m512i v) { return NAME(low_halves)(_mm512_srli_epi32(v, 16)); }
/* Lane i is the sum of v[i]'s lanes. */
INLINE __m512 NAME(sums)(const __m512 *v) {
    __m512 a[8], b[4];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        a[i] = _mm512_add_ps(_mm512_unpacklo_ps(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_ps(v[2 * i], v[2 * i + 1]));
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __m512d x = _mm512_castps_pd(a[2 * i]), y = _mm512_castps_pd(a[2 * i + 1]);
        b[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(x, y)), _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
        a[i] = _mm512_add_ps(_mm512_shuffle_f32x4(b[2 * i], b[2 * i + 1], 0x88),
                             _mm512_shuffle_f32x4(b[2 * i], b[2 * i + 1], 0xDD));
    return _mm512_add_ps(_mm512_shuffle_f32x4(a[0], a[1], 0x88), _mm512_shuffle_f32x4(a[0], a[1], 0xDD));
}
/* Eight numbers twice. */
INLINE __m512 NAME(twice)(const float *p) { return _mm512_broadcast_f32x8(_mm256_loadu_ps(p)); }
/* Eight numbers of 16 bits beside eight others, and the next eight beside the others' next. */
INLINE void NAME(words_of_two)(const uint8_t *p, const uint8_t *other, __m256i *out) {
    __m256i a = _mm256_loadu_si256((const __m256i *)p), b = _mm256_loadu_si256((const __m256i *)other);
    out[0] = _mm256_inserti128_si256(a, _mm256_castsi256_si128(b), 1);
    out[1] = _mm256_permute2x128_si256(a, b, 0x31);
}
INLINE void NAME(halves_of_two)(const uint8_t *p, const uint8_t *other, __m512 *out) {
    __m256i words[2];
    NAME(words_of_two)(p, other, words);
    for (int i = 0; i < 2; i++) out[i] = _mm512_cvtph_ps(words[i]);
}
INLINE void NAME(brains_of_two)(const uint8_t *p, const uint8_t *other, __m512 *out) {
    __m256i words[2];
    NAME(words_of_two)(p, other, words);
    for (int i = 0; i < 2; i++) out[i] = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(words[i]), 16));
}
/* Eight lanes to one place, the others to another. */
INLINE void NAME(store_two)(float *p, float *other, __m512 v) {
    _mm256_storeu_ps(p, _mm512_castps512_ps256(v));
    _mm256_storeu_ps(other, _mm512_extractf32x8_ps(v, 1));
}
/*
 * Of eight registers the sums of the first eight lanes and of the others: those of the first four registers' first lanes, then of
 * their others, and the same of the last four.
 */
INLINE __m512 NAME(sums_of_two)(const __m512 *v) {
    __m512 a[4], b[2];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        a[i] = _mm512_add_ps(_mm512_shuffle_f32x4(v[i], v[i + 4], 0x88), _mm512_shuffle_f32x4(v[i], v[i + 4], 0xDD));
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
        b[i] = _mm512_add_ps(_mm512_mask_blend_ps(0xCCCC, a[2 * i], a[2 * i + 1]),
                             _mm512_shuffle_ps(a[2 * i], a[2 * i + 1], 0x4E));
    return _mm512_add_ps(_mm512_shuffle_ps(b[0], b[1], 0x88), _mm512_shuffle_ps(b[0], b[1], 0xDD));
}
/* In each quarter out[j] has lane j of v[0] to v[3]. */
INLINE void NAME(turn_lanes)(const __m512i *v, __m512i *out) {
    __m512i a = _mm512_unpacklo_epi32(v[0], v[1]), b = _mm512_unpacklo_epi32(v[2], v[3]);
    __m512i c = _mm512_unpackhi_epi32(v[0], v[1]), d = _mm512_unpackhi_epi32(v[2], v[3]);
    out[0] = _mm512_unpacklo_epi64(a, b);
    out[1] = _mm512_unpackhi_epi64(a, b);
    out[2] = _mm512_unpacklo_epi64(c, d);
    out[3] = _mm512_unpackhi_epi64(c, d);
}
/* Four bytes of each of 16 rows in turn: out[j] has bytes 4 j to 4 j + 4 from `at` on. */
INLINE void NAME(transpose)(struct table t, int64_t at, __m512i *out) {
    __m512i v[4];
    const uint8_t *first = t.row + at, *second = first + 4 * t.stride, *third = second + 4 * t.stride, *last = third + 4 * t.stride;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __m512i r = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(first + i * t.stride)));
        r = _mm512_inserti32x4(r, _mm_loadu_si128((const __m128i *)(second + i * t.stride)), 1);
        r = _mm512_inserti32x4(r, _mm_loadu_si128((const __m128i *)(third + i * t.stride)), 2);
        v[i] = _mm512_inserti32x4(r, _mm_loadu_si128((const __m128i *)(last + i * t.stride)), 3);
    }
    NAME(turn_lanes)(v, out);
}
/* Four bytes of each of 16 rows. */
INLINE __m512i NAME(read_words)(struct table t, int64_t at) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(eight_words(t, at)), eight_words(below(t, 8), at), 1);
}
/* 16 bytes of each of four rows: lane i has byte i of all. */
INLINE __m512i NAME(interleave)(struct table t, int64_t at) {
    const uint8_t *a = t.row + at;
    __m512i r = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)a));
    r = _mm512_inserti32x4(r, _mm_loadu_si128((const __m128i *)(a + t.stride)), 1);
    r = _mm512_inserti32x4(r, _mm_loadu_si128((const __m128i *)(a + 2 * t.stride)), 2);
    r = _mm512_inserti32x4(r, _mm_loadu_si128((const __m128i *)(a + 3 * t.stride)), 3);
    __m512i words = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m128i bytes = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_shuffle_epi8(_mm512_permutexvar_epi32(words, r), _mm512_broadcast_i32x4(bytes));
}
/* The same of these 16 bytes and of the next. */
INLINE void NAME(interleave_both)(struct table t, int64_t at, __m512i *out) {
    const uint8_t *row = t.row + at;
    __m512i a = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)row)), b;
    a = _mm512_inserti64x4(a, _mm256_loadu_si256((const __m256i *)(row + t.stride)), 1);
    b = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(row + 2 * t.stride)));
    b = _mm512_inserti64x4(b, _mm256_loadu_si256((const __m256i *)(row + 3 * t.stride)), 1);
    __m512i words = _mm512_setr_epi32(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
    __m512i next = _mm512_add_epi32(words, _mm512_set1_epi32(4));
    __m128i bytes = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    out[0] = _mm512_shuffle_epi8(_mm512_permutex2var_epi32(a, words, b), _mm512_broadcast_i32x4(bytes));
    out[1] = _mm512_shuffle_epi8(_mm512_permutex2var_epi32(a, next, b), _mm512_broadcast_i32x4(bytes));
}
/* The same of two pieces of 8 bytes. */
INLINE __m512i NAME(interleave_pair)(struct table t, int64_t at, int64_t other) {
    __m128i r[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        const uint8_t *row = t.row + i * t.stride;
        r[i] = _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(row + at))),
                                             (const __m64 *)(row + other)));
    }
    __m512i all = _mm512_inserti32x4(_mm512_castsi128_si512(r[0]), r[1], 1);
    all = _mm512_inserti32x4(_mm512_inserti32x4(all, r[2], 2), r[3], 3);
    __m512i words = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m128i bytes = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_shuffle_epi8(_mm512_permutexvar_epi32(words, all), _mm512_broadcast_i32x4(bytes));
}
/* Adds products with one quad in the lower eight lanes and with another in the upper. */
INLINE __m512i NAME(dot_both)(__m512i sum, __m512i w, __m512i lower, __m512i upper) {
    return _mm512_dpbusd_epi32(sum, w, _mm512_mask_mov_epi32(lower, 0xFF00, upper));
}
/* Lanes i, i + 4, i + 8 and i + 12 beside each other, for i from 0 to 4. */
INLINE __m512 NAME(turn_numbers)(__m512 v) {
    return _mm512_permutexvar_ps(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), v);
}
INLINE __m512 NAME(max)(__m512 a, __m512 b) { return _mm512_max_ps(a, b); }
/* The largest lane, and the sum of all. */
INLINE float NAME(largest)(__m512 v) { return _mm512_reduce_max_ps(v); }
INLINE float NAME(total)(__m512 v) { return _mm512_reduce_add_ps(v); }
INLINE __m512 NAME(max_magnitude)(__m512 most, __m512 v) { return _mm512_max_ps(most, _mm512_abs_ps(v)); }
/* Lane 4 i + q is of v[q]: its largest lane, or the sum of all. */
#define OF_FOUR(name, with)                                                                                            \
    INLINE __m512 NAME(name)(const __m512 *v) {                                                                        \
        __m512d a = _mm512_castps_pd(with(_mm512_unpacklo_ps(v[0], v[1]), _mm512_unpackhi_ps(v[0], v[1])));            \
        __m512d b = _mm512_castps_pd(with(_mm512_unpacklo_ps(v[2], v[3]), _mm512_unpackhi_ps(v[2], v[3])));            \
        __m512 r = with(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));       \
        r = with(r, _mm512_shuffle_f32x4(r, r, 0x4E));                                                                 \
        return with(r, _mm512_shuffle_f32x4(r, r, 0xB1));                                                              \
    }
OF_FOUR(largest_of_four, _mm512_max_ps)
OF_FOUR(totals_of_four, _mm512_add_ps)
#undef OF_FOUR
/* Lane 4 i + q is number q of four. */
INLINE __m512 NAME(of_four)(const float *p) { return _mm512_broadcast_f32x4(_mm_loadu_ps(p)); }
/* Whether any lane of a is above b's. */
INLINE int NAME(any_above)(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0; }
/* Lane q of four in all of them. */
INLINE __m512 NAME(one_of_four)(__m512 v, int q) { return _mm512_permutevar_ps(v, _mm512_set1_epi32(q)); }
/* Rounds 64 numbers to bytes; the lanes of what is returned have their sum. */
INLINE __m512i NAME(store_codes)(int8_t *p, const __m512 *v) {
    __m512i a = _mm512_cvtps_epi32(v[0]), b = _mm512_cvtps_epi32(v[1]), c = _mm512_cvtps_epi32(v[2]), d = _mm512_cvtps_epi32(v[3]);
    __m512i packed = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
    __m512i words = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_storeu_si512(p, _mm512_permutexvar_epi32(words, packed));
    return _mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d));
}
/* Rounds 16 numbers of each of four to bytes: four of the first, of the second ...; lane 4 i + q has the sum of four of q. */
INLINE __m512i NAME(store_fours)(int8_t *p, const __m512 *v) {
    __m512i a = _mm512_packs_epi32(_mm512_cvtps_epi32(v[0]), _mm512_cvtps_epi32(v[1]));
    __m512i b = _mm512_packs_epi32(_mm512_cvtps_epi32(v[2]), _mm512_cvtps_epi32(v[3]));
    __m512i packed = _mm512_packs_epi16(a, b);
    _mm512_storeu_si512(p, packed);
    return NAME(dot)(_mm512_setzero_si512(), _mm512_set1_epi8(1), packed);
}
/* Lane 4 i + q becomes the sum of such lanes for all i. */
INLINE __m512 NAME(add_quarters)(__m512 v) {
    v = _mm512_add_ps(v, _mm512_shuffle_f32x4(v, v, 0x4E));
    return _mm512_add_ps(v, _mm512_shuffle_f32x4(v, v, 0xB1));
}
/* Adds products of whole bytes with four numbers for all lanes; what bytes have more there than what they are around. */
INLINE __m512i NAME(dot8_four)(__m512i sum, __m512i w, const int8_t *x) { return NAME(dot_four)(sum, w, x); }
enum { NAME(excess) = 128 };
INLINE __m512i NAME(times128)(__m512i v) { return _mm512_slli_epi32(v, 7); }
INLINE __m512i NAME(flip)(__m512i v, __m512i by) { return _mm512_xor_si512(v, by); }
LONG_BYTES
/* Of each four lanes of four numbers both bytes. */
INLINE void NAME(bytes_of_long)(const __m512 *v, __m512i *first, __m512i *second) {
    __m512i whole[2], high[2];
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        whole[i] = _mm512_packs_epi32(_mm512_cvtps_epi32(v[2 * i]), _mm512_cvtps_epi32(v[2 * i + 1]));
        high[i] = _mm512_srai_epi16(_mm512_add_epi16(whole[i], _mm512_set1_epi16(64)), 7);
        whole[i] = _mm512_sub_epi16(whole[i], _mm512_slli_epi16(high[i], 7));
    }
    *first = _mm512_packs_epi16(high[0], high[1]);
    *second = _mm512_packs_epi16(whole[0], whole[1]);
}
INLINE __m512i NAME(store_long_fours)(int8_t *first, int8_t *second, const __m512 *v) {
    __m512i a, b, one = _mm512_set1_epi8(1);
    NAME(bytes_of_long)(v, &a, &b);
    _mm512_storeu_si512(first, a);
    _mm512_storeu_si512(second, b);
    struct NAME(long_ints) sum = NAME(no_long)();
    return NAME(whole_long)((struct NAME(long_ints)){NAME(dot)(sum.first, one, a), NAME(dot)(sum.second, one, b)});
}
INLINE __m512i NAME(store_long_codes)(int8_t *first, int8_t *second, const __m512 *v) {
    __m512i sum = NAME(store_long_fours)(first, second, v);
    __m512i words = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_storeu_si512(first, _mm512_permutexvar_epi32(words, _mm512_loadu_si512(first)));
    _mm512_storeu_si512(second, _mm512_permutexvar_epi32(words, _mm512_loadu_si512(second)));
    return sum;
}
/* Sets of 16 entries whose codes meet queries abreast. */
enum { NAME(abreast) = 2 };
/* Whether codes may be multiplied where they lie in a byte, and sums scaled for it. */
enum { NAME(in_place) = 1 };
/* The nearest whole numbers; p times 2 to the power of such, which is 0 for the least. */
INLINE __m512 NAME(nearest)(__m512 v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE __m512 NAME(add_exponent)(__m512 p, __m512 whole) { return _mm512_scalef_ps(p, whole); }
enum { NAME(least_power) = -200 };
/* One f16 in all lanes. */
INLINE __m512 NAME(all_halves)(const uint8_t *p) {
    int16_t bits;
    memcpy(&bits, p, 2);
    return _mm512_cvtph_ps(_mm256_set1_epi16(bits));
}
INLINE __m512i NAME(widened)(const uint8_t *p) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)); }
/* Bits 2 j and 2 j + 1 in lane j. */
INLINE __m512i NAME(twos)(int32_t word) {
    __m512i shifts = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_and_si512(_mm512_srlv_epi32(_mm512_set1_epi32(word), shifts), _mm512_set1_epi32(3));
}
INLINE void NAME(store_bytes)(int8_t *p, __m512 v) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(v)));
}
/* A number as f16, ties to even; and the other way round. */
INLINE uint16_t NAME(half_bits)(float x) {
    return (uint16_t)_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT));
}
INLINE float NAME(half_value)(uint16_t half) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half))); }
/* Square roots. */
INLINE float NAME(root)(float x) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))); }
INLINE double NAME(double_root)(double x) { return _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set1_pd(x))); }
/* Neighbours change places. */
INLINE __m512 NAME(swap)(__m512 v) { return _mm512_permute_ps(v, 0xB1); }
/* Writes those of 16 keys that lie in [least, most], and returns how many these are. */
INLINE int NAME(pack_keys)(const uint32_t *keys, uint32_t least, uint32_t most, uint32_t *to) {
    __m512i v = _mm512_loadu_si512(keys);
    __mmask16 in = _mm512_cmpge_epu32_mask(v, _mm512_set1_epi32(least)) & _mm512_cmple_epu32_mask(v, _mm512_set1_epi32(most));
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(in, v));
    return __builtin_popcount(in);
}
/* Writes the indices, `first` being the first, of those of 16 keys that are not below `least`; returns how many these are. */
INLINE int NAME(pack_indices)(const uint32_t *keys, uint32_t least, int first, int32_t *to) {
    __m512i i = _mm512_add_epi32(_mm512_set1_epi32(first), _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    __mmask16 in = _mm512_cmpge_epu32_mask(_mm512_loadu_si512(keys), _mm512_set1_epi32(least));
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(in, i));
    return __builtin_popcount(in);
}
