package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings("try") // closing early is what some tests are about
class WorkersTest {
    private static final int MANY = 1000;

    static Stream<Workers> everyKind() {
        return Stream.of(
                Workers.of(1),
                Workers.of(2),
                Workers.of(5),
                Workers.on(task -> new Thread(task).start(), 3),
                Workers.on(Runnable::run, 2));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void runs_every_block_of_every_task_once(Workers workers) {
        try (workers) {
            for (int task = 0; task < MANY; task++) {
                int blocks = task % 17;
                AtomicIntegerArray runs = new AtomicIntegerArray(17);
                workers.run(blocks, (index, scratch) -> runs.incrementAndGet(index));
                for (int i = 0; i < 17; i++) {
                    assertThat(runs.get(i)).isEqualTo(i < blocks ? 1 : 0);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void tells_how_much_memory_it_keeps(Workers workers) {
        try (workers) {
            assertThat(workers.scratchBytes()).isZero();
            workers.run(1, (index, scratch) -> scratch.floats(Scratch.FIRST_FREE, 1000));
            assertThat(workers.scratchBytes()).isEqualTo(1000 * Float.BYTES);
            workers.run(1, (index, scratch) -> scratch.floats(Scratch.FIRST_FREE + 1, 10));
            assertThat(workers.scratchBytes()).isEqualTo(1010 * Float.BYTES);
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void what_a_block_writes_is_seen_by_the_caller_and_by_the_next_task(Workers workers) {
        try (workers) {
            int[] values = new int[64];
            for (int task = 0; task < MANY; task++) {
                workers.run(64, (index, scratch) -> values[index]++);
            }
            assertThat(values).containsOnly(MANY);
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void an_exception_reaches_the_caller_and_the_workers_stay_usable(Workers workers) {
        try (workers) {
            for (int task = 0; task < 100; task++) {
                int failing = task % 8;
                IllegalArgumentException thrown = new IllegalArgumentException("block " + failing);
                assertThatThrownBy(() -> workers.run(8, (index, scratch) -> {
                            if (index == failing) {
                                throw thrown;
                            }
                        }))
                        .isSameAs(thrown);
                AtomicInteger runs = new AtomicInteger();
                workers.run(8, (index, scratch) -> runs.incrementAndGet());
                assertThat(runs).hasValue(8);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void an_error_reaches_the_caller_too(Workers workers) {
        try (workers) {
            assertThatThrownBy(() -> workers.run(2, (index, scratch) -> {
                        throw new StackOverflowError("deep");
                    }))
                    .isInstanceOf(StackOverflowError.class);
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void a_run_inside_a_block_is_done_by_the_thread_of_the_block(Workers workers) {
        try (workers) {
            Set<String> strays = ConcurrentHashMap.newKeySet();
            AtomicInteger runs = new AtomicInteger();
            workers.run(4, (outer, scratch) -> {
                Thread thread = Thread.currentThread();
                workers.run(4, (inner, other) -> {
                    runs.incrementAndGet();
                    if (!Thread.currentThread().equals(thread) || other.equals(scratch)) {
                        strays.add(outer + " " + inner);
                    }
                });
            });
            assertThat(runs).hasValue(16);
            assertThat(strays).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void refuses_to_run_when_closed_and_closes_twice(Workers workers) {
        workers.close();
        workers.close();
        assertThatThrownBy(() -> workers.run(1, (index, scratch) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void an_interrupted_caller_completes_its_task_and_stays_interrupted(Workers workers) {
        try (workers) {
            AtomicInteger runs = new AtomicInteger();
            Thread.currentThread().interrupt();
            for (int task = 0; task < 100; task++) {
                workers.run(8, (index, scratch) -> runs.incrementAndGet());
            }
            assertThat(Thread.interrupted()).isTrue();
            assertThat(runs).hasValue(800);
        }
    }

    @Test
    void another_thread_takes_part_be_it_awake_or_asleep() {
        List<Thread> threads = new ArrayList<>();
        try (Workers workers = Workers.of(2, work -> started(threads, work))) {
            for (int task = 0; task < 20; task++) {
                if (task % 2 == 1) {
                    untilAsleep(threads.getFirst());
                }
                CountDownLatch both = new CountDownLatch(2);
                workers.run(2, (index, scratch) -> meet(both));
            }
        }
    }

    @Test
    void an_interrupted_worker_goes_on_working() {
        List<Thread> threads = new ArrayList<>();
        try (Workers workers = Workers.of(2, work -> started(threads, work))) {
            untilAsleep(threads.getFirst());
            threads.getFirst().interrupt();
            CountDownLatch both = new CountDownLatch(2);
            workers.run(2, (index, scratch) -> meet(both));
        }
    }

    @Test
    void close_ends_the_threads() {
        List<Thread> threads = new ArrayList<>();
        Workers workers = Workers.of(4, work -> started(threads, work));
        workers.run(100, (index, scratch) -> {});
        assertThat(threads).hasSize(3);
        workers.close();
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    void threads_of_its_own_do_not_keep_the_process_alive() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        try (Workers workers = Workers.of(2)) {
            CountDownLatch both = new CountDownLatch(2);
            workers.run(2, (index, scratch) -> {
                threads.add(Thread.currentThread());
                meet(both);
            });
            threads.remove(Thread.currentThread());
            assertThat(threads).hasSize(1).allMatch(Thread::isDaemon);
        }
    }

    @Test
    void a_worker_cannot_close_the_workers() {
        List<Thread> threads = new ArrayList<>();
        try (Workers workers = Workers.of(2, work -> started(threads, work))) {
            CountDownLatch both = new CountDownLatch(2);
            assertThatThrownBy(() -> workers.run(2, (index, scratch) -> {
                        meet(both);
                        if (Thread.currentThread().equals(threads.getFirst())) {
                            workers.close();
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("block");
        }
    }

    @Test
    void a_thread_that_finds_the_workers_busy_computes_alone() throws InterruptedException {
        try (Workers workers = Workers.of(2)) {
            Set<Thread> helpers = ConcurrentHashMap.newKeySet();
            Thread second = new Thread(() -> workers.run(10, (index, scratch) -> helpers.add(Thread.currentThread())));
            CountDownLatch both = new CountDownLatch(2);
            workers.run(2, (index, scratch) -> {
                meet(both);
                if (index == 0) {
                    second.start();
                }
                joined(second, index == 0);
            });
            second.join();
            assertThat(helpers).containsExactly(second);
        }
    }

    @Test
    void memory_of_a_worker_is_not_shared_with_another() {
        try (Workers workers = Workers.of(3)) {
            Set<Scratch> used = ConcurrentHashMap.newKeySet();
            CountDownLatch all = new CountDownLatch(3);
            workers.run(3, (index, scratch) -> {
                used.add(scratch);
                meet(all);
            });
            assertThat(used).hasSize(3);
            Scratch borrowed = workers.borrow();
            assertThat(used).doesNotContain(borrowed);
            workers.giveBack(borrowed);
            assertThat(workers.borrow()).isSameAs(borrowed);
        }
    }

    @Test
    void the_caller_computes_what_an_executor_refuses() {
        Workers workers = Workers.on(
                task -> {
                    throw new RejectedExecutionException("shut down");
                },
                4);
        Set<Integer> runs = new HashSet<>();
        workers.run(8, (index, scratch) -> runs.add(index));
        assertThat(runs).hasSize(8);
    }

    @Test
    void an_executor_that_fails_ends_the_run_only_when_every_block_has_ended() {
        CountDownLatch claimed = new CountDownLatch(1);
        AtomicInteger executed = new AtomicInteger();
        Workers workers = Workers.on(
                task -> {
                    if (executed.getAndIncrement() > 0) {
                        arrived(claimed);
                        throw new OutOfMemoryError("no thread");
                    }
                    started(new ArrayList<>(), task).start();
                },
                3);
        Thread caller = Thread.currentThread();
        AtomicInteger ended = new AtomicInteger();
        assertThatThrownBy(() -> workers.run(8, (index, scratch) -> {
                    claimed.countDown();
                    // The helper stays in its block until the caller has computed one.
                    while (!Thread.currentThread().equals(caller) && ended.get() == 0) {
                        Thread.onSpinWait();
                    }
                    ended.incrementAndGet();
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(ended).hasValue(8);
    }

    @Test
    void a_task_that_an_executor_starts_too_late_does_nothing() {
        Queue<Runnable> late = new ArrayDeque<>();
        Workers workers = Workers.on(late::add, 3);
        AtomicInteger runs = new AtomicInteger();
        for (int task = 0; task < 2; task++) {
            workers.run(8, (index, scratch) -> runs.incrementAndGet());
            late.forEach(Runnable::run);
            late.clear();
        }
        assertThat(runs).hasValue(16);
    }

    @Test
    void a_busy_executor_is_asked_once_for_each_helper_and_they_help_when_it_comes_to_them() {
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        Workers workers = Workers.on(waiting::add, 4);
        AtomicInteger runs = new AtomicInteger();
        for (int task = 0; task < MANY; task++) {
            workers.run(8, (index, scratch) -> runs.incrementAndGet());
        }
        assertThat(runs).hasValue(8 * MANY);
        assertThat(waiting).hasSize(3);

        Thread executor = started(new ArrayList<>(), () -> waiting.forEach(Runnable::run));
        CountDownLatch both = new CountDownLatch(2);
        workers.run(2, (index, scratch) -> {
            if (index == 0) {
                executor.start();
            }
            meet(both);
        });
        joined(executor, true);
        waiting.clear();
        workers.run(8, (index, scratch) -> runs.incrementAndGet());
        assertThat(waiting).hasSize(3);
    }

    @Test
    void helpers_that_an_executor_refused_are_asked_again() {
        AtomicInteger refused = new AtomicInteger();
        Workers workers = Workers.on(
                task -> {
                    refused.incrementAndGet();
                    throw new RejectedExecutionException("busy");
                },
                2);
        for (int task = 0; task < 5; task++) {
            workers.run(8, (index, scratch) -> {});
        }
        assertThat(refused).hasValue(5);
    }

    @Test
    void refuses_a_count_below_one() {
        assertThatThrownBy(() -> Workers.of(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1, found 0");
    }

    private static Thread started(List<Thread> threads, Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }

    private static void untilAsleep(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    /// Returns when all have come here; they have to be on different threads for that.
    private static void meet(CountDownLatch all) {
        all.countDown();
        arrived(all);
    }

    private static void arrived(CountDownLatch all) {
        try {
            assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void joined(Thread thread, boolean really) {
        try {
            if (really) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
