package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.localcodemodel.training.TrainingEvent.FinishReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TrainingLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(Trainer.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
    }

    private static TrainingEvent.StepCompleted step(long number, float loss, double elapsed, int seconds) {
        return new TrainingEvent.StepCompleted(number, loss, 1e-3f, 1, 2000, 0.1, elapsed, Duration.ofSeconds(seconds));
    }

    private static final List<TrainingEvent> RUN = List.of(
            new TrainingEvent.Started(0, null, 100, 5000, 1000, 70_000, 900),
            step(1, 4f, 0.01, 1),
            step(2, 3f, 0.02, 2),
            step(3, 3f, 0.25, 11),
            new TrainingEvent.Validated(3, new Evaluation(1000 * Math.log(2), 900, 500), true, Duration.ofSeconds(12)),
            new TrainingEvent.CheckpointSaved(3, Path.of("step-00000003"), Duration.ofSeconds(1)),
            new TrainingEvent.Finished(
                    3, FinishReason.STOPPED, Duration.ofSeconds(12), new TrainingEvent.MemoryUse(0, 0, 0, 0, 0, 0, 0)));

    @Test
    void writes_the_steps_once_in_a_while_and_everything_else() {
        RUN.forEach(new TrainingLog());
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "training of 5000 parameters on 70000 tokens, 1000 a step",
                        "step 1  loss 4.000  2,000 tokens/s  1:39 left  rate 0.001",
                        "step 3  loss 3.960  2,000 tokens/s  0:33 left  rate 0.001",
                        "step 3  2.0 bits per byte on held-out texts, the best so far",
                        "step 3  saved step-00000003",
                        "step 3  the run ended: STOPPED after PT12S");
    }

    @Test
    void writes_every_step_where_the_interval_is_zero() {
        RUN.forEach(new TrainingLog(Duration.ZERO));
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(line -> line.contains("rate"))
                .hasSize(3);
        assertThatThrownBy(() -> new TrainingLog(Duration.ofSeconds(-1))).hasMessageContaining("at least 0");
    }

    @Test
    void figures_are_those_of_all_steps_and_of_the_last_validation() {
        TrainingFigures figures = new TrainingFigures();
        assertThat(figures.timeLeft()).isZero();
        RUN.forEach(figures);
        assertThat(figures.tokensPerSecond()).isEqualTo(2000, within(1e-9));
        assertThat(figures.bitsPerByte()).isEqualTo(2, within(1e-12));
        assertThat(figures.timeLeft()).isEqualTo(Duration.ofSeconds(36));
        assertThat(figures).hasToString("loss 3.960  2.000 bits/byte  2,000 tokens/s  0:36 left");
    }
}
