package dev.laconic.train;

import dev.laconic.core.error.MalformedInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The state of a run: with the recipe, all that is needed to go on as if it had not stopped.
 *
 * @param step steps done; it fixes the data that come next
 * @param stage index of the stage it stands in
 * @param stageStep steps done in that stage
 * @param weights flat, as the shape lays them out
 * @param mean AdamW's first moments
 * @param variance AdamW's second moments
 */
record Checkpoint(int step, int stage, int stageStep, float[] weights, float[] mean, float[] variance) {
    private static final int MAGIC = 0x4C43_4B32;
    private static final int HEADER = 20;

    /** Writes to a temporary name, then moves: a run that is killed leaves the old file or the new one. */
    void write(Path file) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + 12 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(MAGIC).putInt(step).putInt(stage).putInt(stageStep).putInt(weights.length);
        for (float[] part : new float[][] {weights, mean, variance}) {
            buffer.asFloatBuffer().put(part);
            buffer.position(buffer.position() + 4 * part.length);
        }
        buffer.flip();
        try {
            try (FileChannel out = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                while (buffer.hasRemaining()) out.write(buffer);
                out.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Reads what {@link #write} wrote, for a model of {@code parameters} weights. */
    static Checkpoint read(Path file, int parameters) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            if (buffer.remaining() != HEADER + 12L * parameters)
                throw new MalformedInputException(
                        file.toString(), "size", buffer.remaining(), HEADER + 12L * parameters + " bytes");
            int magic = buffer.getInt();
            if (magic != MAGIC) throw new MalformedInputException(file.toString(), "magic", magic, "" + MAGIC);
            int step = buffer.getInt();
            int stage = buffer.getInt();
            int stageStep = buffer.getInt();
            int count = buffer.getInt();
            if (count != parameters)
                throw new MalformedInputException(file.toString(), "parameters", count, "" + parameters);
            float[][] parts = new float[3][parameters];
            for (float[] part : parts) {
                buffer.asFloatBuffer().get(part);
                buffer.position(buffer.position() + 4 * parameters);
            }
            return new Checkpoint(step, stage, stageStep, parts[0], parts[1], parts[2]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
