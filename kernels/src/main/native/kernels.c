/*
 * Products of quantised weights with activations rounded to 8 bits, by integer dot products; of weights in 16 bits with
 * activations as they are, or rounded to bf16 where these are multiplied in pairs; attention; and vectors in few bits, as
 * caches hold them.
 *
 * Weights are packed once in panels of 16 rows, a lane for each row: 64 bytes hold four consecutive columns of 16 rows.
 * Zeros stand for rows that are not there. Every output is summed over the groups of its row in order, with the same roundings
 * for any number of tokens and, but for bf16, in every instruction set.
 */
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#include <unistd.h>
#endif

#define VERSION 11

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#define INLINE static inline __attribute__((always_inline))
/* Has registers of its own. */
#define APART static __attribute__((noinline))

/*
 * How far ahead weights are asked for where few tokens are over sooner than memory answers: for one token of ABREAST panels as
 * far as such streams are foreseen, of a panel that is left over the lines that come next, since the processor foresees the
 * others; where loads go back and forth in a block, and for several tokens, which leave less room to run ahead, as far as memory
 * takes. Streams that begin far apart, a few lines of each in turn, keep memory busier than one does, or than more lines of each.
 */
enum { LANES = 16, NEXT = 64, FAR = 1536, AHEAD = 4096, ABREAST = 4 };

/* Keeps what is read before it before what is read after it. */
INLINE void in_order(void) { __asm__ volatile("" ::: "memory"); }

/* Entries of a cache that meet queries at once, and queries at most. */
enum { BLOCK = 64, MOST_QUERIES = 64 };
/* Queries from which rows that each four would bring into registers anew are brought there for all. */
enum { MANY_QUERIES = 16 };

/* GGUF's numbers. */
enum type { F16 = 1, Q4_0 = 2, Q8_0 = 8, Q4_K = 12, Q6_K = 14, BF16 = 30 };

/*
 * A row's block of `elements` in `bytes`, its quants in [quants, quants + quant_bytes), with `zero` added. A packed panel is
 * a row of units: `meta` bytes of scales, then the quants of one or two blocks. Activations have a scale for each
 * `rounded` elements; sums of `group` products share a scale.
 */
struct format { int elements, bytes, quants, quant_bytes, zero, meta, blocks, group, rounded; };

static struct format format_of(int type) {
    switch (type) {
        case F16: return (struct format){1, 2, 0, 2, 0, 0, 1, 1, 1};
        case BF16: return (struct format){1, 2, 0, 2, 0, 0, 2, 1, 1};
        case Q8_0: return (struct format){32, 34, 2, 32, 128, 64, 2, 32, 32};
        case Q4_0: return (struct format){32, 18, 2, 16, 8, 64, 2, 32, 32};
        case Q4_K: return (struct format){256, 144, 16, 128, 0, 320, 1, 32, 256};
        case Q6_K: return (struct format){256, 210, 0, 192, 32, 320, 1, 16, 256};
        default: return (struct format){0};
    }
}

INLINE int64_t unit_bytes(struct format f) { return f.meta + f.blocks * LANES * f.quant_bytes; }

INLINE int64_t panel_bytes(struct format f, int columns) {
    int64_t blocks = columns / f.elements;
    return (blocks + f.blocks - 1) / f.blocks * unit_bytes(f);
}

INLINE float from_bits(uint32_t bits) { float x; memcpy(&x, &bits, 4); return x; }
INLINE uint32_t to_bits(float x) { uint32_t bits; memcpy(&bits, &x, 4); return bits; }

/* x rounded to the nearest number with 16 bits, ties to even; x is not negative. */
static float to_half(float x) {
    if (!(x < 65520.0f)) return x != x ? x : from_bits(0x7F800000);
    if (x < 0x1p-14f) return x + 0.5f - 0.5f; /* a multiple of 2^-24 */
    uint32_t bits = to_bits(x);
    return from_bits((bits + 0xFFF + (bits >> 13 & 1)) & ~0x1FFFu);
}

