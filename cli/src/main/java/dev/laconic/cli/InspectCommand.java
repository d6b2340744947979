package dev.laconic.cli;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.arch.Architectures;
import dev.laconic.model.load.ModelLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = "Shows what is in a model file, or what this machine computes with.",
        footer = {"", "Examples:", "  laconic inspect model.gguf", "  laconic inspect --cpu --json"})
final class InspectCommand extends ProgramCommand {
    private static final int LONG_VALUE = 100;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "A model of any format.")
    Optional<Path> file = Optional.empty();

    @Option(names = "--tokenizer", paramLabel = "F", description = "Its tokenizer's file, where it is not beside the model.")
    Optional<Path> tokenizer = Optional.empty();

    @Option(names = "--cpu", description = "Show processors, vector width and the arithmetic that is chosen.")
    boolean cpu;

    @Option(names = "--tensors", description = "List every tensor.")
    boolean tensors;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Override
    public Integer call() {
        if (cpu == file.isPresent()) throw new UsageException("give a model file or --cpu");
        Map<String, Object> found = cpu ? machine() : model();
        if (json) json(found);
        else found.forEach((key, value) -> print(key, value, ""));
        return 0;
    }

    private static Map<String, Object> machine() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        map.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("maxHeapBytes", Runtime.getRuntime().maxMemory());
        map.put("vectorBits", FloatVector.SPECIES_PREFERRED.vectorBitSize());
        try (Kernels kernels = Kernels.of(KernelOptions.defaults())) {
            map.put("kernels", kernels.name());
        }
        map.put("architectures", List.copyOf(Architectures.names()));
        return map;
    }

    private Map<String, Object> model() {
        try (ModelFile model = ModelLoader.file(file.orElseThrow(), tokenizer)) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("file", model.path().toString());
            long parameters = 0;
            long bytes = 0;
            Map<String, Long> types = new TreeMap<>();
            List<Object> list = new ArrayList<>();
            for (Tensor tensor : model.tensors().values()) {
                parameters += tensor.elements();
                bytes += tensor.data().byteSize();
                types.merge(tensor.type().name(), 1L, Long::sum);
                list.add(Map.of("name", tensor.name(), "type", tensor.type().name(), "shape", tensor.shape()));
            }
            map.put("parameters", parameters);
            map.put("weightBytes", bytes);
            map.put("tensorTypes", types);
            map.put("metadata", metadata(model));
            if (tensors) map.put("tensors", list);
            return map;
        }
    }

    private Map<String, Object> metadata(ModelFile model) {
        Map<String, Object> map = new LinkedHashMap<>();
        model.metadata().asMap().forEach((key, value) -> map.put(key, summary(value)));
        return map;
    }

    /** Long arrays and texts are said by their size. */
    private static Object summary(Object value) {
        return switch (value) {
            case List<?> list when list.size() > 8 -> "array of " + list.size();
            case long[] values when values.length > 8 -> "array of " + values.length;
            case float[] values when values.length > 8 -> "array of " + values.length;
            case boolean[] values when values.length > 8 -> "array of " + values.length;
            case long[] values -> java.util.Arrays.stream(values).boxed().toList();
            default -> value;
        };
    }

    private void print(String key, Object value, String indent) {
        switch (value) {
            case Map<?, ?> map -> {
                out().println(indent + key + ":");
                map.forEach((inner, item) -> print(inner.toString(), item, indent + "  "));
            }
            case List<?> list when list.stream().anyMatch(Map.class::isInstance) -> {
                out().println(indent + key + ":");
                for (Object item : list)
                    if (item instanceof Map<?, ?> map)
                        out().println(indent + "  " + map.get("name") + "  " + map.get("type") + "  " + map.get("shape"));
            }
            default -> {
                String text = value instanceof Long number
                        ? String.format(Locale.ROOT, "%,d", number)
                        : value.toString().replace("\n", "\\n");
                out().println(indent + key + ": "
                        + (text.length() > LONG_VALUE ? text.substring(0, LONG_VALUE) + " ... (" + text.length() + " characters)" : text));
            }
        }
    }
}
