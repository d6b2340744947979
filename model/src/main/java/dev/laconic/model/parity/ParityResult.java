package dev.laconic.model.parity;

/**
 * How a model compares with its reference.
 *
 * @param model the reference's name
 * @param status see {@link Status}
 * @param outputs logits of all positions, sequences run together included, and embeddings
 * @param firstDifference the first residual stream or embedding that differs by more than the tolerance, or empty
 * @param greedyCompared tokens of the continuation before the recorded margin became too small to tell
 * @param greedyEqual how many of them agree
 * @param message why a model is refused, or empty
 */
public record ParityResult(
        String model,
        String architecture,
        Status status,
        Difference outputs,
        String firstDifference,
        int greedyCompared,
        int greedyEqual,
        String message) {

    /** What a comparison came to. */
    public enum Status {
        /** Everything agrees within the tolerance. */
        EQUAL,
        /** Something differs by more. */
        DIFFERENT,
        /** The model is of a kind this engine does not run. */
        REFUSED
    }
}