/* The nearest bf16, ties to even. */
INLINE uint16_t to_brain(float x) {
    uint32_t bits = to_bits(x);
    return (uint16_t)(x != x ? bits >> 16 | 64 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/*
 * Activations of tokens, in tiles of 8, then one of 4, one of 2 and a single one. A tile of n has n tokens' quants of a group
 * beside each other, then those of the next group; likewise the scales of the groups, and what their sums start with.
 * Activations that are not rounded stand in place of the scales, in groups of one.
 */
struct activations { const int8_t *quants; const float *scales; const int32_t *starts; int columns, groups; };

INLINE int tile_of(int token, int tokens) {
    int left = tokens - token / 8 * 8, at = token % 8;
    return left >= 8 ? 8 : at < (left & 4) ? 4 : at < (left & 6) ? 2 : 1;
}

/* Weights of whole bytes or fewer bits, whose zero the sums' starts take away, or plain unsigned ones. */
enum width { BYTES, BITS, PLAIN };

/* Columns of a panel whose weights are taken apart at a time for as many tokens as MANY, and what they are then: one a byte. */
enum { STRETCH = 512, MANY = 40 };
struct apart { _Alignas(64) uint8_t quants[STRETCH * LANES]; float scales[STRETCH / 16 * LANES], mins[STRETCH / 32 * LANES]; };

/* One token's panels come in streams that begin far apart, or one after another. */
enum order { IN_A_ROW, FAR_APART };

typedef void product(int type, enum order order, const uint8_t *panels, int64_t panel, int count, int rows,
                     struct activations x, int tokens, float *y, int64_t stride);
typedef void rounding(struct format f, const float *x, int columns, int token, int tokens, int8_t *quants, float *scales,
                      int32_t *starts);
typedef int64_t spin(int64_t rounds);

/*
 * How keys or values lie in a page; from the ninth bit on, the bits of their codes, from the 17th the entries of a group, from
 * the 25th whether its head has a product, single elements and a product of rank 1 in place of 2, whether two layers share its
 * entries and whether this one is the upper of them, and from the 33rd the bytes that what codes lose takes.
 */
enum kv { KV_F32, KV_F16, KV_BF16, KV_Q8_0, KV_Q4_0, KV_TOKEN, KV_CHANNEL, KV_SEPARABLE, KV_ROTATED };

/*
 * An entry has `bytes`: blocks of `block` elements in `block_bytes` with `lead` bytes of an f16 scale and minimum before the
 * codes. A group of entries follows `head` bytes that they share. The first `lost` of these say what codes lose: a product
 * of rank `rank`, as f16 the numbers of each entry, then those of each element, and `single` elements, as their number in 16 bits,
 * then for each its index in the group in 16 bits and an f16.
 *
 * Entries that two layers share are directions: as many as BLOCK, whole groups of them, follow their lengths in the lower and
 * then in the upper layer, as f16. Those of this layer begin behind `own` bytes of the `lengths`, which are 0 for all else.
 */
struct codec { enum kv kind; int bits, block, block_bytes, lead, bytes, group, head, lost, rank, single, lengths, own; };

static struct codec plain_codec(int type, int dimension) {
    int bits = type >> 8 & 255, padded = (dimension + 31) / 32 * 32, whole = padded * bits / 8;
    switch (type & 255) {
        case KV_F32: return (struct codec){KV_F32, 0, 0, 0, 0, 4 * dimension, 1, 0};
        case KV_F16: return (struct codec){KV_F16, 0, 0, 0, 0, 2 * dimension, 1, 0};
        case KV_BF16: return (struct codec){KV_BF16, 0, 0, 0, 0, 2 * dimension, 1, 0};
        case KV_Q8_0: return (struct codec){KV_Q8_0, 8, 32, 34, 2, padded / 32 * 34, 1, 0};
        case KV_Q4_0: return (struct codec){KV_Q4_0, 4, 32, 18, 2, padded / 32 * 18, 1, 0};
        case KV_TOKEN: return (struct codec){KV_TOKEN, bits, 32, 4 + 4 * bits, 4, padded / 32 * (4 + 4 * bits), 1, 0};
        case KV_CHANNEL: return (struct codec){KV_CHANNEL, bits, padded, whole, 0, whole, type >> 16, 4 * padded};
        case KV_SEPARABLE: return (struct codec){KV_SEPARABLE, bits, padded, 4 + whole, 4, 4 + whole, 64, 2 * padded};
        default: return (struct codec){KV_ROTATED, bits, padded, 4 + whole, 4, 4 + whole, 1, 0};
    }
}

static struct codec codec_of(int64_t type, int dimension) {
    struct codec codec = plain_codec((int)(type & 0xFFFFFF), dimension);
    if (type >> 27 & 1) {
        codec.lengths = 4 * BLOCK;
        codec.own = (int)(type >> 28 & 1) * 2 * BLOCK;
        if (codec.head == 0) codec.group = BLOCK;
    }
    codec.lost = (int)(type >> 32);
    if (codec.lost == 0) return codec;
    codec.group = BLOCK;
    codec.head += codec.lost;
    codec.rank = type >> 24 & 1 ? 2 - (int)(type >> 26 & 1) : 0;
    codec.single = type >> 25 & 1;
    return codec;
}

/* What codes of some bits are around. */
static inline float middle_of(struct codec c) { return c.bits == 8 ? 128 : c.bits == 4 ? 7.5f : 1.5f; }

/* Bytes of a block of 32 codes of two bits; entries behind a head that are decoded, since there are too few. */
enum { PAIR_STEP = 12, FEW = 8 };
#define LOG2E 1.44269504f
/* What is no larger counts as zero where its inverse would be infinite. */
#define LEAST 1e-30f

/* Rounds in which scales and minima are fitted to codes, and of the power iteration for what codes lose. */
enum { FITS = 3, ITERATIONS = 3 };

/* The least and the greatest of two; NaN if one is. */
static inline float lower_of(float x, float least) { return ((x < least) | (x != x)) ? x : least; }
static inline float upper_of(float x, float most) { return ((x > most) | (x != x)) ? x : most; }

/* The nearest code of [0, levels], of two the greater; 0 of NaN. */
static inline int code_of(float x, int levels) {
    x = x > 0 ? x : 0;
    x = x < (float)levels ? x : (float)levels;
    int whole = (int)x;
    return whole + (x - (float)whole >= 0.5f);
}

/* Elements at either end of n that stand apart: 1%. */
static inline int each_of(int n) {
    int each = (int)(0.01 * n + 0.5);
    return each > 1 ? each : 1;
}

/* Entries [from, to) of a page. */
struct run { const uint8_t *page; int32_t from, to; };

/*
 * Attention of queries x to the entries of some runs, which continues an online softmax: maxima and sums of each query, and
 * weighted values in out. What is added to an entry's scores, and its position, which must lie in [least, most] of a
 * query, stand one after another for all entries of all runs, or are missing.
 *
 * The key of a run's entry i is moved on by turn[run] + i * step positions, where there are turns; see struct turning.
 * Scores of all entries, as they are weighed, are kept `kept_stride` apart for each query, or the largest of each entry where
 * that is 0.
 */
struct attention {
    int64_t keys, values;
    int key_dimension, value_dimension, queries, runs;
    int64_t value_base;
    const struct run *run;
    float scale;
    const float *x, *addends;
    const int32_t *positions, *least, *most;
    float *maxima, *sums, *out;
    const int32_t *turn;
    int step, turn_stride, turn_pairs;
    const float *fine, *coarse, *quarter;
    float *kept;
    int64_t kept_stride;
};

/* Nobody asks for the values. */
enum { NO_VALUES = -1 };

/*
 * Up to BLOCK entries that meet the queries at once; the last stands for those that are missing. Their keys and their values
 * lie somewhere, some behind heads; if they are adjacent, all follow each other, but for heads between, the first of which comes
 * behind `leading` of them. They lie in so many pieces, each of which begins with entry number piece[i]. Values may be `alone`
 * behind a head.
 */
struct rows { const uint8_t *rows[BLOCK], *heads[BLOCK]; float lengths[BLOCK]; int adjacent, leading; };
struct block {
    int first, count;
    struct rows keys, values;
    int turns[BLOCK], pieces, alone;
    uint8_t piece[BLOCK];
};

/*
 * Rotations by whole positions: a row of `stride` cosines, then as many sines, for each of 0 to TURNS - 1 positions in `fine`
 * and for their multiples by TURNS in `coarse`. Of `pairs` pairs the elements are that far apart, or side by side where it is
 * 0. A key that is moved on by t is turned by what t is more than a multiple of TURNS: it is cos * key + sin * the other
 * elements of the pairs, the first elements' sines in `fine` being negated. Queries are turned back by the multiple: they are
 * cos * x - sin * y, y being x a quarter further.
 */
enum { TURNS = 32 };
struct turning { const float *fine, *coarse; int stride, pairs; };

/* Rows that lie `stride` bytes apart. */
struct table { const uint8_t *row; int64_t stride; };

/* The same, which compilers take for another: they would keep the addresses of all rows, for which registers do not suffice. */
static inline struct table renamed(struct table t) {
    __asm__ volatile("" : "+r"(t.row), "+r"(t.stride));
    return t;
}

static inline struct table below(struct table t, int rows) { return (struct table){t.row + rows * t.stride, t.stride}; }

/* Which entry comes next: of all, of which run and in that. */
struct cursor { int entry, run, at; };

/* What is added to a number before it is rounded, by its place in a block, the sixteen of a register and then finer. */
#define SIXTEENTHS(n) (n) / 16.0f - 63 / 128.0f
static const float THRESHOLDS[LANES] = {
    SIXTEENTHS(0), SIXTEENTHS(8), SIXTEENTHS(4), SIXTEENTHS(12), SIXTEENTHS(2), SIXTEENTHS(10), SIXTEENTHS(6), SIXTEENTHS(14),
    SIXTEENTHS(1), SIXTEENTHS(9), SIXTEENTHS(5), SIXTEENTHS(13), SIXTEENTHS(3), SIXTEENTHS(11), SIXTEENTHS(7), SIXTEENTHS(15)};
static const float FINER[BLOCK / LANES] = {0, 2 / 64.0f, 1 / 64.0f, 3 / 64.0f};

/* The places of a block out of order. */
static inline int out_of_order(int place) { return place * 29 % BLOCK; }

/* Of so many queries some are computed together. */
static inline int together(int queries) { return queries >= 4 ? 4 : queries >= 2 ? 2 : 1; }

/*
 * Queries in 8 bits, 32 elements a block: codes, scale of a block and sum of its elements. Of queries that are
 * computed together four elements stand beside each other, of the first query, then of the next: those that follow each
 * other or, for codes of two bits, every fourth of sixteen. Where rows are read 32 bytes at a time, `wide` has the words again;
 * see wide.h. For codes of eight bits queries have 15, the rest of which is `plane` bytes further, and `less` is added to sums of
 * products; see bytes.h.
 */
struct rounded { int8_t *codes; float *scales, *sums, *less; int blocks; int64_t plane; const int8_t *wide; };

/* Bytes that a block of a query takes there. */
enum { WIDE_BLOCK = 256 };

/* A number of each of four queries. */
typedef float four_floats __attribute__((vector_size(16)));
struct quartet { four_floats x; };

/* Numbers x[q * stride + i] of queries, i below n, beside each other: i after i, four queries after four; more may be anything. */
static void beside(const float *x, int stride, int n, int queries, struct quartet *turned) {
    int fours = (queries + 3) / 4;
    for (int q = 0; q < queries; q += 4) {
        const float *of[4];
        for (int k = 0; k < 4; k++) of[k] = x + (q + k < queries ? q + k : q) * stride;
        for (int i = 0; i < n; i++) turned[i * fours + q / 4].x = (four_floats){of[0][i], of[1][i], of[2][i], of[3][i]};
    }
}

typedef void attend(struct attention a);
typedef void top(const float *scores, int n, int count, int32_t *kept, uint32_t *scratch);
typedef void encode(struct codec c, float *x, int n, int dimension, float norm, const float *factors, uint8_t *to, float *room);
typedef void vote(float *scores, int64_t stride, int queries, int n, float *votes);

/* x = x * sigmoid(a function of x) * up. */
enum gate { SILU, GELU_TANH, GELU_QUICK };
typedef void gating(enum gate kind, float *y, const float *x, const float *up, int n);
typedef void norm(float *y, const float *x, const float *weight, float epsilon, int n);
typedef void add(float *y, const float *x, float factor, int n);
typedef void shorten(const float *x, int brains, int n, int stride, int dimension, uint16_t *to);
typedef void read_short(float *y, int brains, int n, int stride, int dimension, const uint8_t *from);
typedef void scale(float *y, float factor, int n);
typedef void turn(float *x, const float *cos, const float *sin, int vectors, int stride, int pairs, int interleaved);

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(f) JOIN(f, SET)

/* What lies between the two may use a target's instructions. */
#define DO(text) _Pragma(#text)
#ifdef __clang__
#define TARGET(t) DO(clang attribute push(__attribute__((target(t))), apply_to = function))
#define TARGET_END DO(clang attribute pop)
#else
#define TARGET(t) DO(GCC push_options) DO(GCC target(t))
#define TARGET_END DO(GCC pop_options)
#endif

struct set {
    const char *name;
    rounding *round; product *product; attend *attend; gating *gate; norm *norm; add *add; scale *scale; turn *turn;
    shorten *shorten; read_short *read_short; spin *spin; top *top; vote *vote; encode *encode;
};
#define ALL_ELSE(s)                                                                                                    \
    attend_##s, gate_##s, norm_##s, add_##s, scale_##s, turn_##s, shorten_##s, read_short_##s, spin_##s, top_##s, vote_##s, \
    encode_##s

/*
 * Without instructions that pack lanes. pack_keys writes those of 16 keys that lie in [least, most], pack_indices the indices,
 * `first` being the first, of those that are not below `least`; they return how many these are.
 */
#define PACK_LANES                                                                                                     \
    INLINE int NAME(pack_keys)(const uint32_t *keys, uint32_t least, uint32_t most, uint32_t *to) {                    \
        int n = 0;                                                                                                     \
        for (int i = 0; i < LANES; i++) to[n] = keys[i], n += keys[i] >= least && keys[i] <= most;                     \
        return n;                                                                                                      \
    }                                                                                                                  \
    INLINE int NAME(pack_indices)(const uint32_t *keys, uint32_t least, int first, int32_t *to) {                      \
        int n = 0;                                                                                                     \
        for (int i = 0; i < LANES; i++) to[n] = first + i, n += keys[i] >= least;                                      \
        return n;                                                                                                      \
    }

/* Numbers of 15 bits are at most so large. */
#define MOST_LONG 16256.0f

/*
 * Numbers of 15 bits as two bytes, the first of which is meant 128 times: sums of their products with bytes. How such numbers are
 * stored, of four numbers' sixteen lanes or of a block's, is told by each set, with what store_fours and store_codes return.
 */
#define LONG_BYTES                                                                                                     \
    struct NAME(long_ints) { NAME(ints) first, second; };                                                              \
    INLINE struct NAME(long_ints) NAME(no_long)(void) {                                                                \
        return (struct NAME(long_ints)){NAME(start)(0), NAME(start)(0)};                                               \
    }                                                                                                                  \
    INLINE struct NAME(long_ints) NAME(add_long)(struct NAME(long_ints) sum, NAME(ints) w, const int8_t *first,        \
                                                 const int8_t *second) {                                               \
        return (struct NAME(long_ints)){NAME(dot8_four)(sum.first, w, first), NAME(dot8_four)(sum.second, w, second)}; \
    }                                                                                                                  \
    INLINE NAME(ints) NAME(whole_long)(struct NAME(long_ints) sum) {                                                   \
        return NAME(plus)(NAME(times128)(sum.first), sum.second);                                                      \
    }

#if defined(__x86_64__) || defined(_M_X64)
#include <cpuid.h>
#include <immintrin.h>

/*
 * Whether a few rows come sooner if they are asked for past the second cache: on Zen 5 they do. On Zen 4 that makes attention take
 * half as long again, since fewer lines can be on their way to the first cache.
 */
static int past_second_cache;

__attribute__((constructor)) static void know_processor(void) {
    unsigned a, b, c, d;
    past_second_cache = __get_cpuid(1, &a, &b, &c, &d) && (a >> 8 & 15) == 15 && (a >> 20 & 255) == 11;
}

TARGET("avx2")
/* Four bytes of each of eight rows, which are four or more apart: each is read from so far ahead that it comes to its lane. */
INLINE __m256i eight_words(struct table t, int64_t at) {
    const uint8_t *row = t.row + at;
    int64_t step = t.stride - 4;
    __m256i v = _mm256_loadu_si256((const __m256i *)row);
/* Step by step: compilers would keep multiples of the step, for which registers do not suffice. */
#define WORD(i)                                                                                                        \
    row += step;                                                                                                       \
    __asm__("" : "+r"(row));                                                                                           \
    v = _mm256_blend_epi32(v, _mm256_loadu_si256((const __m256i *)row), 1 << i);
    WORD(1) WORD(2) WORD(3) WORD(4) WORD(5) WORD(6) WORD(7)
#undef WORD
    return v;
}
TARGET_END

#define SET avx512
#define WIDE_ROWS
TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
#include "avx512.h"
#include "elementwise.h"
#include "product.h"
#include "attention.h"
#include "search.h"
#include "encode.h"
TARGET_END
#undef WIDE_ROWS
#undef SET

#define SET avx2
TARGET("avx2,fma,f16c")
#include "avx2.h"
#include "elementwise.h"
#include "product.h"
#include "attention.h"
#include "search.h"
#include "encode.h"
TARGET_END
#undef SET

/* Older compilers do not know these instructions. */
#if defined(__clang__) || __GNUC__ >= 10
#define BRAINS
#define SET avx512bf16
TARGET("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma,f16c")
#include "brains.h"
TARGET_END
#undef SET
#endif

static const struct set SETS[] = {
    {"avx2", round_avx2, product_avx2, ALL_ELSE(avx2)},
    {"avx512", round_avx512, product_avx512, ALL_ELSE(avx512)},
#ifdef BRAINS
    {"avx512bf16", round_avx512bf16, product_avx512bf16, ALL_ELSE(avx512)},
#endif
};

static int best(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
    int wide = __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")
               && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#ifdef BRAINS
    if (wide && __builtin_cpu_supports("avx512bf16")) return 3;
#endif
    return wide ? 2 : 1;
}

#elif defined(__aarch64__)
enum { past_second_cache = 0 };
#include <arm_neon.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#define SET neon
#ifdef __clang__
TARGET("dotprod")
#else
TARGET("arch=armv8.2-a+dotprod")
#endif
#include "neon.h"
#include "elementwise.h"
#include "product.h"
#include "attention.h"
#include "search.h"
#include "encode.h"
TARGET_END
#undef SET

static const struct set SETS[] = {{"neon", round_neon, product_neon, ALL_ELSE(neon)}};

static int best(void) {
#ifdef __linux__
    return (getauxval(AT_HWCAP) & 1 << 20) != 0; /* asimddp */
#else
    return 1;
#endif
}

#else
static const struct set SETS[1];
static int best(void) { return 0; }
#endif

/*
 * How Java calls the functions below, by their address (JNI), since other ways take it milliseconds to make: with 14 numbers
 * of 64 bits and a result of 64 bits. A function with fewer parameters ignores the last ones, and what one without a result
 * leaves is ignored, as all calling conventions allow.
 */
EXPORT int64_t Java_dev_laconic_kernels_NativeLibrary_call(void *environment, void *class, int64_t function,
        int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, int64_t h, int64_t i, int64_t j,
        int64_t k, int64_t l, int64_t m, int64_t n) {
    typedef int64_t call(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
            int64_t, int64_t, int64_t, int64_t);
    (void)environment; (void)class;
    return ((call *)(intptr_t)function)(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}

/* Functions 222 and 223 of JNI: where an array's elements lie, which stay there until they are released; 0 for no array. */
static void *pin(void **environment, void *array) {
    typedef void *get(void *, void *, uint8_t *);
    return array ? ((get *)((void **)*environment)[222])(environment, array, 0) : 0;
}
static void release(void **environment, void *array, void *elements) {
    typedef void release(void *, void *, void *, int32_t);
    if (elements) ((release *)((void **)*environment)[223])(environment, array, elements, 0);
}

/*
 * Calls a function with places in up to three of Java's arrays of floats, which may be one array, and ten numbers; -1 if the
 * arrays cannot be had. A function writes to the first array alone, and soon returns: nothing is collected meanwhile.
 */
EXPORT int64_t Java_dev_laconic_kernels_NativeLibrary_callPinned(void **environment, void *class, int64_t function,
        void *a, int32_t a_offset, void *b, int32_t b_offset, void *c, int32_t c_offset, int64_t d, int64_t e, int64_t f,
        int64_t g, int64_t h, int64_t i, int64_t j, int64_t k, int64_t l, int64_t m) {
    typedef int64_t call(float *, float *, float *, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
            int64_t, int64_t);
    (void)class;
    float *x = pin(environment, a), *y = pin(environment, b), *z = pin(environment, c);
    int all = x && (y || !b) && (z || !c);
    if (all)
        ((call *)(intptr_t)function)(x + a_offset, y ? y + b_offset : 0, z ? z + c_offset : 0, d, e, f, g, h, i, j, k, l, m);
    release(environment, c, z);
    release(environment, b, y);
    release(environment, a, x);
    return all ? 0 : -1;
}

/*
 * Functions 31, 94 and 100 of JNI: the system's number of a file that Java has open, -1 once it is closed or where files have no
 * numbers.
 */
EXPORT int32_t Java_dev_laconic_kernels_NativeLibrary_number(void **environment, void *class, void *descriptor) {
    (void)class;
#ifndef _WIN32
    typedef void *class_of(void *, void *);
    typedef void *field(void *, void *, const char *, const char *);
    typedef int32_t get(void *, void *, void *);
    void **functions = *environment;
    void *fd = ((field *)functions[94])(environment, ((class_of *)functions[31])(environment, descriptor), "fd", "I");
    return ((get *)functions[100])(environment, descriptor, fd);
#else
    (void)environment; (void)descriptor;
    return -1;
#endif
}

/* Functions 171 and 200 of JNI: the bytes of an array, with a 0 behind them; 0 if they have no room. */
static char *bytes_of(void **environment, void *array, char *to, int room) {
    typedef int32_t length(void *, void *);
    typedef void region(void *, void *, int32_t, int32_t, char *);
    void **functions = *environment;
    int32_t n = ((length *)functions[171])(environment, array);
    if (n >= room) return 0;
    ((region *)functions[200])(environment, array, 0, n, to);
    to[n] = 0;
    return to;
}

/* The address of a function of a library that is loaded already, 0 if there is none. */
EXPORT int64_t Java_dev_laconic_kernels_NativeLibrary_symbol(void **environment, void *class, void *file, void *name) {
    char path[4096], text[256];
    int64_t address = 0;
    (void)class;
    if (!bytes_of(environment, file, path, sizeof path) || !bytes_of(environment, name, text, sizeof text)) return 0;
#ifdef _WIN32
    HMODULE library = GetModuleHandleA(path);
    if (library) address = (int64_t)(intptr_t)GetProcAddress(library, text);
#else
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (library) {
        address = (int64_t)(intptr_t)dlsym(library, text);
        dlclose(library);
    }
#endif
    return address;
}

/* Function 167 of JNI: a string of the ASCII characters at an address, up to a 0. */
EXPORT void *Java_dev_laconic_kernels_NativeLibrary_text(void **environment, void *class, int64_t address) {
    typedef void *string(void *, const char *);
    (void)class;
    return ((string *)((void **)*environment)[167])(environment, (const char *)(intptr_t)address);
}

EXPORT int64_t laconic_version(void) { return VERSION; }

/* How many instruction sets this processor has of those known here, weakest first: sets 0 to n - 1. */
EXPORT int64_t laconic_sets(void) { return best(); }

EXPORT const char *laconic_set_name(int64_t set) { return SETS[set].name; }

/* Memory on large pages where the system has them; zero if there is none. */
EXPORT void *laconic_allocate(int64_t bytes) {
#ifdef _WIN32
    return _aligned_malloc(bytes, 64);
#else
    void *memory = 0;
    size_t page = 2 << 20;
    int large = bytes >= (int64_t)page;
    if (posix_memalign(&memory, large ? page : 64, bytes)) return 0;
#ifdef MADV_HUGEPAGE
    if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
#endif
}

EXPORT int64_t laconic_free(void *memory) {
#ifdef _WIN32
    _aligned_free(memory);
#else
    free(memory);
#endif
    return 0;
}

/* Bytes of a packed panel of 16 rows; zero for types that are not known here. */
EXPORT int64_t laconic_panel_bytes(int64_t type, int64_t columns) {
    struct format f = format_of(type);
    return f.elements == 0 ? 0 : panel_bytes(f, columns);
}

/* Scales of 16 rows beside each other; K-quants' six-bit ones as bytes. */
static void pack_meta(int type, const uint8_t *block, int r, uint8_t *meta) {
    switch (type) {
        case Q4_K:
            memcpy(meta + 2 * r, block, 2);
            memcpy(meta + 32 + 2 * r, block + 2, 2);
            for (int g = 0; g < 8; g++) {
                const uint8_t *s = block + 4 + g;
                meta[64 + 16 * g + r] = g < 4 ? s[0] & 63 : (s[4] & 15) | s[-4] >> 6 << 4;
                meta[192 + 16 * g + r] = g < 4 ? s[4] & 63 : s[4] >> 4 | s[0] >> 6 << 4;
            }
            break;
        case Q6_K:
            for (int g = 0; g < 16; g++) meta[16 * g + r] = block[192 + g];
            memcpy(meta + 256 + 2 * r, block + 208, 2);
            break;
        default:
            memcpy(meta + 2 * r, block, 2);
    }
}

/* Rows of 16-bit weights beside each other, `together` columns of each, a stretch of columns after another. */
INLINE void pack_plain(int together, struct table piece, int rows, int64_t columns, uint16_t *packed) {
    for (int64_t start = 0; start < columns; start += 32)
        for (int r = 0; r < rows; r++) {
            const uint16_t *row = (const uint16_t *)below(piece, r).row;
            for (int64_t c = start; c < start + 32 && c < columns; c++)
                packed[(c / together * LANES + r) * together + c % together] = row[c];
        }
}

/* 16 bytes of each row, four at a time beside those of the other rows; rows that are not there are left out. */
INLINE void pack_quants(struct table piece, int rows, int64_t at, uint32_t flip, uint8_t *to) {
    int r = 0;
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
    typedef uint32_t quad __attribute__((vector_size(16)));
    for (; r + 4 <= rows; r += 4) {
        quad v[4];
        for (int i = 0; i < 4; i++) memcpy(&v[i], below(piece, r + i).row + at, 16);
        for (int i = 0; i < 4; i++) v[i] ^= flip;
        quad a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5), b = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
        quad c = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5), d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
        quad turned[4] = {__builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(a, c, 2, 3, 6, 7),
                          __builtin_shufflevector(b, d, 0, 1, 4, 5), __builtin_shufflevector(b, d, 2, 3, 6, 7)};
        for (int j = 0; j < 4; j++) memcpy(to + 4 * (LANES * j + r), &turned[j], 16);
    }
#endif
#endif
    for (; r < rows; r++)
        for (int j = 0; j < 4; j++) {
            uint32_t four;
            memcpy(&four, below(piece, r).row + at + 4 * j, 4);
            four ^= flip;
            memcpy(to + 4 * (LANES * j + r), &four, 4);
        }
}

/* Blocks of quantised rows beside each other, from block `first` of a panel on. */
static void pack_blocks(int type, struct table piece, int rows, int64_t first, int64_t count, uint8_t *panel) {
    struct format f = format_of(type);
    uint32_t flip = type == Q8_0 ? 0x80808080 : 0;
    for (int64_t b = first; b < first + count; b++) {
        uint8_t *unit = panel + b / f.blocks * unit_bytes(f);
        uint8_t *quants = unit + f.meta + b % f.blocks * LANES * f.quant_bytes;
        int64_t at = (b - first) * f.bytes;
        for (int j = 0; j < f.quant_bytes; j += 16) pack_quants(piece, rows, at + f.quants + j, flip, quants + LANES * j);
        for (int r = 0; r < rows; r++) pack_meta(type, below(piece, r).row + at, r, unit + b % f.blocks * 32);
    }
}

/* Bytes that are read of a matrix at a time. */
enum { PIECE = 1 << 17 };

/* Copies bytes of an open file; whether they could be had. */
static int read_file(int64_t file, int64_t offset, int64_t bytes, uint8_t *to) {
#ifndef _WIN32
    return file >= 0 && pread((int)file, to, bytes, offset) == bytes;
#else
    (void)file; (void)offset; (void)bytes; (void)to;
    return 0;
#endif
}

/* A matrix in memory, which may be mapped from a file that is open. */
struct matrix { const uint8_t *data; int64_t row_bytes, file, offset; };

/*
 * Bytes [at, at + bytes) of rows from `row` on, whole ones if they are more than 16. They are read from the file if there is one:
 * whoever first reads a mapping pays a fault for each few pages, which takes longer than all else that packing does.
 */
static struct table read_rows(struct matrix m, int64_t row, int64_t rows, int64_t at, int64_t bytes, uint8_t *room) {
    int64_t from = row * m.row_bytes + at, parts = bytes == m.row_bytes ? 1 : rows, each = rows * bytes / parts;
    for (int64_t i = 0; i < parts; i++)
        if (!read_file(m.file, m.offset + from + i * m.row_bytes, each, room + i * each))
            return (struct table){m.data + from, m.row_bytes};
    return (struct table){room, bytes};
}

/* Packs `count` blocks of a panel's rows, from block `first` on. */
static void pack_piece(int type, struct table piece, int rows, int64_t first, int64_t count, uint8_t *panel) {
    if (type == F16) pack_plain(1, piece, rows, count, (uint16_t *)panel + first * LANES);
    else if (type == BF16) pack_plain(2, piece, rows, count, (uint16_t *)panel + first * LANES);
    else pack_blocks(type, piece, rows, first, count, panel);
}

/* Packs panels [from, to) of a matrix, of which the first goes to packed[0]; file is -1 where data are no file's. */
EXPORT void laconic_pack(int64_t type, const uint8_t *data, int64_t file, int64_t offset, int64_t rows, int64_t columns,
                         int64_t from, int64_t to, uint8_t *packed) {
    struct format f = format_of(type);
    int64_t blocks = columns / f.elements, row_bytes = blocks * f.bytes, bytes = panel_bytes(f, columns);
    int64_t most = PIECE / (LANES * f.bytes), together = row_bytes > 0 ? PIECE / (LANES * row_bytes) : 0;
    struct matrix matrix = {data, row_bytes, file, offset};
    uint8_t room[PIECE];
    struct table piece = {room, row_bytes};
    for (int64_t panel = from, read = from; panel < to; panel++, packed += bytes) {
        int64_t row = panel * LANES;
        int present = rows - row < LANES ? (int)(rows - row) : LANES;
        if (present < LANES || blocks % f.blocks > 0) memset(packed, 0, bytes);
        if (together > 0) {
            if (panel == read) {
                read = panel + together < to ? panel + together : to;
                int64_t all = (read * LANES < rows ? read * LANES : rows) - row;
                piece = read_rows(matrix, row, all, 0, row_bytes, room);
            }
            pack_piece(type, piece, present, 0, blocks, packed);
            piece = below(piece, LANES);
        } else {
            for (int64_t b = 0; b < blocks; b += most) {
                int64_t some = blocks - b < most ? blocks - b : most;
                piece = read_rows(matrix, row, present, b * f.bytes, some * f.bytes, room);
                pack_piece(type, piece, present, b, some, packed);
            }
        }
    }
}

/*
 * Rounds activations to 8 bits, for weights of a type: of tokens [from, to) of `tokens`, `stride` apart, of which the first
 * begins at x.
 */
EXPORT void laconic_round(const float *x, const float *b, const float *c, int64_t set, int64_t type, int64_t columns,
                          int64_t from, int64_t to, int64_t stride, int64_t tokens, int8_t *quants, float *scales,
                          int32_t *starts) {
    (void)b; (void)c;
    for (int64_t token = from; token < to; token++, x += stride)
        SETS[set].round(format_of(type), x, columns, token, tokens, quants, scales, starts);
}

/*
 * y[t * stride + r] = row . token t of `tokens` from number `token` on, a multiple of 8, for the rows of panels [from, to),
 * of which the first is packed[0] and its first row y[0]; `rows` are the matrix's. The activations are as laconic_round wrote
 * them. From the ninth bit on, `type` says in which order one token meets the panels; the outputs are the same.
 */
EXPORT void laconic_product(int64_t set, int64_t type, const uint8_t *packed, int64_t rows, int64_t columns, int64_t from,
                            int64_t to, const int8_t *quants, const float *scales, const int32_t *starts, int64_t token,
                            int64_t tokens, float *y, int64_t stride) {
    enum order order = type >> 8;
    type &= 255;
    struct format f = format_of(type);
    int64_t bytes = panel_bytes(f, columns);
    int64_t groups = columns / f.group;
    struct activations x = {quants + token * columns, scales + token * groups, starts + token * groups, columns, groups};
    SETS[set].product(type, order, packed, bytes, to - from, rows - from * LANES, x, tokens, y, stride);
}

/* Attention, or products alone; at most MOST_QUERIES queries. The members of struct attention as numbers, in order. */
EXPORT int64_t laconic_attend(int64_t set, const int64_t *a) {
    SETS[set].attend((struct attention){
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], (const struct run *)a[7], from_bits((uint32_t)a[8]), (const float *)a[9],
        (const float *)a[10], (const int32_t *)a[11], (const int32_t *)a[12], (const int32_t *)a[13], (float *)a[14],
        (float *)a[15], (float *)a[16], (const int32_t *)a[17], a[18], a[19], a[20], (const float *)a[21],
        (const float *)a[22], (const float *)a[23], (float *)a[24], a[25]});
    return 0;
}

