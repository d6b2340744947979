package dev.laconic.kernels.block;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

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

    private static final Set<TensorType> TYPES = Collections.unmodifiableSet(EnumSet.copyOf(CODECS.keySet()));

    /** Apart, since most programs encode nothing. */
    private static final class Encoders {
        static final Map<TensorType, BlockEncoder> BY_TYPE = new EnumMap<>(TensorType.class);

        static {
            for (BlockEncoder encoder : new BlockEncoder[] {
                new BlockwiseEncoder(TensorType.F32, PlainEncoders::f32),
                new BlockwiseEncoder(TensorType.F16, PlainEncoders::f16),
                new BlockwiseEncoder(TensorType.BF16, PlainEncoders::bf16),
                new BlockwiseEncoder(TensorType.Q8_0, PlainEncoders::q8_0),
                new BlockwiseEncoder(TensorType.Q4_0, PlainEncoders::q4_0),
                new BlockwiseEncoder(TensorType.Q4_1, PlainEncoders::q4_1),
                new BlockwiseEncoder(TensorType.Q5_0, PlainEncoders::q5_0),
                new BlockwiseEncoder(TensorType.Q5_1, PlainEncoders::q5_1),
                new KEncoders(TensorType.Q2_K),
                new KEncoders(TensorType.Q3_K),
                new KEncoders(TensorType.Q4_K),
                new KEncoders(TensorType.Q5_K),
                new KEncoders(TensorType.Q6_K),
                new BlockwiseEncoder(TensorType.IQ4_NL, CodebookEncoders::iq4Nl),
                new BlockwiseEncoder(TensorType.IQ4_XS, CodebookEncoders::iq4Xs),
                new BlockwiseEncoder(TensorType.MXFP4, FewLevelEncoders::mxfp4),
                new BlockwiseEncoder(TensorType.Q1_0, FewLevelEncoders::q1_0),
                new BlockwiseEncoder(TensorType.Q2_0, FewLevelEncoders::q2_0),
                new BlockwiseEncoder(TensorType.TQ1_0, FewLevelEncoders::tq1_0),
                new BlockwiseEncoder(TensorType.TQ2_0, FewLevelEncoders::tq2_0)
            }) BY_TYPE.put(encoder.type(), encoder);
        }

        static final Set<TensorType> TYPES = Collections.unmodifiableSet(EnumSet.copyOf(BY_TYPE.keySet()));
    }

    private Blocks() {}

    /** The types that weights may have. */
    public static Set<TensorType> types() {
        return TYPES;
    }

    /** @throws UsageException if the type is not one of weights (integers, f64, intermediate formats) */
    public static BlockCodec codec(TensorType type) {
        BlockCodec codec = CODECS.get(type);
        if (codec == null) throw new UsageException("no weights are stored as " + type + "; known types: " + types());
        return codec;
    }

    /** The types that weights can be encoded as. */
    public static Set<TensorType> encodable() {
        return Encoders.TYPES;
    }

    /** @throws UsageException if this engine only reads the type */
    public static BlockEncoder encoder(TensorType type) {
        BlockEncoder encoder = Encoders.BY_TYPE.get(type);
        if (encoder == null)
            throw new UsageException("cannot encode weights as " + type + "; possible types: " + encodable());
        return encoder;
    }

    /** All elements of a tensor as float32. */
    public static float[] decode(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        codec(tensor.type()).decode(tensor.data(), 0, values.length, values, 0);
        return values;
    }
}
