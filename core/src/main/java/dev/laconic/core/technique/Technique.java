package dev.laconic.core.technique;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares and registers a technique: a published way to spend fewer tokens, rows, bytes or steps.
 *
 * <p>The class must be public, concrete, without type parameters, implement an {@link ExtensionPoint} of its stage and
 * have one public constructor whose parameters all carry {@link Option}. What breaks these rules does not compile.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Technique {

    /** Its name in configuration, unique within the stage: lower case letters, digits, dots and dashes. */
    String id();

    /** The stop on the token's journey where it works. */
    Stage stage();

    /** What it does to the model's answer. */
    Fidelity fidelity();

    /** The title of the paper, or a short name for what no paper describes. */
    String title();

    /** arXiv identifier ({@code 2309.17453}), DOI ({@code 10.…}) or https address; empty for what no paper describes. */
    String paper() default "";

    /** What the engine or the user must provide for it to work. */
    Need[] needs() default {};
}
