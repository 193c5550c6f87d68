package io.localcodemodel.training;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.file.FileReplacement;
import io.localcodemodel.model.file.SafetensorsFile;
import io.localcodemodel.model.file.SafetensorsWriter;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One checkpoint on the disk: written whole or not at all, checked before it is believed.
final class CheckpointFolder {
    static final String RECORD = "training.json";
    static final String OPTIMIZER = "optimizer.safetensors";

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final String PENDING = ".saving-";
    private static final Pattern NAME = Pattern.compile("step-\\d{8,18}");

    private CheckpointFolder() {}

    // ---------------------------------------------------------------- the folder of all checkpoints

    /// The whole checkpoints, by step.
    static List<Path> list(Path parent) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(child ->
                            NAME.matcher(child.getFileName().toString()).matches()
                                    && Files.exists(child.resolve(RECORD)))
                    .sorted((a, b) -> Long.compare(step(a), step(b)))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new TrainingException("the checkpoints in " + parent + " cannot be listed: " + e, e);
        }
    }

    private static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring("step-".length()));
    }

    /// Makes the folder of all checkpoints, and tells before hours of training rather than after whether it can be written.
    ///
    /// @throws TrainingException if it cannot
    static void prepare(Path parent) {
        try {
            Files.createDirectories(parent);
            Files.delete(Files.createTempFile(parent, PENDING, null));
        } catch (IOException e) {
            throw new TrainingException(
                    "no checkpoint can be saved in " + parent + ": " + e + "; name another folder", e);
        }
    }

    /// Something that an interrupt may end early, and that can be done again.
    @FunctionalInterface
    interface Action<T, E extends Exception> {
        T run() throws E;
    }

    /// Does something with files in spite of an interrupt, which closes the file that its thread is at. The thread stays
    /// interrupted.
    static <T, E extends Exception> T uninterrupted(Action<T, E> action) throws E {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return action.run();
                } catch (Exception e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Deletes what is neither among the last nor, where wanted, the best, and what an interrupted save left behind. What
    /// cannot be deleted stays, with a line in the log.
    static void prune(Checkpoints checkpoints) {
        List<Path> all = checkpoints.all();
        List<Path> surplus = new ArrayList<>(all.subList(0, Math.max(0, all.size() - checkpoints.keepLast())));
        if (checkpoints.keepsBest()) {
            Map<Path, Double> ratings = ratings(all);
            // What cannot be read may have been the best.
            surplus.retainAll(ratings.keySet());
            best(ratings).ifPresent(surplus::remove);
        }
        try {
            for (Path checkpoint : surplus) {
                setAside(checkpoint);
            }
            try (Stream<Path> children = Files.list(checkpoints.folder())) {
                for (Path child : children.toList()) {
                    if (child.getFileName().toString().startsWith(PENDING)) {
                        delete(child);
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("What is no longer needed in {} cannot be deleted: {}", checkpoints.folder(), e.toString());
        }
    }

    /// How well the checkpoints did, in bits per byte, or infinity where that is not known. Those that cannot be read are
    /// left out, with a line in the log.
    static Map<Path, Double> ratings(List<Path> checkpoints) {
        Map<Path, Double> ratings = new LinkedHashMap<>();
        for (Path checkpoint : checkpoints) {
            try {
                Double bitsPerByte = uninterrupted(() -> read(checkpoint)).validationBitsPerByte();
                ratings.put(checkpoint, bitsPerByte == null ? Double.POSITIVE_INFINITY : bitsPerByte);
            } catch (TrainingException e) {
                LOG.warn("Not known how good: {}", e.getMessage());
            }
        }
        return ratings;
    }

    /// The best of some ratings, if there is one that is known.
    static Optional<Path> best(Map<Path, Double> ratings) {
        return ratings.entrySet().stream()
                .filter(rated -> rated.getValue() < Double.POSITIVE_INFINITY)
                .min(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }

    /// Gives a folder a name under which it is no checkpoint, and the next [#prune] deletes it.
    private static void setAside(Path checkpoint) throws IOException {
        Path aside = checkpoint.resolveSibling(PENDING + "removed-" + checkpoint.getFileName());
        delete(aside);
        Files.move(checkpoint, aside);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    // ---------------------------------------------------------------- writing

    /// Saves a checkpoint under `parent`; it has its name once all of it is on the disk.
    static Path save(
            Path parent,
            Transformer model,
            @Nullable Tokenizer tokenizer,
            Map<String, Tensor> optimizer,
            CheckpointRecord record)
            throws IOException {
        try {
            return uninterrupted(() -> write(parent, model, tokenizer, optimizer, record));
        } catch (IOException failed) {
            // On a full disk half a checkpoint would take the room that is left.
            try {
                delete(parent.resolve(PENDING + name(record)));
            } catch (IOException kept) {
                failed.addSuppressed(kept);
            }
            throw failed;
        }
    }

    /// Replaces what the checkpoint of the record's step says, its weights and state being the same.
    static Path update(Path parent, CheckpointRecord record) throws IOException {
        Path checkpoint = parent.resolve(name(record));
        return uninterrupted(() -> {
            write(checkpoint, record.withFiles(read(checkpoint).files()));
            return checkpoint;
        });
    }

    private static String name(CheckpointRecord record) {
        return String.format(Locale.ROOT, "step-%08d", record.step());
    }

    private static Path write(
            Path parent,
            Transformer model,
            @Nullable Tokenizer tokenizer,
            Map<String, Tensor> optimizer,
            CheckpointRecord record)
            throws IOException {
        String name = name(record);
        Files.createDirectories(parent);
        Path pending = parent.resolve(PENDING + name);
        delete(pending);
        Files.createDirectory(pending);
        model.save(pending);
        if (tokenizer != null) {
            tokenizer.save(pending.resolve("tokenizer.json"));
        }
        List<SafetensorsWriter.Source> sources = new ArrayList<>();
        optimizer.forEach((key, tensor) -> sources.add(SafetensorsWriter.Source.of(key, tensor)));
        SafetensorsWriter.write(pending.resolve(OPTIMIZER), Map.of(), sources);

        write(pending, record.withFiles(sums(pending)));
        Path checkpoint = parent.resolve(name);
        if (Files.exists(checkpoint)) {
            // No checkpoint, or the run would have gone on from it.
            setAside(checkpoint);
        }
        new FileReplacement(checkpoint, pending).commit();
        return checkpoint;
    }

    private static void write(Path checkpoint, CheckpointRecord record) throws IOException {
        FileReplacement file = FileReplacement.of(checkpoint.resolve(RECORD));
        file.write(Json.pretty(record.toJson()).getBytes(StandardCharsets.UTF_8));
        file.commit();
    }

    private static Map<String, CheckpointRecord.Sum> sums(Path folder) throws IOException {
        Map<String, CheckpointRecord.Sum> sums = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                sums.put(file.getFileName().toString(), sum(file));
            }
        }
        return new LinkedHashMap<>(sums);
    }

    private static CheckpointRecord.Sum sum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                bytes += buffer.remaining();
                crc.update(buffer);
                buffer.clear();
            }
        }
        return new CheckpointRecord.Sum(bytes, String.format(Locale.ROOT, "%08x", crc.getValue()));
    }

    // ---------------------------------------------------------------- reading

    /// What a checkpoint says of itself.
    ///
    /// @throws TrainingException if it cannot be read
    static CheckpointRecord read(Path checkpoint) {
        try {
            return CheckpointRecord.fromJson(Json.read(checkpoint.resolve(RECORD)));
        } catch (ModelFormatException e) {
            throw corrupted(checkpoint, RECORD + " is no record of a run (" + e.getMessage() + ")", e);
        } catch (IOException | IllegalArgumentException | ArithmeticException e) {
            throw corrupted(checkpoint, RECORD + ": " + e.getMessage(), e);
        }
    }

    /// Writes a checkpoint's numbers into a model and an optimiser's state, after all its files have proved whole.
    ///
    /// @throws TrainingException if it is not whole, or of another model or optimiser
    static void restore(Path checkpoint, CheckpointRecord record, Transformer model, Optimizer.State optimizer) {
        try {
            List<String> problems = new ArrayList<>();
            for (Map.Entry<String, CheckpointRecord.Sum> file : record.files().entrySet()) {
                check(checkpoint.resolve(file.getKey()), file.getValue(), problems);
            }
            if (!problems.isEmpty()) {
                throw corrupted(checkpoint, String.join("; ", problems), null);
            }
            Map<String, Parameter> saved = new LinkedHashMap<>();
            for (Parameter parameter : Transformer.load(checkpoint).parameters()) {
                saved.put(parameter.name(), parameter);
            }
            try (SafetensorsFile state = SafetensorsFile.open(checkpoint.resolve(OPTIMIZER))) {
                Map<String, Tensor> tensors = optimizer.tensors();
                require(checkpoint, "the parameters", shapes(model.parameters()), shapes(saved.values()));
                Map<String, String> found = new TreeMap<>();
                state.entries()
                        .forEach((key, entry) -> found.put(key, entry.shape().toString()));
                Map<String, String> expected = new TreeMap<>();
                tensors.forEach(
                        (key, tensor) -> expected.put(key, tensor.shape().toString()));
                require(checkpoint, "the optimiser's state", expected, found);

                tensors.forEach((key, tensor) -> state.read(key, tensor.array(), tensor.offset()));
            }
            for (Parameter parameter : model.parameters()) {
                Tensor from = Objects.requireNonNull(saved.get(parameter.name()))
                        .variable()
                        .value();
                Tensor to = parameter.variable().value();
                System.arraycopy(from.array(), from.offset(), to.array(), to.offset(), to.size());
                parameter.variable().changed();
            }
            optimizer.resume(record.optimizerSteps());
        } catch (IOException e) {
            throw corrupted(checkpoint, e.toString(), e);
        }
    }

    private static void check(Path file, CheckpointRecord.Sum expected, List<String> problems) throws IOException {
        try {
            CheckpointRecord.Sum found = sum(file);
            if (!found.equals(expected)) {
                problems.add(file.getFileName() + ": expected " + expected.bytes() + " bytes with CRC-32C "
                        + expected.crc32c() + ", found " + found.bytes() + " with " + found.crc32c());
            }
        } catch (NoSuchFileException e) {
            problems.add(file.getFileName() + " is missing");
        }
    }

    private static Map<String, String> shapes(Iterable<Parameter> parameters) {
        Map<String, String> shapes = new TreeMap<>();
        for (Parameter parameter : parameters) {
            shapes.put(parameter.name(), parameter.shape().toString());
        }
        return shapes;
    }

    private static void require(Path checkpoint, String what, Map<String, String> expected, Map<String, String> found) {
        if (expected.equals(found)) {
            return;
        }
        Map<String, String> missing = new TreeMap<>(expected);
        missing.entrySet().removeAll(found.entrySet());
        Map<String, String> surplus = new TreeMap<>(found);
        surplus.entrySet().removeAll(expected.entrySet());
        throw new TrainingException("checkpoint " + checkpoint + " does not fit: of " + what + " the run has " + missing
                + " where the checkpoint has " + surplus + "; resume with the settings the run was started with");
    }

    static TrainingException corrupted(Path checkpoint, String what, @Nullable Exception cause) {
        String message = "checkpoint " + checkpoint + " is damaged: " + what
                + "; delete its folder to resume from the checkpoint before it";
        return cause == null ? new TrainingException(message) : new TrainingException(message, cause);
    }
}
