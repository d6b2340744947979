package dev.laconic.core.technique;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a constructor parameter an option of its technique.
 *
 * <p>Types: {@code int}, {@code long}, {@code double}, {@code boolean}, {@link String}, {@link java.nio.file.Path}, an
 * enum, {@link dev.laconic.core.Budget}; and {@link java.util.Optional} or {@link java.util.List} of these.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface Option {

    /** The default of {@link #value}: the user must give one, unless the type is Optional or List. */
    String REQUIRED = "\0";

    /** Its key in configuration; by default the parameter's name, {@code windowSize} as {@code window-size}. */
    String name() default "";

    /** The default, written as in configuration. */
    String value() default REQUIRED;

    /** The smallest number allowed, inclusive. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The largest number allowed, inclusive. */
    double max() default Double.POSITIVE_INFINITY;

    /** What it means, with its unit, in a few words. */
    String help();
}
