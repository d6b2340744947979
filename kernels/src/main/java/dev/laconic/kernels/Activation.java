package dev.laconic.kernels;

/** Element-wise functions of feed-forward layers. */
public enum Activation {
    /** {@code x * sigmoid(x)}. */
    SILU {
        @Override
        public double apply(double x) {
            return x / (1 + Math.exp(-x));
        }
    },
    /** {@code x * Phi(x)} with the error function. */
    GELU {
        @Override
        public double apply(double x) {
            return 0.5 * x * (1 + erf(x * Math.sqrt(0.5)));
        }
    },
    /** GELU by its tanh approximation: {@code 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
    GELU_TANH {
        @Override
        public double apply(double x) {
            return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * x * (1 + 0.044715 * x * x)));
        }
    },
    /** {@code x * sigmoid(1.702 x)}. */
    GELU_QUICK {
        @Override
        public double apply(double x) {
            return x / (1 + Math.exp(-1.702 * x));
        }
    },
    RELU {
        @Override
        public double apply(double x) {
            return Math.max(x, 0);
        }
    },
    /** {@code max(x, 0)^2}. */
    RELU_SQUARED {
        @Override
        public double apply(double x) {
            double positive = Math.max(x, 0);
            return positive * positive;
        }
    },
    SIGMOID {
        @Override
        public double apply(double x) {
            return 1 / (1 + Math.exp(-x));
        }
    },
    TANH {
        @Override
        public double apply(double x) {
            return Math.tanh(x);
        }
    };

    /** The function's value, in float64. */
    public abstract double apply(double x);

    /** {@code 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 ... (2n+1))}: terms of one sign, so nothing cancels. */
    private static double erf(double x) {
        if (!(Math.abs(x) < 6)) return Double.isNaN(x) ? x : Math.signum(x);
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
