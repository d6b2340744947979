package dev.laconic.model.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArchitecturesTest {

    @Test
    void allThatAreListedCanBeBuilt() {
        assertThat(Architectures.names()).isNotEmpty().allSatisfy(name -> assertThat(Architectures.builder(name)).isNotNull());
        assertThatThrownBy(() -> Architectures.builder("perceptron")).hasMessage("perceptron");
    }
}