/*
 * Finds the `count` largest of n scores, ascending, of equal ones the last; count is in [1, n). Room is needed for 16 more
 * in `kept`, and for 2 n + 48 numbers in `scratch`.
 */
EXPORT void laconic_top(int64_t set, const float *scores, int64_t n, int64_t count, int32_t *kept, uint32_t *scratch) {
    SETS[set].top(scores, n, count, kept, scratch);
}

/* votes[i] = the sum over queries of the softmax of their n scores, which are overwritten; there is room for a multiple of 16. */
EXPORT void laconic_vote(int64_t set, float *scores, int64_t stride, int64_t queries, int64_t n, float *votes) {
    SETS[set].vote(scores, stride, queries, n, votes);
}

/*
 * Writes n vectors as a type has them, from the first entry of a page or of those that it writes one by one; x has them in
 * rows padded to a multiple of 32, and changes. They are turned by a Hadamard matrix first where `norm` is what its
 * pieces are scaled with, not 0. `factors` are those of the type's channels; it chooses them itself where there are none. There is
 * `room` for 4 * 64 vectors where a type corrects what its codes lose.
 */
EXPORT void laconic_encode(int64_t set, int64_t type, float *x, int64_t n, int64_t dimension, int64_t norm,
                           const float *factors, uint8_t *to, float *room) {
    SETS[set].encode(codec_of(type, dimension), x, n, dimension, from_bits((uint32_t)norm), factors, to, room);
}

