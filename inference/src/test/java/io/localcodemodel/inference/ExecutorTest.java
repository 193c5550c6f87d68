package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.localcodemodel.model.Transformer;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExecutorTest {
    private final Transformer model = TinyModels.llama(TinyModels.BYTES);

    @Test
    void a_model_computes_on_threads_of_the_application_and_leaves_them_to_it() {
        GenerationOptions options = GenerationOptions.greedy(20);
        AtomicInteger asked = new AtomicInteger();
        String prompt = "int twice(int number) { return 2 * number; } ".repeat(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Executor counting = task -> {
                asked.incrementAndGet();
                threads.execute(task);
            };
            Completion expected;
            try (CodeModel alone = CodeModel.builder().workers(1).of(model, TinyModels.BYTES)) {
                expected = alone.complete(prompt, options);
            }
            try (CodeModel code =
                    CodeModel.builder().workers(3).executor(counting).of(model, TinyModels.BYTES)) {
                assertThat(code.complete(prompt, options).tokens()).isEqualTo(expected.tokens());
            }
            assertThat(asked).hasPositiveValue();
            assertThat(threads.isShutdown()).isFalse();
        }
    }

    @Test
    void a_builder_takes_one_executor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CodeModel.builder()
                        .executor(Runnable::run)
                        .executor(Runnable::run)
                        .of(model, TinyModels.BYTES))
                .withMessageContaining("executor is set twice");
    }
}
