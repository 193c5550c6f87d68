package io.localcodemodel.model.file;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.tensor.BlockStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.zip.CRC32C;

/// One file in the safetensors format, mapped into memory.
///
/// The format: 8 bytes that hold the length N of the header as a little-endian number; N bytes of JSON that give for
/// each tensor its type, shape and span of bytes, and under `__metadata__` texts by name; then the elements. The spans
/// cover the rest of the file without overlap, hole or trailing bytes. Opening reads the header alone.
public final class SafetensorsFile implements TensorFile {
    private final MappedFile file;
    private final long dataStart;
    private final SafetensorsHeader header;

    private SafetensorsFile(MappedFile file, long dataStart, SafetensorsHeader header) {
        this.file = file;
        this.dataStart = dataStart;
        this.header = header;
    }

    /// Opens a file and checks its header against the file's length.
    ///
    /// @throws ModelFormatException if the file does not keep to the format; the message names every problem
    public static SafetensorsFile open(Path path) throws IOException {
        return MappedFile.open(path, file -> {
            MemorySegment data = file.data();
            long headerLength = SafetensorsHeader.length(path, data);
            long dataStart = SafetensorsHeader.PREFIX + headerLength;
            SafetensorsHeader header = SafetensorsHeader.parse(
                    path,
                    data.asSlice(SafetensorsHeader.PREFIX, headerLength).asByteBuffer(),
                    dataStart,
                    data.byteSize() - dataStart);
            return new SafetensorsFile(file, dataStart, header);
        });
    }

    @Override
    public Path path() {
        return file.path();
    }

    /// The texts under `__metadata__`.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public SequencedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSequencedMap(header.entries());
    }

    /// The bytes of a tensor's elements, read-only, valid until this file is closed.
    public MemorySegment bytes(String name) {
        return file.bytes(entry(name));
    }

    @Override
    public void read(String name, float[] target, int offset) {
        file.read(entry(name), target, offset);
    }

    @Override
    public BlockStorage storage(String name) {
        return file.storage(entry(name));
    }

    /// The elements of a tensor of floating-point numbers, unrounded.
    public double[] doubles(String name) {
        TensorEntry entry = entry(name);
        MemorySegment bytes = bytes(name);
        double[] values = new double[entry.shape().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.toDouble(bytes, entry.type(), i);
        }
        return values;
    }

    /// The elements of a tensor of whole numbers or truth values (0 and 1); U64 as the signed number of the same bits.
    public long[] longs(String name) {
        TensorEntry entry = entry(name);
        MemorySegment bytes = bytes(name);
        long[] values = new long[entry.shape().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.toLong(bytes, entry.type(), i);
        }
        return values;
    }

    /// Checks the elements against the checksum that [SafetensorsWriter] left; does nothing where there is none.
    ///
    /// @throws ModelFormatException if an element is not what was written
    public void verify() throws ModelFormatException {
        String expected = metadata().get(SafetensorsWriter.CHECKSUM);
        if (expected == null) {
            return;
        }
        String found = String.format(Locale.ROOT, "%08x", checksum());
        if (!expected.equals(found)) {
            throw new ModelFormatException(path() + ": the elements are damaged: expected CRC-32C " + expected
                    + ", as the header says, found " + found + ". Fetch the file again or use an earlier copy.");
        }
    }

    private long checksum() {
        CRC32C checksum = new CRC32C();
        MemorySegment data = file.data();
        int chunk = 1 << 24;
        for (long at = dataStart; at < data.byteSize(); at += chunk) {
            checksum.update(
                    data.asSlice(at, Math.min(chunk, data.byteSize() - at)).asByteBuffer());
        }
        return checksum.getValue();
    }

    @Override
    public void close() {
        file.close();
    }

    @Override
    public String toString() {
        return "SafetensorsFile[" + path() + ", " + header.entries().size() + " tensors]";
    }
}