/* Rows of `width` numbers that lie beside each other, to places `stride` apart. */
EXPORT void laconic_spread(float *y, const float *b, const float *c, const float *x, int64_t rows, int64_t width,
                           int64_t stride) {
    (void)b; (void)c;
    for (int64_t r = 0; r < rows; r++) memcpy(y + r * stride, x + r * width, width * sizeof(float));
}

EXPORT void laconic_gate(float *y, const float *x, const float *up, int64_t set, int64_t kind, int64_t n) {
    SETS[set].gate(kind, y, x, up, n);
}

EXPORT void laconic_norm(float *y, const float *x, const float *weight, int64_t set, int64_t epsilon, int64_t n) {
    SETS[set].norm(y, x, weight, from_bits((uint32_t)epsilon), n);
}

/* y += factor * x */
EXPORT void laconic_add(float *y, const float *x, const float *c, int64_t set, int64_t factor, int64_t n) {
    (void)c;
    SETS[set].add(y, x, from_bits((uint32_t)factor), n);
}

EXPORT void laconic_scale(float *y, const float *b, const float *c, int64_t set, int64_t factor, int64_t n) {
    (void)b; (void)c;
    SETS[set].scale(y, from_bits((uint32_t)factor), n);
}

EXPORT void laconic_turn(float *x, const float *cos, const float *sin, int64_t set, int64_t vectors, int64_t stride,
                         int64_t pairs, int64_t interleaved) {
    SETS[set].turn(x, cos, sin, vectors, stride, pairs, interleaved);
}

