package dev.laconic.core.tensor;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A row-major tensor over bytes that somebody else keeps alive, most often a memory-mapped model file.
 *
 * @param name what the file calls it
 * @param type how elements are stored
 * @param shape sizes, outermost dimension first; the last dimension is contiguous and a whole number of blocks
 * @param data exactly {@code type.bytes(elements)} bytes, little-endian
 * @param file the file that the bytes are a part of, if they are
 */
public record Tensor(String name, TensorType type, List<Long> shape, MemorySegment data, Optional<FileMapping> file) {

    public Tensor {
        shape = List.copyOf(shape);
        long elements = 1;
        for (long size : shape) {
            if (size < 0) throw new IllegalArgumentException(name + ": negative size in shape " + shape);
            elements = Math.multiplyExact(elements, size);
        }
        long columns = shape.isEmpty() ? 1 : shape.getLast();
        if (columns % type.blockElements() != 0)
            throw new IllegalArgumentException(
                    name + ": rows of " + columns + " are not a whole number of " + type + " blocks");
        long bytes = type.bytes(elements);
        if (data.byteSize() != bytes)
            throw new IllegalArgumentException(
                    name + ": " + type + " " + shape + " takes " + bytes + " bytes, found " + data.byteSize());
    }

    /** A tensor over bytes of no file. */
    public Tensor(String name, TensorType type, List<Long> shape, MemorySegment data) {
        this(name, type, shape, data, Optional.empty());
    }

    /** A tensor over bytes of no file. */
    public static Tensor of(String name, TensorType type, MemorySegment data, long... shape) {
        return new Tensor(name, type, shape(shape), data);
    }

    /** Sizes as a tensor has them. */
    public static List<Long> shape(long... sizes) {
        Long[] shape = new Long[sizes.length];
        for (int i = 0; i < sizes.length; i++) shape[i] = sizes[i];
        return List.of(shape);
    }

    /** A float32 tensor over a copy-free view of {@code values}. */
    public static Tensor of(String name, float[] values, long... shape) {
        return of(name, TensorType.F32, MemorySegment.ofArray(values), shape);
    }

    public long elements() {
        return data.byteSize() / type.blockBytes() * type.blockElements();
    }

    /** Length of the contiguous last dimension: what a matrix takes in. */
    public int columns() {
        return shape.isEmpty() ? 1 : Math.toIntExact(shape.getLast());
    }

    /** Product of all dimensions but the last: what a matrix gives out. */
    public int rows() {
        return columns() == 0 ? 0 : Math.toIntExact(elements() / columns());
    }

    public long rowBytes() {
        return type.bytes(columns());
    }

    /** The bytes of rows {@code from} to {@code to}, as a matrix. */
    public Tensor rows(int from, int to) {
        long rowBytes = rowBytes();
        MemorySegment bytes = data.asSlice(from * rowBytes, (to - from) * rowBytes);
        return new Tensor(name, type, shape(to - from, columns()), bytes, file);
    }

    /** Element {@code index} of the outermost dimension: an expert of a stack of experts. */
    public Tensor slice(int index) {
        List<Long> inner = shape.subList(1, shape.size());
        long bytes = data.byteSize() / shape.getFirst();
        return new Tensor(name + "[" + index + "]", type, inner, data.asSlice(index * bytes, bytes), file);
    }

    /** The same bytes under another shape. */
    public Tensor reshape(long... newShape) {
        return new Tensor(name, type, shape(newShape), data, file);
    }

    /** The same tensor under another name. */
    public Tensor named(String newName) {
        return new Tensor(newName, type, shape, data, file);
    }
}
