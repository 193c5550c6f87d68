package io.localcodemodel.model.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// A file that is written beside the one it will replace, so that an interruption leaves the old one whole.
///
/// @param file what is replaced
/// @param pending where the new contents are written first
public record FileReplacement(Path file, Path pending) {
    /// What the name of a file ends in that was not put in place yet.
    public static final String SUFFIX = ".saving";

    /// A replacement of `file`, written to a name beside it.
    public static FileReplacement of(Path file) {
        return new FileReplacement(file, file.resolveSibling(file.getFileName() + SUFFIX));
    }

    /// Writes all of the contents and forces them to the disk, not yet in place.
    public void write(byte[] contents) throws IOException {
        try (FileChannel channel = FileChannel.open(
                pending, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(contents);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /// Puts the new contents in place, in one step where the file system can, and forces its name to the disk.
    public void commit() throws IOException {
        try {
            Files.move(pending, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException unsupported) {
            Files.move(pending, file, StandardCopyOption.REPLACE_EXISTING);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            forceFolder(folder);
        }
    }

    /// Removes what was written, if it is not in place yet.
    public void discard() {
        try {
            Files.deleteIfExists(pending);
        } catch (IOException kept) {
            // It is overwritten by the next save and never read instead of a complete file.
        }
    }

    /// Forces the names in a folder to the disk, where the platform lets a folder be opened.
    public static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException unsupported) {
            // Windows opens no folder; there a rename is as lasting as it gets.
        }
    }
}
