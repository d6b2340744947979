package dev.laconic.cli;

import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.TechniqueInfo;
import dev.laconic.core.technique.Techniques;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "techniques",
        description = "Lists the techniques there are, stage by stage.",
        mixinStandardHelpOptions = true)
final class TechniquesCommand implements Runnable {

    @Spec
    CommandSpec spec;

    @Option(
            names = "--stage",
            paramLabel = "STAGE",
            description = "Only this stage: tokenize, prompt, prefill, cache, ...")
    Optional<String> stage;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    @Override
    public void run() {
        List<TechniqueInfo> techniques = stage.map(id -> Techniques.installed().list(Stage.of(id)))
                .orElseGet(() -> Techniques.installed().list());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonText.write(techniques.stream().map(TechniqueInfo::toMap).toList(), out);
            out.println();
        } else {
            for (TechniqueInfo technique : techniques)
                out.printf(
                        "%-9s %-24s %-12s %s%n",
                        technique.stage(), technique.id(), technique.fidelity(), technique.title());
        }
    }
}