/* Writes n vectors that stand `stride` apart as f16 or bf16, beside each other. */
EXPORT void laconic_shorten(const float *x, const float *b, const float *c, int64_t set, int64_t brains, int64_t n,
                            int64_t stride, int64_t dimension, uint16_t *to) {
    (void)b; (void)c;
    SETS[set].shorten(x, brains, n, stride, dimension, to);
}

/* Reads n vectors in f16 or bf16 that lie beside each other, to places `stride` apart. */
EXPORT void laconic_read_short(float *y, const float *b, const float *c, int64_t set, int64_t brains, int64_t n, int64_t stride,
                             int64_t dimension, const uint8_t *from) {
    (void)b; (void)c;
    SETS[set].read_short(y, brains, n, stride, dimension, from);
}

/* Runs dot products that wait for nothing; returns how many multiplications and additions those were. */
EXPORT int64_t laconic_spin(int64_t set, int64_t rounds) { return SETS[set].spin(rounds); }

/* Reads memory once and as fast as it comes; bytes is a multiple of 2048. */
EXPORT int64_t laconic_read(const uint8_t *memory, int64_t bytes) {
    typedef uint64_t line __attribute__((vector_size(64), aligned(8), may_alias));
    line sum[2] = {{0}};
    int64_t stream = bytes / ABREAST;
    for (int64_t at = 0; at < stream; at += 128)
        for (int p = 0; p < ABREAST; p++)
            for (int i = 0; i < 2; i++) {
                const uint8_t *from = memory + p * stream + at + 64 * i;
                __builtin_prefetch(from + FAR);
                in_order();
                sum[i] ^= *(const line *)from;
                in_order();
            }
    int64_t all = 0;
    for (int i = 0; i < 8; i++) all ^= (int64_t)(sum[0][i] ^ sum[1][i]);
    return all;
}
