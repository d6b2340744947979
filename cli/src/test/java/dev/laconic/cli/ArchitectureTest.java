package dev.laconic.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.InstanceofCheck;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Technique;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What docs/ARCHITECTURE.md says of the modules, checked on every class of every module that is built. */
class ArchitectureTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** A module may use modules on lower floors only. */
    private static final Map<String, Integer> FLOORS = Map.ofEntries(
            Map.entry("core", 0),
            Map.entry("kernels", 1),
            Map.entry("format", 1),
            Map.entry("tokenize", 2),
            Map.entry("model", 3),
            Map.entry("prompt", 4),
            Map.entry("prefill", 4),
            Map.entry("cache", 4),
            Map.entry("decode", 4),
            Map.entry("media", 4),
            Map.entry("weights", 4),
            Map.entry("serve", 5),
            Map.entry("train", 7),
            Map.entry("data", 5),
            Map.entry("bench", 6),
            Map.entry("langchain4j", 6),
            Map.entry("springai", 6),
            Map.entry("cli", 8));

    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() throws IOException {
        List<Path> folders = modules()
                .map(module -> module.resolve("target/classes"))
                .filter(Files::exists)
                .toList();
        classes = new ClassFileImporter().importPaths(folders);
    }

    private static Stream<Path> modules() throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .filter(folder -> !folder.endsWith("testkit"))
                    .toList()
                    .stream();
        }
    }

    @Test
    void modulesUseLowerFloorsOnly() {
        classes()
                .should(condition("use lower floors only", (origin, events) -> {
                    for (Dependency dependency : origin.getDirectDependenciesFromSelf())
                        if (isOurs(dependency.getTargetClass()) && !allowed(origin, dependency.getTargetClass()))
                            violated(events, dependency.getDescription());
                }))
                .check(classes);
    }

    private static boolean allowed(JavaClass origin, JavaClass target) {
        return module(origin).equals(module(target)) || floor(target) < floor(origin);
    }

    private static int floor(JavaClass type) {
        Integer floor = FLOORS.get(module(type));
        assertThat(floor).as("module of %s has no floor", type.getName()).isNotNull();
        return floor;
    }

    private static String module(JavaClass type) {
        return type.getPackageName().split("\\.")[2];
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith("dev.laconic.");
    }

    /** A module's root package is its face and is left out: it knows the packages below, and they use its types. */
    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.laconic.(*).(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void nobodyAsksATechniqueWhatItIs() {
        classes()
                .should(condition("not ask for a technique's class", (type, events) -> {
                    for (InstanceofCheck check : type.getInstanceofChecks())
                        if (isTechnique(check.getRawType()))
                            violated(
                                    events,
                                    check.getSourceCodeLocation() + " asks for "
                                            + check.getRawType().getName());
                }))
                .check(classes);
    }

    private static boolean isTechnique(JavaClass type) {
        return type.isAnnotatedWith(Technique.class)
                || type.isAnnotatedWith(ExtensionPoint.class)
                || type.getAllRawInterfaces().stream().anyMatch(point -> point.isAnnotatedWith(ExtensionPoint.class));
    }

    @Test
    void onlyCommandsPrint() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.laconic.cli..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(classes);
    }

    @Test
    void thePublicApiThrowsNoCheckedExceptions() {
        methods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should(new ArchCondition<>("throw no checked exceptions") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        if (method.getModifiers().contains(JavaModifier.SYNTHETIC)) return;
                        method.getThrowsClause().getTypes().stream()
                                .filter(type -> !RuntimeException.class.isAssignableFrom(type.reflect()))
                                .forEach(type -> violated(events, method.getFullName() + " throws " + type.getName()));
                    }
                })
                .check(classes);
    }

    @Test
    void everyPackageSaysWhatBelongsThere() throws IOException {
        List<Path> silent = modules()
                .map(module -> module.resolve("src/main/java"))
                .filter(Files::exists)
                .flatMap(ArchitectureTest::packages)
                .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                .toList();
        assertThat(silent).as("packages without package-info.java").isEmpty();
    }

    private static Stream<Path> packages(Path sources) {
        try (Stream<Path> files = Files.walk(sources)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .toList()
                    .stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private interface Check {
        void accept(JavaClass type, ConditionEvents events);
    }

    private static ArchCondition<JavaClass> condition(String description, Check check) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                check.accept(type, events);
            }
        };
    }

    private static void violated(ConditionEvents events, String message) {
        events.add(SimpleConditionEvent.violated(message, message));
    }
}
