/* The largest of many scores, and votes, over one instruction set. */

/*
 * The digit of `bits` bits that the count-th largest of n keys has at `shift`; the count becomes its rank among the `same`
 * that have this digit as well.
 */
static uint32_t NAME(digit)(const uint32_t *keys, int n, int shift, int bits, int *count, int *same) {
    /* Two tables: keys that follow each other often have one digit, and would wait for each other. */
    uint32_t counts[2][1 << 11], digit = (1 << bits) - 1, mask = digit;
    int i = 0;
    memset(counts, 0, sizeof counts);
    for (; i + 2 <= n; i += 2) {
        counts[0][keys[i] >> shift & mask]++;
        counts[1][keys[i + 1] >> shift & mask]++;
    }
    if (i < n) counts[0][keys[i] >> shift & mask]++;
    for (;; digit--) {
        *same = counts[0][digit] + counts[1][digit];
        if (*same >= *count) return digit;
        *count -= *same;
    }
}

/* The count-th largest of n keys, which are moved about; the count becomes its rank among those equal to it, `same` of them. */
static uint32_t NAME(nth)(uint32_t *keys, int n, int *count, int *same) {
    static const int SHIFTS[] = {21, 10, 0}, BITS[] = {11, 11, 10};
    uint32_t key = 0;
    for (int i = 0; i < 3; i++) {
        int left = 0;
        key = key << BITS[i] | NAME(digit)(keys, n, SHIFTS[i], BITS[i], count, same);
        for (int j = 0; i < 2 && j < n; j++) {
            uint32_t each = keys[j];
            keys[left] = each;
            left += each >> SHIFTS[i] == key;
        }
        n = left;
    }
    return key;
}

/*
 * See laconic_top. Keys have the order of the scores; NaN stands above all. Of many, a sample tells between which two keys the
 * count-th largest almost surely lies, so that only those between them are looked through.
 */
static void NAME(top)(const float *scores, int n, int count, int32_t *kept, uint32_t *scratch) {
    enum { SAMPLE = 1024, MARGIN = 64 };
    int padded = (n + LANES - 1) / LANES * LANES, above = 0, found = 0, same;
    uint32_t *keys = scratch, *near = scratch + padded, low = 1, high = 0xFFFFFFFF;
    for (int i = 0; i < n; i++) {
        uint32_t bits = to_bits(scores[i]);
        uint32_t key = bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
        keys[i] = (bits & 0x7FFFFFFF) > 0x7F800000 ? 0xFFFFFFFF : key;
    }
    for (int i = n; i < padded; i++) keys[i] = 0;
    if (n >= 8 * SAMPLE) {
        int rank = (int)((int64_t)count * SAMPLE / n), most = rank - MARGIN, least = rank + MARGIN;
        for (int i = 0; i < SAMPLE; i++) near[i] = near[SAMPLE + i] = keys[(int64_t)i * n / SAMPLE];
        if (most > 0) high = NAME(nth)(near, SAMPLE, &most, &same);
        if (least <= SAMPLE) low = NAME(nth)(near + SAMPLE, SAMPLE, &least, &same);
    }
    for (;;) {
        for (int i = 0; i < n; i++) above += keys[i] > high;
        for (int i = 0; i < padded; i += LANES) found += NAME(pack_keys)(keys + i, low, high, near + found);
        if (above < count && count <= above + found) break;
        above = found = 0, low = 1, high = 0xFFFFFFFF;
    }
    count -= above;
    uint32_t least = NAME(nth)(near, found, &count, &same);
    int to = 0, left_out = same - count;
    if (left_out == 0) {
        for (int i = 0; i < padded; i += LANES) to += NAME(pack_indices)(keys + i, least, i, kept + to);
        return;
    }
    for (int i = 0; i < n; i++) {
        int equal = keys[i] == least;
        left_out -= equal;
        kept[to] = i;
        to += keys[i] > least || (equal && left_out < 0);
    }
}

/* See laconic_vote; there is room for a multiple of 16 scores and votes. */
static void NAME(vote)(float *scores, int64_t stride, int queries, int n, float *votes) {
    int padded = (n + LANES - 1) / LANES * LANES;
    for (int q = 0; q < queries; q++) {
        float *s = scores + q * stride;
        for (int i = n; i < padded; i++) s[i] = -__builtin_inff();
        NAME(floats) most = NAME(numbers)(s), total = NAME(no_floats)();
        for (int i = 0; i < n; i += LANES) most = NAME(max)(most, NAME(numbers)(s + i));
        float max = NAME(largest)(most);
        NAME(floats) from = NAME(all)(max > -__builtin_inff() ? -max * LOG2E : 0);
        for (int i = 0; i < n; i += LANES) {
            NAME(floats) weight = NAME(power)(NAME(add_scaled)(from, NAME(numbers)(s + i), LOG2E));
            total = NAME(sum)(total, weight);
            NAME(store)(s + i, weight);
        }
        float sum = NAME(total)(total), share = sum > 0 ? 1 / sum : 0;
        for (int i = 0; i < n; i += LANES) {
            NAME(floats) before = q == 0 ? NAME(no_floats)() : NAME(numbers)(votes + i);
            NAME(store)(votes + i, NAME(add_scaled)(before, NAME(numbers)(s + i), share));
        }
    }
}
