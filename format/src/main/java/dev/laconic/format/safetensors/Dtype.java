package dev.laconic.format.safetensors;

import dev.laconic.core.tensor.TensorType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The element types of safetensors, under the names that headers use. */
enum Dtype {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8, TensorType.I8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    I16(16, TensorType.I16),
    U16(16),
    F16(16, TensorType.F16),
    BF16(16, TensorType.BF16),
    I32(32, TensorType.I32),
    U32(32),
    F32(32, TensorType.F32),
    C64(64),
    F64(64, TensorType.F64),
    I64(64, TensorType.I64),
    U64(64);

    private static final Map<String, Dtype> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(Enum::name, Function.identity()));

    private final int bits;
    private final Optional<TensorType> type;

    Dtype(int bits) {
        this.bits = bits;
        this.type = Optional.empty();
    }

    Dtype(int bits, TensorType type) {
        this.bits = bits;
        this.type = Optional.of(type);
    }

    /** Bits an element takes. */
    int bits() {
        return bits;
    }

    /** What the engine calls it, if it can hold such tensors. */
    Optional<TensorType> type() {
        return type;
    }

    static Optional<Dtype> byName(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    static Optional<Dtype> of(TensorType type) {
        return Arrays.stream(values())
                .filter(each -> each.type.equals(Optional.of(type)))
                .findFirst();
    }
}
