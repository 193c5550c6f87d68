package io.localcodemodel.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A training side in a process of its own, seen from [TrainingPeers].
final class TrainingProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final PrintWriter in;
    private final List<String> said = new ArrayList<>();

    /// One round's outcome.
    record Round(double seconds, float loss) {}

    TrainingProcess(Class<?> main, List<String> jvmOptions, TrainingShape shape, int threads) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(shape.name(), String.valueOf(threads)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        builder.environment().put("MKL_NUM_THREADS", String.valueOf(threads));
        process = builder.start();
        out = process.inputReader(StandardCharsets.UTF_8);
        in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    }

    Round round(int steps) throws IOException {
        in.println(steps);
        String[] answer = answer().split(" ", 2);
        return new Round(Long.parseLong(answer[0]) / 1e9, Float.parseFloat(answer[1]));
    }

    /// Ends the side; returns its peak resident memory in bytes.
    long finish() throws IOException {
        in.println();
        return Long.parseLong(answer()) * 1024;
    }

    private String answer() throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(TrainingSide.ANSWER)) {
                return line.substring(TrainingSide.ANSWER.length()).strip();
            }
            said.add(line);
        }
        throw new IOException("a side ended early and said:\n" + String.join("\n", said));
    }

    /// What the side said besides its answers.
    List<String> said() {
        return said;
    }

    @Override
    public void close() {
        in.println();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
