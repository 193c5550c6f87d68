package io.localcodemodel.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// How a training side talks to [TrainingPeers]: it reads the number of steps to do from standard input, one line a
/// round, and answers with the time they took and the loss of the last; an empty line ends it.
final class TrainingSide {
    /// What an answer begins with; other lines are diagnostics.
    static final String ANSWER = "#";

    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

    /// The steps of the next round, or 0 at the end.
    int nextRound() {
        try {
            String line = in.readLine();
            return line == null || line.isBlank() ? 0 : Integer.parseInt(line.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void answer(long nanos, float loss) {
        System.out.printf(Locale.ROOT, "%s%d %.9g%n", ANSWER, nanos, loss);
        System.out.flush();
    }

    /// The most memory this process ever had, as the system counts it.
    void answerPeakMemory() {
        try {
            String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(text -> text.startsWith("VmHWM:"))
                    .findFirst()
                    .orElse("VmHWM: 0 kB");
            System.out.println(ANSWER + line.replaceAll("\\D", ""));
            System.out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
