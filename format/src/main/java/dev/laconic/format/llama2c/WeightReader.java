package dev.laconic.format.llama2c;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.io.ByteReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Gives the weights that follow the header their GGUF names; a kind of weight lies together for all layers. */
final class WeightReader {
    private static final long CACHE_LINE_BYTES = 64;

    private final String source;
    private final Header header;
    private final ByteReader in;
    private final Arena arena;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    private WeightReader(String source, Header header, ByteReader in, Arena arena) {
        this.source = source;
        this.header = header;
        this.in = in;
        this.arena = arena;
    }

    /** Reads {@code in} to its end; what has to be multiplied out lives as long as {@code arena}. */
    static SequencedMap<String, Tensor> read(String source, Header header, ByteReader in, Arena arena) {
        WeightReader reader = new WeightReader(source, header, in, arena);
        if (header.layout() == Header.Layout.LEGACY) reader.readLegacy();
        else reader.readVersioned();
        if (in.remaining() > 0)
            throw new MalformedInputException(
                    source, "file size", in.remaining() + " bytes after the last tensor", "none, as the header says");
        return reader.tensors;
    }

    private void readLegacy() {
        embedding("token_embd");
        perLayer("attn_norm", header.dim());
        attention();
        perLayer("ffn_norm", header.dim());
        feedForward();
        tensor("output_norm.weight", header.dim());
        in.skip((long) header.contextLength() * header.headSize() * Float.BYTES, "tables of rotary positions");
        if (!header.tied()) embedding("output");
    }

    private void readVersioned() {
        perLayer("attn_norm", header.dim());
        perLayer("ffn_norm", header.dim());
        tensor("output_norm.weight", header.dim());
        embedding("token_embd");
        attention();
        feedForward();
        if (!header.tied()) embedding("output");
    }

    private void embedding(String name) {
        tensor(name + ".weight", header.vocabulary(), header.dim());
    }

    private void attention() {
        perLayer("attn_q", header.dim(), header.dim());
        perLayer("attn_k", header.kvDim(), header.dim());
        perLayer("attn_v", header.kvDim(), header.dim());
        perLayer("attn_output", header.dim(), header.dim());
    }

    private void feedForward() {
        perLayer("ffn_gate", header.hiddenDim(), header.dim());
        perLayer("ffn_down", header.dim(), header.hiddenDim());
        perLayer("ffn_up", header.hiddenDim(), header.dim());
    }

    private void perLayer(String name, long... shape) {
        for (int layer = 0; layer < header.layers(); layer++) tensor("blk." + layer + "." + name + ".weight", shape);
    }

    private void tensor(String name, long... shape) {
        long elements = 1;
        for (long size : shape) elements *= size;
        boolean scaled = header.layout() == Header.Layout.INT8 && shape.length == 2;
        MemorySegment data = scaled ? multipliedOut(name, elements) : in.take(elements * Float.BYTES, name);
        tensors.put(name, Tensor.of(name, TensorType.F32, data, shape));
    }

    private MemorySegment multipliedOut(String name, long elements) {
        int groupSize = header.groupSize();
        if (elements % groupSize != 0)
            throw new MalformedInputException(
                    source, "group size", groupSize, "a divisor of the " + elements + " elements of " + name);
        MemorySegment weights = in.take(elements, name);
        MemorySegment scales = in.take(elements / groupSize * Float.BYTES, name + " scales");
        MemorySegment out = arena.allocate(elements * Float.BYTES, CACHE_LINE_BYTES);
        for (long group = 0, i = 0; i < elements; group++) {
            float scale = scales.getAtIndex(ByteReader.FLOAT, group);
            for (long end = i + groupSize; i < end; i++)
                out.setAtIndex(ByteReader.FLOAT, i, weights.get(ValueLayout.JAVA_BYTE, i) * scale);
        }
        return out;
    }
}
