package dev.laconic.core.commandline.processor;

import java.io.IOException;
import java.io.Writer;
import java.util.HashSet;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;

/**
 * Writes for every class {@code X} with picocli's {@code @Command}, {@code @Option}, {@code @Parameters} or {@code @Mixin} a
 * class {@code XSpec} that declares the same in plain calls. An attribute that it does not know is a compile error.
 */
@SupportedAnnotationTypes({
    "picocli.CommandLine.Command",
    "picocli.CommandLine.Option",
    "picocli.CommandLine.Parameters",
    "picocli.CommandLine.Mixin"
})
public final class CommandProcessor extends AbstractProcessor {
    private final Set<TypeElement> written = new HashSet<>();

    @Override
    public SourceVersion getSupportedSourceVersion() {
        return SourceVersion.latest();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        for (TypeElement annotation : annotations)
            for (Element element : round.getElementsAnnotatedWith(annotation))
                write((TypeElement) (element.getKind().isClass() ? element : element.getEnclosingElement()));
        return false;
    }

    private void write(TypeElement type) {
        if (type.getKind() != ElementKind.CLASS || !written.add(type)) return;
        SpecSource source = new SpecSource(type, processingEnv.getElementUtils(), processingEnv.getTypeUtils());
        try (Writer writer = processingEnv.getFiler().createSourceFile(source.className(), type).openWriter()) {
            writer.write(source.text());
        } catch (IOException | IllegalArgumentException failure) {
            processingEnv.getMessager().printMessage(Diagnostic.Kind.ERROR, failure.getMessage(), type);
        }
    }
}
