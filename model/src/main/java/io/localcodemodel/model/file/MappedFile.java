package io.localcodemodel.model.file;

import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.format.BlockFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that is mapped into memory, with tensors at known places.
///
/// @param data all of its bytes
/// @param memory what they live as long as
record MappedFile(Path path, MemorySegment data, Arena memory) implements AutoCloseable {
    /// What is made of a file that was mapped.
    @FunctionalInterface
    interface Reading<T> {
        T read(MappedFile file) throws IOException;
    }

    /// Maps a file and reads what it says of itself; one that is refused is let go of.
    static <T> T open(Path path, Reading<T> reading) throws IOException {
        Arena memory = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), memory);
            return reading.read(new MappedFile(path, data, memory));
        } catch (IOException | RuntimeException refused) {
            memory.close();
            throw refused;
        }
    }

    /// The bytes of a tensor's elements.
    MemorySegment bytes(TensorEntry entry) {
        return data.asSlice(entry.position(), entry.byteLength());
    }

    /// As [TensorFile#read].
    void read(TensorEntry entry, float[] target, int offset) {
        Elements.toFloats(entry, bytes(entry), target, offset);
    }

    /// As [TensorFile#storage].
    BlockStorage storage(TensorEntry entry) {
        BlockFormat format = entry.type()
                .blockFormat()
                .orElseThrow(() -> new IllegalArgumentException(path + ": tensor " + entry.name()
                        + ": elements of type " + entry.type() + " are not read in place"));
        return new BlockStorage(data, entry.position(), format, entry.shape().size());
    }

    @Override
    public void close() {
        if (memory.scope().isAlive()) {
            memory.close();
        }
    }
}
