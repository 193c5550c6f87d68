package io.localcodemodel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import tools.jackson.core.JsonParser;
import tools.jackson.jr.ob.JSON;

/// Runs a small application of the library in a JVM of its own, in each of the three ways an application may start.
class EmbeddingTest {
    private static final String FLAG = "--add-modules";
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    /// For a slow and busy machine; a run takes about two seconds.
    private static final int PATIENCE_SECONDS = 300;

    private static final List<Class<?>> LIBRARY =
            List.of(Tensor.class, Tokenizer.class, Transformer.class, CodeModel.class);
    private static final List<Class<?>> DEPENDENCIES =
            List.of(Logger.class, JSON.class, JsonParser.class, LoggerContext.class, ch.qos.logback.core.Context.class);

    @TempDir
    private Path temporary;

    private String path;

    @BeforeEach
    void find_the_library() {
        path = String.join(
                File.pathSeparator,
                Stream.concat(LIBRARY.stream(), DEPENDENCIES.stream())
                        .map(EmbeddingTest::origin)
                        .toList());
    }

    private static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void on_the_class_path_without_the_flag_it_falls_back_and_says_so_once() throws Exception {
        Path program = compile("-cp", path);
        Run run = run("-cp", program + File.pathSeparator + path, "embedding.Program", folder("model"), "true");
        assertThat(run.lines("kernels ")).containsExactly("kernels reference");
        assertThat(run.output())
                .filteredOn(line -> line.contains(VECTOR_MODULE))
                .singleElement()
                .satisfies(line -> assertThat(line).contains(FLAG + " " + VECTOR_MODULE));
        assertThat(run.lines("tokens ")).hasSize(1);
    }

    @Test
    void on_the_class_path_with_the_flag_it_takes_the_vector_kernels() throws Exception {
        Path program = compile("-cp", path);
        Run run = run(
                FLAG,
                VECTOR_MODULE,
                "-cp",
                program + File.pathSeparator + path,
                "embedding.Program",
                folder("model"),
                "true");
        assertThat(run.lines("kernels ")).singleElement().asString().startsWith("kernels vector-");
        assertThat(run.lines("module ")).containsExactly("module null");
        assertThat(run.lines("tokens ")).hasSize(1);
    }

    @Test
    void on_the_module_path_it_takes_the_vector_kernels_without_a_flag() throws Exception {
        Path program = compile("--module-path", path + File.pathSeparator + origin(NullMarked.class));
        Run run = run(
                "--module-path",
                program + File.pathSeparator + path,
                "--module",
                "embedding/embedding.Program",
                folder("model"),
                "true");
        assertThat(run.lines("kernels ")).singleElement().asString().startsWith("kernels vector-");
        assertThat(run.lines("module ")).containsExactly("module io.localcodemodel.inference");
        assertThat(run.lines("tokens ")).hasSize(1);
    }

    @Test
    void a_model_that_is_not_closed_does_not_keep_the_application_running() throws Exception {
        Path program = compile("-cp", path);
        Run run = run("-cp", program + File.pathSeparator + path, "embedding.Program", folder("model"), "false");
        assertThat(run.lines("tokens ")).hasSize(1);
    }

    private String folder(String name) {
        return temporary.resolve(name).toString();
    }

    /// Compiles the application, as a module where the path is a module path.
    private Path compile(String pathOption, String where) throws IOException {
        List<String> sources = new ArrayList<>();
        sources.add(source("Program.java", resource("/embedding/Program.java")));
        if (pathOption.equals("--module-path")) {
            sources.add(source("module-info.java", "module embedding { requires io.localcodemodel.inference; }"));
        }
        Path classes = Files.createDirectories(temporary.resolve("classes"));
        List<String> arguments = new ArrayList<>(List.of(pathOption, where, "-d", classes.toString()));
        arguments.addAll(sources);
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int status =
                ToolProvider.getSystemJavaCompiler().run(null, messages, messages, arguments.toArray(String[]::new));
        assertThat(status).as("the compiler's status; it said %s", messages).isZero();
        return classes;
    }

    private String source(String name, String text) throws IOException {
        return Files.writeString(
                        Files.createDirectories(temporary.resolve("source")).resolve(name), text)
                .toString();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = EmbeddingTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// What a process printed.
    private record Run(List<String> output) {
        List<String> lines(String start) {
            return output.stream().filter(line -> line.startsWith(start)).toList();
        }
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx256m");
        Collections.addAll(command, arguments);
        Path log = temporary.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // Options from the environment would change what is tested.
        builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "CLASSPATH"));
        Process process = builder.start();
        try {
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            List<String> output = Files.readAllLines(log);
            assertThat(ended).as("ended; printed %s", output).isTrue();
            assertThat(process.exitValue())
                    .as("exit status; printed %s", output)
                    .isZero();
            return new Run(output);
        } finally {
            process.destroyForcibly();
        }
    }
}
