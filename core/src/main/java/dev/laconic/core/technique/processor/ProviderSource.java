package dev.laconic.core.technique.processor;

import dev.laconic.core.technique.OptionInfo;
import java.util.List;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.util.Elements;

/** The source text of the provider of one technique. */
final class ProviderSource {
    private static final String TEMPLATE = """
            %1$simport dev.laconic.core.technique.Fidelity;
            import dev.laconic.core.technique.Need;
            import dev.laconic.core.technique.OptionInfo;
            import dev.laconic.core.technique.OptionValues;
            import dev.laconic.core.technique.Stage;
            import dev.laconic.core.technique.TechniqueInfo;
            import dev.laconic.core.technique.TechniqueProvider;
            import java.util.List;
            import java.util.Optional;
            import javax.annotation.processing.Generated;

            /** Registers {@link %3$s}. */
            @Generated("%4$s")
            public final class %2$s implements TechniqueProvider {
                private static final TechniqueInfo INFO = new TechniqueInfo(
                        %5$s,
                        Stage.%6$s,
                        Fidelity.%7$s,
                        %8$s,
                        %9$s,
                        List.of(%10$s),
                        List.of(%11$s));

                public %2$s() {}

                @Override
                public TechniqueInfo info() {
                    return INFO;
                }

                @Override
                public Class<?> type() {
                    return %3$s.class;
                }

                @Override
                public Object create(OptionValues values) {
                    return new %3$s(%12$s);
                }
            }
            """;

    private final Declaration declaration;
    private final Elements elements;
    private final String packageName;

    ProviderSource(Declaration declaration, Elements elements) {
        this.declaration = declaration;
        this.elements = elements;
        this.packageName =
                elements.getPackageOf(declaration.type()).getQualifiedName().toString();
    }

    /** The provider's class: the technique's, with {@code Provider} behind it. */
    String className() {
        return packageName.isEmpty() ? simpleName() : packageName + "." + simpleName();
    }

    private String simpleName() {
        StringBuilder name = new StringBuilder("Provider");
        for (Element at = declaration.type(); at.getKind() != ElementKind.PACKAGE; at = at.getEnclosingElement())
            name.insert(0, at.getSimpleName());
        return name.toString();
    }

    String text() {
        return TEMPLATE.formatted(
                packageName.isEmpty() ? "" : "package " + packageName + ";\n\n",
                simpleName(),
                declaration.type().getQualifiedName(),
                TechniqueProcessor.class.getName(),
                literal(declaration.id()),
                declaration.stage().name(),
                declaration.technique().fidelity().name(),
                literal(declaration.technique().title()),
                literal(declaration.technique().paper()),
                list(declaration.needs().stream()
                        .map(need -> "Need." + need.name())
                        .toList()),
                list(declaration.options().stream()
                        .map(option -> info(option.info()))
                        .toList()),
                list(declaration.options().stream()
                        .map(ProviderSource::argument)
                        .toList()));
    }

    private String info(OptionInfo option) {
        return "new OptionInfo(%s, OptionInfo.Type.%s, OptionInfo.Arity.%s, %s, %s, %s, List.of(%s), %s)"
                .formatted(
                        literal(option.name()),
                        option.type().name(),
                        option.arity().name(),
                        option.defaultValue()
                                .map(value -> "Optional.of(" + literal(value) + ")")
                                .orElse("Optional.empty()"),
                        literal(option.min()),
                        literal(option.max()),
                        list(option.choices().stream().map(this::literal).toList()),
                        literal(option.help()));
    }

    private static String argument(OptionDeclaration option) {
        String method = switch (option.info().arity()) {
            case ONE -> "value";
            case OPTIONAL -> "optional";
            case LIST -> "list";
        };
        return "values.%s(\"%s\", %s.class)".formatted(method, option.info().name(), option.elementType());
    }

    private String literal(Object value) {
        return elements.getConstantExpression(value);
    }

    private static String list(List<String> items) {
        return items.stream().collect(Collectors.joining(", "));
    }
}
