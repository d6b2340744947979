package dev.laconic.kernels.block;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The codec of each tensor type that weights come in. */
public final class Blocks {
    private static final Map<TensorType, BlockCodec> CODECS = new EnumMap<>(TensorType.class);

    static {
        for (BlockCodec codec : new BlockCodec[] {
            new FloatCodec(TensorType.F32),
            new FloatCodec(TensorType.F16),
            new FloatCodec(TensorType.BF16),
            new PlainBlocks.Q8_0(),
            new PlainBlocks.Q4_0(),
            new PlainBlocks.Q4_1(),
            new PlainBlocks.Q5_0(),
            new PlainBlocks.Q5_1(),
            new KBlocks.Q2_K(),
            new KBlocks.Q3_K(),
            new KBlocks.Q4_K(),
            new KBlocks.Q5_K(),
            new KBlocks.Q6_K(),
            new CodebookBlocks.Iq4Nl(),
            new CodebookBlocks.Iq4Xs(),
            new CodebookBlocks.Mxfp4(),
            new CodebookBlocks.Nvfp4(),
            new FewLevelBlocks.Q1_0(),
            new FewLevelBlocks.Q2_0(),
            new FewLevelBlocks.Tq1_0(),
            new FewLevelBlocks.Tq2_0(),
            new GridBlocks.Iq2Xxs(),
            new GridBlocks.Iq2Xs(),
            new GridBlocks.Iq2S(),
            new GridBlocks.Iq3Xxs(),
            new GridBlocks.Iq3S(),
            new GridBlocks.Iq1S(),
            new GridBlocks.Iq1M()
        }) CODECS.put(codec.type(), codec);
    }

    private Blocks() {}

    /** The types that weights may have. */
    public static Set<TensorType> types() {
        return new TreeSet<>(CODECS.keySet());
    }

    /** @throws UsageException if the type is not one of weights (integers, f64, intermediate formats) */
    public static BlockCodec codec(TensorType type) {
        BlockCodec codec = CODECS.get(type);
        if (codec == null) throw new UsageException("no weights are stored as " + type + "; known types: " + types());
        return codec;
    }

    /** All elements of a tensor as float32. */
    public static float[] decode(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        codec(tensor.type()).decode(tensor.data(), 0, values.length, values, 0);
        return values;
    }
}
