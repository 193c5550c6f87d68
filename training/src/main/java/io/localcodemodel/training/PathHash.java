package io.localcodemodel.training;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The SHA-256 of a path, by which files are held out whatever else the corpus contains.
final class PathHash {
    private PathHash() {}

    /// The digest of the path's UTF-8 bytes as an unsigned big-endian number.
    static BigInteger of(String path) {
        return new BigInteger(1, sha256().digest(path.getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
