package dev.laconic.core.technique.processor;

import dev.laconic.core.technique.Technique;
import dev.laconic.core.technique.TechniqueProvider;
import java.io.IOException;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.tools.Diagnostic;
import javax.tools.StandardLocation;

/**
 * Checks every class with {@link Technique} on it, writes a {@link TechniqueProvider} for it, and lists the providers for
 * {@link java.util.ServiceLoader}. A declaration that breaks a rule is a compile error at the place where it does.
 */
@SupportedAnnotationTypes("dev.laconic.core.technique.Technique")
public final class TechniqueProcessor extends AbstractProcessor {
    private static final String SERVICES = "META-INF/services/" + TechniqueProvider.class.getName();

    private final Set<String> providers = new TreeSet<>();
    private final Map<String, TypeElement> owners = new HashMap<>();

    @Override
    public SourceVersion getSupportedSourceVersion() {
        return SourceVersion.latest();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        for (TypeElement type : ElementFilter.typesIn(round.getElementsAnnotatedWith(Technique.class))) register(type);
        if (round.processingOver() && !providers.isEmpty() && !round.errorRaised())
            write(SERVICES, Optional.empty(), String.join("\n", providers) + "\n");
        return false;
    }

    private void register(TypeElement type) {
        try {
            Declaration declaration = Declaration.of(type, processingEnv.getTypeUtils());
            TypeElement other = owners.putIfAbsent(declaration.stage() + " " + declaration.id(), type);
            if (other != null)
                throw new BadDeclaration(
                        type, "id \"" + declaration.id() + "\" is taken by " + other.getQualifiedName());
            ProviderSource source = new ProviderSource(declaration, processingEnv.getElementUtils());
            write(source.className(), Optional.of(type), source.text());
            providers.add(source.className());
        } catch (BadDeclaration bad) {
            processingEnv
                    .getMessager()
                    .printMessage(Diagnostic.Kind.ERROR, "@Technique: " + bad.getMessage(), bad.where());
        }
    }

    /** Writes a class if it has an origin, else a resource. */
    private void write(String name, Optional<Element> origin, String text) {
        var filer = processingEnv.getFiler();
        try (Writer writer = origin.isPresent()
                ? filer.createSourceFile(name, origin.get()).openWriter()
                : filer.createResource(StandardLocation.CLASS_OUTPUT, "", name).openWriter()) {
            writer.write(text);
        } catch (IOException failure) {
            processingEnv.getMessager().printMessage(Diagnostic.Kind.ERROR, "cannot write " + name + ": " + failure);
        }
    }
}
