package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VectorModuleTest {

    @Test
    void the_tests_run_with_the_vector_module() {
        assertThat(ModuleLayer.boot().findModule("jdk.incubator.vector")).isPresent();
    }

    @Test
    void the_tests_run_on_the_jdk_the_build_asks_for() {
        assertThat(Runtime.version().feature()).isEqualTo(25);
    }
}
