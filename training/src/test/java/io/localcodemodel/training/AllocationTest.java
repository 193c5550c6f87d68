package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {
    private static final int LIMIT = 64 << 10;
    private static final int MOST_STEPS = 4000;

    /// Stops the run once ten steps in a row have kept to the limit. Before that, vectors are objects: they go away when
    /// the compiler has seen the kernels often enough.
    private static final class Meter implements Consumer<TrainingEvent> {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final AtomicReference<Trainer> trainer = new AtomicReference<>();
        private long before = Long.MAX_VALUE;
        private long perStep = Long.MAX_VALUE;

        @Override
        public void accept(TrainingEvent event) {
            if (event instanceof TrainingEvent.StepCompleted && event.step() % 10 == 0) {
                // All threads of the process, the workers among them.
                long now = threads.getTotalThreadAllocatedBytes();
                perStep = before == Long.MAX_VALUE ? perStep : (now - before) / 10;
                before = now;
                if (perStep < LIMIT) {
                    trainer.get().stop();
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} of {1} layers, heads of {2}, windows of {3}, {4}")
    @CsvSource({
        "llama, 2, 32, 64, AdamW",
        "llama, 2, 8, 64, Muon",
        "llama, 2, 24, 50, recomputing",
        "llama, 6, 8, 16, AdamW",
        "gpt2, 2, 8, 64, accumulating",
        "gpt2, 2, 16, 37, AdamW",
        "gpt2, 6, 8, 16, AdamW"
    })
    void a_step_allocates_less_than_64_kibibytes_after_warm_up(
            String style, int layers, int headSize, int window, String way) {
        TransformerConfigBuilder config = style.equals("llama") ? TransformerConfig.llama() : TransformerConfig.gpt2();
        Transformer model = Transformer.initialise(
                config.vocabularySize(TinyRuns.VOCABULARY)
                        .contextLength(window)
                        .layers(layers)
                        .width(2 * headSize)
                        .heads(2)
                        .build(),
                1);
        Meter meter = new Meter();
        meter.trainer.set(Trainer.builder()
                .model(model)
                .tokens(TinyRuns.tokens(40, 100, 1))
                .optimizer(way.equals("Muon") ? Muon.defaults() : AdamW.defaults())
                .checkpointing(way.equals("recomputing"))
                .accumulate(way.equals("accumulating") ? 2 : 1)
                .batch(2)
                .workers(2)
                .steps(MOST_STEPS)
                .listener(meter)
                .build());
        meter.trainer.get().run();
        assertThat(meter.perStep).isPositive().isLessThan(LIMIT);
    }
}
