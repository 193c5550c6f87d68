package io.localcodemodel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class StopOnInterruptTest {
    /// A process that is told to end when its run has just ended by itself.
    static final class Program {
        public static void main(String[] arguments) throws InterruptedException {
            CountDownLatch ending = new CountDownLatch(1);
            StopOnInterrupt interrupts = new StopOnInterrupt();
            interrupts.stop(ending::countDown);
            new Thread(() -> System.exit(130)).start();
            ending.await();
            System.out.println(interrupts.ignore() ? "goes on" : "ends");
            interrupts.saved();
        }
    }

    @Test
    void an_end_that_comes_after_the_last_step_waits_for_the_save_and_is_told()
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).isEqualToIgnoringNewLines("ends");
        assertThat(process.waitFor()).isEqualTo(130);
    }
}
