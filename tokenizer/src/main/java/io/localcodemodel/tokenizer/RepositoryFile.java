package io.localcodemodel.tokenizer;

/// A file of a repository that is shown to a model as context.
///
/// @param path where it is in the repository, with slashes
/// @param content its text
public record RepositoryFile(String path, String content) {}
