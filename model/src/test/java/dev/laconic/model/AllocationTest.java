package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.laconic.model.kv.KvFormat;
import dev.laconic.testkit.Forked;
import dev.laconic.testkit.TinyLlama;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoding allocates nothing per token once buffers and code are warm. */
class AllocationTest {
    /** Runs until code is compiled, which takes longer where processors are busy. */
    private static final int MOST_RUNS = 600;

    private static final int POSITIONS = 200;

    /** Inside one page of every head, so that no page is taken while we measure. */
    private static final int FROM = KvFormat.DEFAULT_ENTRIES_PER_PAGE + 1;

    private static final int TO = 2 * KvFormat.DEFAULT_ENTRIES_PER_PAGE - 1;

    /**
     * In a JVM that runs one provider, as users' do. Where attention was compiled while another provider ran, the compiler
     * takes this one's loops for rarely called, does not inline what they call, and makes objects of the vectors handed over.
     */
    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void decodingAllocatesNothing(String provider, @TempDir Path folder) throws IOException, InterruptedException {
        Forked.Result run = Forked.run(folder, 300, List.of("--add-modules=jdk.incubator.vector"),
                AllocationTest.class.getName(), List.of(provider));
        assertThat(run.output()).endsWith("allocated 0" + System.lineSeparator());
    }

    /** Decodes with a provider until nothing is allocated any more, or for long enough. */
    public static void main(String[] provider) {
        TinyLlama.Sizes tiny = new TinyLlama.Sizes(2, 32, 4, 2, 48, 64, 512);
        try (Model model = TinyModels.llama(provider[0], 1, tiny)) {
            State state = model.newState();
            Rows rows = new Rows();
            long allocated = 1;
            for (int i = 0; i < MOST_RUNS && allocated > 0; i++) allocated = allocatedBytes(model, state, rows);
            System.out.println("allocated " + allocated);
        }
    }

    /** Bytes allocated while positions FROM to TO of a text were computed. */
    private static long allocatedBytes(Model model, State state, Rows rows) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Sequence sequence = model.newSequence()) {
            long before = 0;
            long allocated = 0;
            int token = 1;
            for (int position = 0; position < POSITIONS; position++) {
                if (position == FROM) before = threads.getCurrentThreadAllocatedBytes();
                if (position == TO) allocated = threads.getCurrentThreadAllocatedBytes() - before;
                rows.clear().span(sequence, Mask.CAUSAL).token(token, position, true);
                model.embed(rows, state);
                model.advance(state);
                token = model.project(state).argmax(0);
            }
            return allocated;
        }
    }
}
