package dev.laconic.core.technique.processor;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.OptionInfo;
import dev.laconic.core.technique.OptionInfo.Arity;
import dev.laconic.core.technique.OptionInfo.Type;
import dev.laconic.core.technique.OptionValues;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.PrimitiveType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Types;

/**
 * One constructor parameter.
 *
 * @param info what the catalogue will say
 * @param elementType the Java type of one element, boxed, as source text
 */
record OptionDeclaration(OptionInfo info, String elementType) {

    static OptionDeclaration of(VariableElement parameter, Types types) {
        Option option = parameter.getAnnotation(Option.class);
        if (option == null)
            throw new BadDeclaration(parameter, "parameter " + parameter.getSimpleName() + " has no @Option");
        Arity arity = arity(parameter.asType());
        TypeMirror element = arity == Arity.ONE ? parameter.asType() : argument(parameter);
        TypeMirror boxed = element instanceof PrimitiveType primitive
                ? types.boxedClass(primitive).asType()
                : element;
        Type type = type(parameter, boxed);
        Optional<String> value =
                option.value().equals(Option.REQUIRED) ? Optional.empty() : Optional.of(option.value());
        String name = option.name().isEmpty() ? kebab(parameter.getSimpleName().toString()) : option.name();
        OptionInfo info = new OptionInfo(
                name, type, arity, value, option.min(), option.max(), choices(boxed, type), option.help());
        check(parameter, info);
        return new OptionDeclaration(info, erased(boxed));
    }

    private static void check(VariableElement parameter, OptionInfo info) {
        String name = "option \"" + info.name() + "\": ";
        if (info.help().isBlank()) throw new BadDeclaration(parameter, name + "help is blank");
        boolean bounded = info.min() != Double.NEGATIVE_INFINITY || info.max() != Double.POSITIVE_INFINITY;
        if (bounded && !info.type().ordered())
            throw new BadDeclaration(parameter, name + "min and max are for numbers");
        if (!(info.min() <= info.max()))
            throw new BadDeclaration(parameter, name + "min " + info.min() + " is above max " + info.max());
        try {
            info.defaultValue().ifPresent(info::parse);
        } catch (UsageException wrong) {
            throw new BadDeclaration(parameter, "default of option " + wrong.getMessage());
        }
    }

    private static Arity arity(TypeMirror type) {
        return switch (erased(type)) {
            case "java.util.Optional" -> Arity.OPTIONAL;
            case "java.util.List" -> Arity.LIST;
            default -> Arity.ONE;
        };
    }

    private static TypeMirror argument(VariableElement parameter) {
        List<? extends TypeMirror> arguments = ((DeclaredType) parameter.asType()).getTypeArguments();
        if (arguments.isEmpty()) throw unsupported(parameter);
        return arguments.getFirst();
    }

    private static Type type(VariableElement parameter, TypeMirror boxed) {
        return switch (erased(boxed)) {
            case "java.lang.Integer" -> Type.INT;
            case "java.lang.Long" -> Type.LONG;
            case "java.lang.Double" -> Type.DOUBLE;
            case "java.lang.Boolean" -> Type.BOOLEAN;
            case "java.lang.String" -> Type.TEXT;
            case "java.nio.file.Path" -> Type.PATH;
            case "dev.laconic.core.Budget" -> Type.BUDGET;
            default -> {
                if (isEnum(boxed)) yield Type.CHOICE;
                throw unsupported(parameter);
            }
        };
    }

    private static BadDeclaration unsupported(VariableElement parameter) {
        return new BadDeclaration(
                parameter,
                "found type " + parameter.asType()
                        + ", expected int, long, double, boolean, String, Path, Budget, an enum,"
                        + " or an Optional or List of one of these");
    }

    private static boolean isEnum(TypeMirror type) {
        return type instanceof DeclaredType declared && declared.asElement().getKind() == ElementKind.ENUM;
    }

    private static List<String> choices(TypeMirror type, Type kind) {
        if (kind != Type.CHOICE) return List.of();
        return ((DeclaredType) type)
                .asElement().getEnclosedElements().stream()
                        .filter(member -> member.getKind() == ElementKind.ENUM_CONSTANT)
                        .map(constant ->
                                OptionValues.choice(constant.getSimpleName().toString()))
                        .toList();
    }

    private static String erased(TypeMirror type) {
        if (!(type instanceof DeclaredType declared)) return type.toString();
        Element element = declared.asElement();
        return ((TypeElement) element).getQualifiedName().toString();
    }

    private static String kebab(String camelCase) {
        return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
