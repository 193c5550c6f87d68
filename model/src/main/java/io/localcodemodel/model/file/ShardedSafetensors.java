package io.localcodemodel.model.file;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.BlockStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Tensors spread over several safetensors files, found through an index: `weight_map` gives the file of each tensor.
public final class ShardedSafetensors implements TensorFile {
    /// The usual name of an index.
    public static final String INDEX = "model.safetensors.index.json";

    private static final String NEXT_STEP = "Fetch the index and its files again, all from one place.";

    private final Path index;
    private final Map<String, SafetensorsFile> files;
    private final Map<String, SafetensorsFile> owners = new LinkedHashMap<>();
    private final SequencedMap<String, TensorEntry> entries = new LinkedHashMap<>();

    private ShardedSafetensors(Path index, Map<String, SafetensorsFile> files) {
        this.index = index;
        this.files = files;
    }

    /// Opens an index and all files it names, which lie beside it.
    ///
    /// @throws ModelFormatException if the index or a file is malformed, or they contradict each other
    public static ShardedSafetensors open(Path index) throws IOException {
        Map<String, String> fileOf = weightMap(index);
        Map<String, SafetensorsFile> files = new LinkedHashMap<>();
        try {
            List<String> problems = new ArrayList<>();
            for (String name : new LinkedHashSet<>(fileOf.values())) {
                Path file = index.resolveSibling(name);
                if (Files.isRegularFile(file)) {
                    files.put(name, SafetensorsFile.open(file));
                } else {
                    problems.add("names the file " + name + ", which is not beside it");
                }
            }
            ShardedSafetensors sharded = new ShardedSafetensors(index, files);
            sharded.connect(fileOf, problems);
            if (!problems.isEmpty()) {
                throw ModelFormatException.of(index, problems, NEXT_STEP);
            }
            return sharded;
        } catch (IOException | RuntimeException refused) {
            files.values().forEach(SafetensorsFile::close);
            throw refused;
        }
    }

    private static Map<String, String> weightMap(Path index) throws IOException {
        Map<String, @Nullable Object> object = Json.read(index);
        if (!(object.get("weight_map") instanceof Map<?, ?> map)) {
            throw ModelFormatException.of(
                    index, List.of("expected an object weight_map, found " + object.get("weight_map")), NEXT_STEP);
        }
        Map<String, String> fileOf = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            // A plain name only: an index must not reach outside its folder.
            if (!(entry.getValue() instanceof String name) || !isPlain(name)) {
                throw ModelFormatException.of(
                        index,
                        List.of("expected the name of a file beside it for tensor " + entry.getKey() + ", found "
                                + entry.getValue()),
                        NEXT_STEP);
            }
            fileOf.put(String.valueOf(entry.getKey()), name);
        }
        return fileOf;
    }

    private static boolean isPlain(String name) {
        try {
            return !name.isBlank()
                    && !name.contains("/")
                    && !name.contains("\\")
                    && !name.equals("..")
                    && Path.of(name).getNameCount() == 1;
        } catch (InvalidPathException noName) {
            return false;
        }
    }

    private void connect(Map<String, String> fileOf, List<String> problems) {
        if (!problems.isEmpty()) {
            return;
        }
        fileOf.forEach((tensor, name) -> {
            SafetensorsFile file = files.get(name);
            TensorEntry entry = file == null ? null : file.entries().get(tensor);
            if (file == null || entry == null) {
                problems.add("says that tensor " + tensor + " is in " + name + ", which does not hold it");
            } else {
                entries.put(tensor, entry);
                owners.put(tensor, file);
            }
        });
    }

    @Override
    public Path path() {
        return index;
    }

    @Override
    public SequencedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSequencedMap(entries);
    }

    @Override
    public void read(String name, float[] target, int offset) {
        owner(name).read(name, target, offset);
    }

    @Override
    public BlockStorage storage(String name) {
        return owner(name).storage(name);
    }

    private SafetensorsFile owner(String name) {
        entry(name);
        return Objects.requireNonNull(owners.get(name), name);
    }

    @Override
    public void close() {
        files.values().forEach(SafetensorsFile::close);
    }
}
