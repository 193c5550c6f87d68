package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.Transformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
    private static final float CLOSE = 1e-7f;

    @Test
    void warms_up_in_a_line_and_falls_as_a_cosine() {
        Schedule schedule = Schedule.warmupCosine(10L, 110L, 1f, 0.1f);
        assertThat(schedule.rate(0, 0)).isEqualTo(0.1f, within(CLOSE));
        assertThat(schedule.rate(9, 0)).isEqualTo(1f, within(CLOSE));
        assertThat(schedule.rate(10, 0)).isEqualTo(1f, within(CLOSE));
        assertThat(schedule.rate(35, 0)).isEqualTo((float) (0.1 + 0.45 * (1 + Math.sqrt(0.5))), within(CLOSE));
        assertThat(schedule.rate(60, 0)).isEqualTo(0.55f, within(CLOSE));
        assertThat(schedule.rate(110, 0)).isEqualTo(0.1f, within(CLOSE));
        assertThat(schedule.rate(500, 0)).isEqualTo(0.1f, within(CLOSE));
    }

    @Test
    void follows_the_elapsed_part_of_a_run_of_unknown_length() {
        Schedule schedule = Schedule.warmupCosine(0.1, 1f, 0f);
        assertThat(schedule.rate(0, 0.05)).isEqualTo(0.5f, within(CLOSE));
        assertThat(schedule.rate(9999, 0.1)).isEqualTo(1f, within(CLOSE));
        assertThat(schedule.rate(0, 0.55)).isEqualTo(0.5f, within(CLOSE));
        assertThat(schedule.rate(0, 1)).isEqualTo(0f, within(CLOSE));
    }

    @Test
    void stays_and_decays_in_the_last_part() {
        Schedule steps = Schedule.warmupStableDecay(10L, 20L, 100L, 1f, 0.2f);
        assertThat(steps.rate(4, 0)).isEqualTo(0.5f, within(CLOSE));
        assertThat(steps.rate(40, 0)).isEqualTo(1f, within(CLOSE));
        assertThat(steps.rate(80, 0)).isEqualTo(1f, within(1e-6f));
        assertThat(steps.rate(90, 0)).isEqualTo(0.6f, within(1e-6f));
        assertThat(steps.rate(100, 0)).isEqualTo(0.2f, within(1e-6f));
        Schedule parts = Schedule.warmupStableDecay(0.1, 0.2, 1f, 0.2f);
        assertThat(parts.rate(0, 0.5)).isEqualTo(1f, within(CLOSE));
        assertThat(parts.rate(0, 0.9)).isEqualTo(0.6f, within(1e-6f));
    }

    @Test
    void is_constant_or_a_line() {
        assertThat(Schedule.constant(0.3f).rate(7, 0.9)).isEqualTo(0.3f);
        assertThat(Schedule.linear(1f, 0f).rate(7, 0.25)).isEqualTo(0.75f, within(CLOSE));
    }

    @Test
    void refuses_rates_and_lengths_that_make_no_sense() {
        assertThatThrownBy(() -> Schedule.warmupCosine(20L, 10L, 1f, 0f)).hasMessageContaining("warm-up, of 10 in all");
        assertThatThrownBy(() -> Schedule.warmupCosine(1L, 10L, 1f, 2f)).hasMessageContaining("the floor");
        assertThatThrownBy(() -> Schedule.warmupCosine(1.0, 1f, 0f)).hasMessageContaining("the part of warm-up");
        assertThatThrownBy(() -> Schedule.warmupStableDecay(50L, 60L, 100L, 1f, 0f))
                .hasMessageContaining("the steps of decay");
        assertThatThrownBy(() -> Schedule.constant(Float.NaN)).hasMessageContaining("the rate");
        assertThatThrownBy(() -> Schedule.constant(Float.POSITIVE_INFINITY)).hasMessageContaining("the rate");
        assertThatThrownBy(() -> Schedule.linear(0, Float.POSITIVE_INFINITY)).hasMessageContaining("the last rate");
    }

    static Stream<Schedule> schedules() {
        return Stream.of(
                TrainerBuilder.SCHEDULE,
                Schedule.linear(0, 1e-3f),
                Schedule.linear(1e-3f, 0),
                Schedule.warmupCosine(0.5, 1e-3f, 0),
                Schedule.warmupStableDecay(0.3, 0.3, 1e-3f, 0));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void no_step_of_a_run_is_without_effect(Schedule schedule) {
        for (long steps : new long[] {1, 7}) {
            List<Float> rates = new ArrayList<>();
            run(steps, schedule, rates);
            assertThat(rates).hasSize((int) steps).allMatch(rate -> rate > 0);
        }
    }

    @Test
    void a_run_of_time_alone_has_a_rate_from_its_first_step() {
        List<Float> rates = new ArrayList<>();
        AtomicReference<Trainer> trainer = new AtomicReference<>();
        trainer.set(Trainer.builder()
                .model(TinyRuns.model())
                .tokens(TinyRuns.tokens(6, 40, 3))
                .batch(2)
                .budget(Duration.ofHours(1))
                .listener(event -> {
                    if (event instanceof TrainingEvent.StepCompleted step) {
                        rates.add(step.rate());
                        trainer.get().stop();
                    }
                })
                .build());
        trainer.get().run();
        assertThat(rates).singleElement().satisfies(rate -> assertThat(rate).isGreaterThan(1e-5f));
    }

    private static void run(long steps, Schedule schedule, List<Float> rates) {
        Trainer.builder()
                .model(TinyRuns.model())
                .tokens(TinyRuns.tokens(6, 40, 3))
                .schedule(schedule)
                .batch(2)
                .steps(steps)
                .listener(event -> {
                    if (event instanceof TrainingEvent.StepCompleted step) {
                        rates.add(step.rate());
                    }
                })
                .build()
                .run();
    }

    @Test
    void a_rate_that_is_not_finite_ends_the_run_before_it_reaches_the_weights() {
        Transformer model = TinyRuns.model();
        float[][] before = TinyRuns.weights(model);
        assertThatThrownBy(() -> Trainer.builder()
                        .model(model)
                        .tokens(TinyRuns.tokens(6, 40, 3))
                        .schedule((step, elapsed) -> Float.NaN)
                        .batch(2)
                        .steps(1)
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("at learning rate NaN");
        assertThat(TinyRuns.weights(model)).isDeepEqualTo(before);
    }
}
