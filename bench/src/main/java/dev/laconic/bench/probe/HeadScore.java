package dev.laconic.bench.probe;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a query head was seen to do.
 *
 * @param layer from 0
 * @param head query head, from 0
 * @param induction in a random sequence that is repeated: mean attention to the token behind the earlier occurrence of
 *     the current one
 * @param retrieval share of answer tokens, found in a context, at which the token that is about to be copied gets the
 *     head's largest attention (Wu et al., arXiv 2404.15574)
 */
public record HeadScore(int layer, int head, double induction, double retrieval) {

    /** As JSON has it. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("layer", layer);
        map.put("head", head);
        map.put("induction", induction);
        map.put("retrieval", retrieval);
        return map;
    }
}
