package dev.laconic.core.technique.processor;

import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.NestingKind;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Types;

/**
 * A technique as it is declared, every rule checked.
 *
 * @param type its class
 * @param technique its annotation
 * @param options its constructor's parameters
 */
record Declaration(TypeElement type, Technique technique, List<OptionDeclaration> options) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]*");
    private static final String NAME_RULE = "expected lower-case letters, digits, dots and dashes";
    private static final Pattern PAPER = Pattern.compile("|\\d{4}\\.\\d{4,5}|10\\.\\d{4,9}/\\S+|https://\\S+");

    String id() {
        return technique.id();
    }

    Stage stage() {
        return technique.stage();
    }

    static Declaration of(TypeElement type, Types types) {
        Technique technique = type.getAnnotation(Technique.class);
        checkClass(type);
        checkText(type, technique);
        if (!implementsPoint(type.asType(), technique.stage(), types))
            throw new BadDeclaration(
                    type,
                    "implements no @ExtensionPoint of stage "
                            + technique.stage().name());
        List<OptionDeclaration> options = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (VariableElement parameter : constructor(type).getParameters()) {
            OptionDeclaration option = OptionDeclaration.of(parameter, types);
            if (!NAME.matcher(option.info().name()).matches())
                throw new BadDeclaration(
                        parameter, "found option name \"" + option.info().name() + "\", " + NAME_RULE);
            if (!names.add(option.info().name()))
                throw new BadDeclaration(parameter, "option \"" + option.info().name() + "\" is declared twice");
            options.add(option);
        }
        return new Declaration(type, technique, options);
    }

    private static void checkClass(TypeElement type) {
        boolean reachable = type.getNestingKind() != NestingKind.LOCAL;
        for (Element at = type; at.getKind() != ElementKind.PACKAGE; at = at.getEnclosingElement()) {
            reachable &= at.getModifiers().contains(Modifier.PUBLIC);
            boolean nested = at.getEnclosingElement().getKind() != ElementKind.PACKAGE;
            reachable &= !nested || at.getModifiers().contains(Modifier.STATIC);
        }
        boolean concrete = type.getKind() == ElementKind.CLASS || type.getKind() == ElementKind.RECORD;
        if (!reachable || !concrete || type.getModifiers().contains(Modifier.ABSTRACT))
            throw new BadDeclaration(type, "expected a public concrete class, static if it is nested");
        if (!type.getTypeParameters().isEmpty())
            throw new BadDeclaration(type, "expected a class without type parameters");
    }

    private static void checkText(TypeElement type, Technique technique) {
        if (!NAME.matcher(technique.id()).matches())
            throw new BadDeclaration(type, "found id \"" + technique.id() + "\", " + NAME_RULE);
        if (technique.id().equals("none"))
            throw new BadDeclaration(type, "id \"none\" is reserved for the empty chain");
        if (technique.title().isBlank()) throw new BadDeclaration(type, "title is blank");
        if (!PAPER.matcher(technique.paper()).matches())
            throw new BadDeclaration(
                    type,
                    "found paper \"" + technique.paper()
                            + "\", expected an arXiv identifier (2309.17453), a DOI (10.…) or an https address");
        if (Set.copyOf(List.of(technique.needs())).size() < technique.needs().length)
            throw new BadDeclaration(type, "a need is listed twice: " + List.of(technique.needs()));
    }

    private static boolean implementsPoint(TypeMirror type, Stage stage, Types types) {
        if (!(type instanceof DeclaredType declared)) return false;
        ExtensionPoint point = declared.asElement().getAnnotation(ExtensionPoint.class);
        return point != null && point.value() == stage
                || types.directSupertypes(type).stream().anyMatch(parent -> implementsPoint(parent, stage, types));
    }

    /** The public constructor that has options; of several it is the one whose parameters are annotated. */
    private static ExecutableElement constructor(TypeElement type) {
        List<ExecutableElement> all = ElementFilter.constructorsIn(type.getEnclosedElements()).stream()
                .filter(constructor -> constructor.getModifiers().contains(Modifier.PUBLIC))
                .toList();
        if (all.size() == 1) return all.getFirst();
        List<ExecutableElement> annotated =
                all.stream().filter(Declaration::hasOptions).toList();
        if (annotated.size() == 1) return annotated.getFirst();
        throw new BadDeclaration(
                type,
                all.isEmpty()
                        ? "expected a public constructor"
                        : "found " + all.size() + " public constructors, expected one with @Option on its parameters");
    }

    private static boolean hasOptions(ExecutableElement constructor) {
        return constructor.getParameters().stream()
                .anyMatch(parameter -> parameter.getAnnotation(Option.class) != null);
    }

    List<Need> needs() {
        return List.of(technique.needs());
    }
}
