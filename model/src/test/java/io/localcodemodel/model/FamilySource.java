package io.localcodemodel.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs a test with every golden decoder.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ValueSource(
        strings = {
            "gpt2",
            "gpt2_hub",
            "llama",
            "llama3",
            "deepseek_coder",
            "mistral",
            "qwen2",
            "qwen3",
            "gemma",
            "olmo2",
            "starcoder2",
            "phi",
            "gpt_neox",
            "opt",
            "gpt_bigcode",
            "codegen"
        })
@interface FamilySource {}
