package dev.laconic.core.commandline.processor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;

/** The source text of the class that declares one command, or one group of options. */
final class SpecSource {
    private static final String PICOCLI = "picocli.CommandLine.";

    private static final String TEMPLATE = """
            package %1$s;

            import javax.annotation.processing.Generated;
            import picocli.CommandLine.Model.CommandSpec;
            import picocli.CommandLine.Model.IGetter;
            import picocli.CommandLine.Model.ISetter;
            import picocli.CommandLine.Model.OptionSpec;
            import picocli.CommandLine.Model.PositionalParamSpec;

            /** What the annotations of {@link %2$s} declare. */
            @Generated("%3$s")
            final class %2$sSpec {
                private %2$sSpec() {}
            %4$s
                /** Adds what is declared to a specification whose values go to {@code to}. */
                static void add(CommandSpec spec, %2$s to) {
            %5$s    }
            %6$s}
            """;

    private static final String FIELD = """

                /** A field, by its place among those that are set from the command line. */
                private record Field(%1$s of, int place) implements IGetter, ISetter {
                    @Override
                    @SuppressWarnings("unchecked")
                    public <T> T get() {
                        return (T) switch (place) {
            %2$s                default -> throw new IllegalStateException();
                        };
                    }

                    @Override
                    @SuppressWarnings("unchecked")
                    public <T> T set(T value) {
                        T old = get();
                        switch (place) {
            %3$s                default -> throw new IllegalStateException();
                        }
                        return old;
                    }
                }
            """;

    private static final String NEW = """

                /** The command, not run yet. */
                static CommandSpec of() {
                    %1$s command = new %1$s();
                    CommandSpec spec = CommandSpec.wrapWithoutInspection(command);
                    add(spec, command);
                    return spec;
                }
            """;

    private static final String HELP = """
            spec.addOption(OptionSpec.builder("-h", "--help").usageHelp(true)
                    .description("Show this help message and exit.").build());
            spec.addOption(OptionSpec.builder("-V", "--version").versionHelp(true)
                    .description("Print version information and exit.").build());
            """;

    private final TypeElement type;
    private final Elements elements;
    private final Types types;
    private final StringBuilder body = new StringBuilder();
    private final StringBuilder gets = new StringBuilder();
    private final StringBuilder sets = new StringBuilder();
    private int fields;

    SpecSource(TypeElement type, Elements elements, Types types) {
        this.type = type;
        this.elements = elements;
        this.types = types;
    }

    String className() {
        return elements.getPackageOf(type).getQualifiedName() + "." + type.getSimpleName() + "Spec";
    }

    /** @throws IllegalArgumentException if something is declared that is not known here */
    String text() {
        TypeElement parent = (TypeElement) types.asElement(type.getSuperclass());
        if (annotation(parent, "Command").isPresent()) line(parent.getSimpleName() + "Spec.add(spec, to);");
        Optional<? extends AnnotationMirror> command = annotation(type, "Command");
        command.ifPresent(this::command);
        for (VariableElement field : ElementFilter.fieldsIn(type.getEnclosedElements())) {
            if (annotation(field, "Spec").isPresent()) line("to." + field + " = spec;");
            if (annotation(field, "Mixin").isPresent()) {
                line("to." + field + " = new " + field.asType() + "();");
                line(field.asType() + "Spec.add(spec, to." + field + ");");
            }
            annotation(field, "Option").ifPresent(option -> argument(option, field, "Option"));
            annotation(field, "Parameters").ifPresent(parameter -> argument(parameter, field, "PositionalParam"));
        }
        boolean made = command.isPresent() && !type.getModifiers().contains(Modifier.ABSTRACT);
        return TEMPLATE.formatted(
                elements.getPackageOf(type).getQualifiedName(),
                type.getSimpleName(),
                CommandProcessor.class.getName(),
                made ? NEW.formatted(type.getSimpleName()) : "",
                body,
                fields > 0 ? FIELD.formatted(type.getSimpleName(), gets, sets) : "");
    }

