/* 16 lanes in two registers. Dot products go by 16 bits, which pairs of products fit into: those of whole bytes only
   between a magnitude and a signed number. */
typedef struct { __m256i a, b; } NAME(ints);
typedef struct { __m256 a, b; } NAME(floats);

INLINE NAME(ints) NAME(load)(const uint8_t *p) {
    return (NAME(ints)){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32))};
}
typedef __m256i NAME(quad);

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
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1)));
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
INLINE NAME(ints) NAME(bits)(NAME(ints) v, int shift, int mask, int left) {
    __m256i m = _mm256_set1_epi8(mask);
    return (NAME(ints)){_mm256_slli_epi16(_mm256_and_si256(_mm256_srli_epi16(v.a, shift), m), left),
                        _mm256_slli_epi16(_mm256_and_si256(_mm256_srli_epi16(v.b, shift), m), left)};
}
INLINE NAME(ints) NAME(or)(NAME(ints) a, NAME(ints) b) {
    return (NAME(ints)){_mm256_or_si256(a.a, b.a), _mm256_or_si256(a.b, b.b)};
}
INLINE NAME(floats) NAME(to_floats)(NAME(ints) v) {
    return (NAME(floats)){_mm256_cvtepi32_ps(v.a), _mm256_cvtepi32_ps(v.b)};
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
INLINE NAME(floats) NAME(mul)(NAME(floats) a, NAME(floats) b) {
    return (NAME(floats)){_mm256_mul_ps(a.a, b.a), _mm256_mul_ps(a.b, b.b)};
}
INLINE NAME(floats) NAME(add_scaled)(NAME(floats) sum, NAME(floats) a, float b) {
    __m256 v = _mm256_set1_ps(b);
    return (NAME(floats)){_mm256_fmadd_ps(a.a, v, sum.a), _mm256_fmadd_ps(a.b, v, sum.b)};
}
INLINE NAME(floats) NAME(no_floats)(void) { return (NAME(floats)){_mm256_setzero_ps(), _mm256_setzero_ps()}; }
INLINE void NAME(store)(float *p, NAME(floats) v) {
    _mm256_storeu_ps(p, v.a);
    _mm256_storeu_ps(p + 8, v.b);
}
