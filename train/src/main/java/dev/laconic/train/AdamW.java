package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** AdamW with clipping by the gradient's norm, over flat vectors that it changes in place. */
final class AdamW implements AutoCloseable {
    private static final String SOURCE =
            """
            class M(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.M, w: Tensor, m: Tensor, v: Tensor, g: Tensor, decayed: Tensor, h: Tensor) -> Tensor:
                rate, b1, b2, c1, c2, decay, clip = torch.unbind(h)
                norm = torch.sqrt(torch.sum(torch.mul(g, g)))
                g = torch.mul(g, torch.clamp(torch.div(clip, torch.add(norm, 1e-06)), None, 1.0))
                m1 = torch.add_(torch.mul_(m, b1), torch.mul(g, torch.rsub(b1, 1.0)))
                v1 = torch.add_(torch.mul_(v, b2), torch.mul(torch.mul(g, g), torch.rsub(b2, 1.0)))
                u = torch.div(torch.div(m1, c1), torch.add(torch.sqrt(torch.div(v1, c2)), 1e-08))
                w1 = torch.sub_(w, torch.mul(torch.add(u, torch.mul(torch.mul(w, decayed), decay)), rate))
                return norm
            """;
    private static final float BETA1 = 0.9f;
    private static final float BETA2 = 0.98f;
    private static final float CLIP = 1;

    private final Script script = Torch.compile(SOURCE);
    private final NDArray decayed;

    /** @param decayed 1 where weight decay applies, else 0 */
    AdamW(NDArray decayed) {
        this.decayed = decayed;
    }

    /**
     * One update.
     *
     * @param step counts from 1
     * @return the gradient's norm before clipping
     */
    float update(
            NDArray weights, NDArray mean, NDArray variance, NDArray gradient, int step, float rate, float decay) {
        try (NDManager manager = weights.getManager().newSubManager()) {
            NDArray settings = manager.create(new float[] {
                rate,
                BETA1,
                BETA2,
                (float) (1 - Math.pow(BETA1, step)),
                (float) (1 - Math.pow(BETA2, step)),
                decay,
                CLIP
            });
            NDArray norm = script.call(weights, mean, variance, gradient, decayed, settings).head();
            norm.attach(manager);
            return norm.getFloat();
        }
    }

    @Override
    public void close() {
        script.close();
    }
}
