package dev.laconic.kernels;

/** Element-wise functions of feed-forward layers. */
public enum Activation {
    /** {@code x * sigmoid(x)}. */
    SILU,
    /** {@code x * Phi(x)} with the error function. */
    GELU,
    /** GELU by its tanh approximation: {@code 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
    GELU_TANH,
    /** {@code x * sigmoid(1.702 x)}. */
    GELU_QUICK,
    RELU,
    /** {@code max(x, 0)^2}. */
    RELU_SQUARED,
    SIGMOID,
    TANH
}