    private void command(AnnotationMirror command) {
        for (var entry : command.getElementValues().entrySet()) {
            AnnotationValue value = entry.getValue();
            String attribute = name(entry);
            switch (attribute) {
                case "name" -> line("spec.name(" + value + ");");
                case "description", "footer", "synopsisSubcommandLabel" ->
                    line("spec.usageMessage()." + attribute + "(" + texts(value) + ");");
                case "versionProvider" -> line("spec.versionProvider(" + instance(value) + ");");
                case "mixinStandardHelpOptions" -> HELP.lines().forEach(this::line);
                case "subcommands" -> {
                    for (AnnotationValue subcommand : list(value)) {
                        Element named = types.asElement((TypeMirror) subcommand.getValue());
                        line("spec.addSubcommand(null, new picocli.CommandLine(" + named + "Spec.of()));");
                    }
                }
                default -> throw unknown(type, attribute);
            }
        }
    }

    private void argument(AnnotationMirror annotation, VariableElement field, String kind) {
        StringBuilder builder = new StringBuilder(kind + "Spec.builder(");
        StringBuilder rest = new StringBuilder();
        Set<String> given = new HashSet<>();
        for (var entry : annotation.getElementValues().entrySet()) {
            AnnotationValue value = entry.getValue();
            String attribute = name(entry);
            given.add(attribute);
            switch (attribute) {
                case "names" -> builder.append("new String[] {").append(texts(value)).append("}");
                case "paramLabel", "defaultValue", "required", "index" -> call(rest, attribute, value);
                case "arity" -> {
                    if (!value.getValue().equals("0..1")) throw unknown(field, attribute + " = " + value);
                    call(rest, attribute, value);
                }
                case "description" -> call(rest, attribute, texts(value));
                case "split" -> call(rest, "splitRegex", value);
                case "completionCandidates" -> call(rest, attribute, instance(value));
                default -> throw unknown(field, attribute);
            }
        }
        if (!given.contains("paramLabel")) call(rest, "paramLabel", "\"<" + field + ">\"");
        if (kind.equals("PositionalParam")) {
            if (!given.contains("index")) call(rest, "index", "\"0+\"");
            call(rest, "required", !given.contains("arity") && !given.contains("defaultValue"));
        }
        call(rest, "type", types.erasure(field.asType()) + ".class");
        if (field.asType() instanceof DeclaredType declared && !declared.getTypeArguments().isEmpty())
            call(rest, "auxiliaryTypes", declared.getTypeArguments().stream()
                    .map(argument -> argument + ".class")
                    .collect(Collectors.joining(", ")));
        String access = "new Field(to, " + fields + ")";
        call(rest, "getter", access);
        call(rest, "setter", access);
        call(rest, "hasInitialValue", true);
        call(rest, "initialValue", "to." + field);
        line("spec.add" + (kind.equals("Option") ? "Option" : "Positional") + "(" + builder + ")" + rest
                + ".build());");
        gets.append("                case %d -> (Object) of.%s;\n".formatted(fields, field));
        sets.append("                case %d -> of.%s = (%s) value;\n".formatted(fields, field, field.asType()));
        fields++;
    }

    private Optional<? extends AnnotationMirror> annotation(Element element, String name) {
        return element.getAnnotationMirrors().stream()
                .filter(mirror -> mirror.getAnnotationType().toString().equals(PICOCLI + name))
                .findFirst();
    }

    private static String name(Map.Entry<? extends ExecutableElement, ? extends AnnotationValue> entry) {
        return entry.getKey().getSimpleName().toString();
    }

    private static String texts(AnnotationValue value) {
        if (!(value.getValue() instanceof List<?>)) return value.toString();
        return list(value).stream().map(AnnotationValue::toString).collect(Collectors.joining(", "));
    }

    private static List<AnnotationValue> list(AnnotationValue value) {
        List<AnnotationValue> values = new ArrayList<>();
        for (Object one : (List<?>) value.getValue()) values.add((AnnotationValue) one);
        return values;
    }

    private static String instance(AnnotationValue type) {
        return "new " + type.getValue() + "()";
    }

    private static void call(StringBuilder to, String method, Object argument) {
        to.append(".").append(method).append("(").append(argument).append(")");
    }

    private void line(String text) {
        body.append("        ").append(text).append("\n");
    }

    private static IllegalArgumentException unknown(Element where, String attribute) {
        return new IllegalArgumentException(where + ": @" + attribute + " is not known to " + CommandProcessor.class.getName());
    }
}
