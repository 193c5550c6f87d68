package io.localcodemodel.training;

/// One text of a corpus.
///
/// @param path where it lies inside its source, with `/` between folders; in an archive the path of the entry
/// @param text its whole content
public record Document(String path, String text) {}
