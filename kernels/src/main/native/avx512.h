/* 16 lanes in one register, with VNNI's dot products of unsigned weights and signed activations. */
typedef __m512i NAME(ints);
typedef __m512 NAME(floats);

INLINE __m512i NAME(load)(const uint8_t *p) { return _mm512_loadu_si512(p); }
typedef __m512i NAME(quad);

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
INLINE __m512i NAME(dot)(__m512i sum, __m512i w, __m512i x) { return _mm512_dpbusd_epi32(sum, w, x); }
/* (v >> shift) & mask for each byte, then shifted left. */
INLINE __m512i NAME(bits)(__m512i v, int shift, int mask, int left) {
    __m512i m = _mm512_set1_epi8(mask);
    return _mm512_slli_epi16(_mm512_and_si512(_mm512_srli_epi16(v, shift), m), left);
}
INLINE __m512i NAME(or)(__m512i a, __m512i b) { return _mm512_or_si512(a, b); }
INLINE __m512 NAME(to_floats)(__m512i v) { return _mm512_cvtepi32_ps(v); }
INLINE __m512 NAME(halves)(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE __m512 NAME(unsigned_bytes)(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
INLINE __m512 NAME(signed_bytes)(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
INLINE __m512 NAME(mul)(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
INLINE __m512 NAME(add_scaled)(__m512 sum, __m512 a, float b) { return _mm512_fmadd_ps(a, _mm512_set1_ps(b), sum); }
INLINE __m512 NAME(no_floats)(void) { return _mm512_setzero_ps(); }
INLINE void NAME(store)(float *p, __m512 v) { _mm512_storeu_ps(p, v); }
