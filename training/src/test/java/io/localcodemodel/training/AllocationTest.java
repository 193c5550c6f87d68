package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationTest {
    private static final int WARM_UP = 6;
    private static final int MEASURED = 10;

    /// Bytes that all threads of the process allocated between two steps.
    private static final class Meter implements Consumer<TrainingEvent> {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private long before;
        private long after;

        @Override
        public void accept(TrainingEvent event) {
            if (event instanceof TrainingEvent.StepCompleted && event.step() == WARM_UP) {
                before = threads.getTotalThreadAllocatedBytes();
            }
            if (event instanceof TrainingEvent.StepCompleted && event.step() == WARM_UP + MEASURED) {
                after = threads.getTotalThreadAllocatedBytes();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AdamW", "Muon", "recomputing", "accumulating"})
    void a_step_allocates_less_than_64_kibibytes_after_warm_up(String way) {
        Transformer model = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(TinyRuns.VOCABULARY)
                        .contextLength(32)
                        .layers(6)
                        .width(32)
                        .heads(4)
                        .build(),
                1);
        Meter meter = new Meter();
        Trainer.builder()
                .model(model)
                .tokens(TinyRuns.tokens(40, 100, 1))
                .optimizer(way.equals("Muon") ? Muon.defaults() : AdamW.defaults())
                .checkpointing(way.equals("recomputing"))
                .accumulate(way.equals("accumulating") ? 2 : 1)
                .batch(4)
                .workers(2)
                .steps(WARM_UP + MEASURED)
                .listener(meter)
                .build()
                .run();
        assertThat((meter.after - meter.before) / MEASURED).isPositive().isLessThan(64 << 10);
    }
}
