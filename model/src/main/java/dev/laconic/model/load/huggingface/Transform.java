package dev.laconic.model.load.huggingface;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.block.BlockCodec;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Lays a tensor out anew, off-heap where bytes move. */
@FunctionalInterface
interface Transform {
    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    int ALIGNMENT = 64;
    int TILE = 64;

    Tensor apply(Tensor tensor, Arena arena);

    /** Leaves a tensor as it is. */
    static Transform none() {
        return (tensor, _) -> tensor;
    }

    /** Adds one to every element, which become float32: norms that are stored as their distance from one. */
    static Transform plusOne() {
        return (tensor, arena) -> {
            BlockCodec codec = Blocks.codec(tensor.type());
            int columns = tensor.columns();
            long rowBytes = tensor.rowBytes();
            MemorySegment target = arena.allocate(Math.multiplyExact(4, tensor.elements()), ALIGNMENT);
            float[] row = new float[columns];
            for (int r = 0; r < tensor.rows(); r++) {
                codec.decode(tensor.data(), r * rowBytes, columns, row, 0);
                for (int i = 0; i < columns; i++) row[i] += 1;
                MemorySegment.copy(row, 0, target, FLOAT, 4L * r * columns, columns);
            }
            return new Tensor(tensor.name(), TensorType.F32, tensor.shape(), target);
        };
    }

    /** Swaps the rows and columns of a matrix. */
    static Transform transposed() {
        return (tensor, arena) -> {
            if (tensor.shape().size() != 2) return tensor;
            int rows = tensor.rows();
            int columns = tensor.columns();
            MemorySegment target = arena.allocate(tensor.data().byteSize(), ALIGNMENT);
            for (int row = 0; row < rows; row += TILE)
                for (int column = 0; column < columns; column += TILE)
                    transpose(tensor, target, row, Math.min(rows, row + TILE), column, Math.min(columns, column + TILE));
            return Tensor.of(tensor.name(), tensor.type(), target, columns, rows);
        };
    }

    private static void transpose(Tensor tensor, MemorySegment target, int fromRow, int toRow, int fromColumn, int toColumn) {
        int size = tensor.type().blockBytes();
        long rows = tensor.rows();
        long columns = tensor.columns();
        for (int c = fromColumn; c < toColumn; c++)
            for (int r = fromRow; r < toRow; r++) {
                long from = (r * columns + c) * size;
                long to = (c * rows + r) * size;
                switch (size) {
                    case 2 -> target.set(SHORT, to, tensor.data().get(SHORT, from));
                    case 4 -> target.set(INT, to, tensor.data().get(INT, from));
                    default -> MemorySegment.copy(tensor.data(), from, target, to, size);
                }
            }
    }

    /**
     * From queries, key and value side by side for each KV head to all queries, then all keys, then all values: of a
     * matrix's rows or a bias's elements. A tensor of another size is left alone, for its reader to refuse.
     */
    static Transform ungrouped(int heads, int kvHeads, int dimension) {
        return (tensor, arena) -> {
            int group = heads / kvHeads;
            long units = Math.multiplyExact((long) dimension, (group + 2) * (long) kvHeads);
            if (tensor.shape().isEmpty() || tensor.shape().getFirst() != units) return tensor;
            long headBytes = tensor.data().byteSize() / units * dimension;
            MemorySegment target = arena.allocate(tensor.data().byteSize(), ALIGNMENT);
            for (int kv = 0; kv < kvHeads; kv++) {
                long from = (long) kv * (group + 2);
                copy(tensor, from, target, (long) kv * group, group, headBytes);
                copy(tensor, from + group, target, heads + kv, 1, headBytes);
                copy(tensor, from + group + 1, target, (long) heads + kvHeads + kv, 1, headBytes);
            }
            return new Tensor(tensor.name(), tensor.type(), tensor.shape(), target);
        };
    }

    private static void copy(Tensor from, long fromHead, MemorySegment to, long toHead, long heads, long headBytes) {
        MemorySegment.copy(from.data(), fromHead * headBytes, to, toHead * headBytes, heads * headBytes);
    }

    /**
     * From rotary pairs half of {@code turned} elements apart to pairs of neighbours, within the first {@code turned} rows
     * of each of the first {@code heads} heads.
     */
    static Transform neighbours(int heads, int dimension, int turned) {
        return (tensor, arena) -> {
            long rows = tensor.shape().isEmpty() ? 0 : tensor.shape().getFirst();
            if (rows < (long) heads * dimension) return tensor;
            long rowBytes = tensor.data().byteSize() / rows;
            MemorySegment target = arena.allocate(tensor.data().byteSize(), ALIGNMENT);
            target.copyFrom(tensor.data());
            for (int head = 0; head < heads; head++)
                for (int i = 0; i < turned; i++) {
                    long from = (long) head * dimension + i % 2 * (turned / 2) + i / 2;
                    long to = (long) head * dimension + i;
                    MemorySegment.copy(tensor.data(), from * rowBytes, target, to * rowBytes, rowBytes);
                }
            return new Tensor(tensor.name(), tensor.type(), tensor.shape(), target);
        };
    }

    /** Drops the first rows of a table; one that has no more is left alone. */
    static Transform without(int rows) {
        return (tensor, _) -> tensor.shape().size() != 2 || tensor.rows() <= rows
                ? tensor
                : tensor.rows(rows, tensor.rows());
    }

    /** Puts tensors of one shape and type on top of each other. */
    static Tensor stacked(List<Tensor> parts, Arena arena) {
        Tensor first = parts.getFirst();
        long bytes = first.data().byteSize();
        MemorySegment target = arena.allocate(Math.multiplyExact(bytes, (long) parts.size()), ALIGNMENT);
        for (int i = 0; i < parts.size(); i++)
            MemorySegment.copy(parts.get(i).data(), 0, target, i * bytes, bytes);
        List<Long> shape = new ArrayList<>(List.of((long) parts.size()));
        shape.addAll(first.shape());
        return new Tensor(first.name(), first.type(), shape, target);
    }

    /** Whether tensors can be stacked. */
    static boolean alike(List<Tensor> parts) {
        return parts.stream().map(Tensor::shape).distinct().count() == 1
                && parts.stream().map(Tensor::type).distinct().count() == 1;
    }
}
