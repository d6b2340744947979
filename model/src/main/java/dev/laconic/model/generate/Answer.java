package dev.laconic.model.generate;

import dev.laconic.core.Receipt;
import java.util.List;

/**
 * What a generation gave.
 *
 * @param text the answer, without the stop string
 * @param ids its tokens, without the one that ended it
 * @param logprobs of each token, where they were asked for
 */
public record Answer(String text, List<Integer> ids, FinishReason finish, List<TokenLogprobs> logprobs, Receipt receipt) {
    public Answer {
        ids = List.copyOf(ids);
        logprobs = List.copyOf(logprobs);
    }

    /** Log-probability of a token and of the likeliest ones in its place, likeliest first. */
    public record TokenLogprobs(int id, double logprob, List<Alternative> top) {
        public TokenLogprobs {
            top = List.copyOf(top);
        }
    }

    public record Alternative(int id, double logprob) {}
}
