package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorActivationLoopsTest {
    /// The most bytecodes of a method that C2 inlines however often it is called (`FreqInlineSize`).
    private static final int INLINED = 325;

    @ParameterizedTest
    @ValueSource(strings = {"forward", "activateBackward", "gateBackward"})
    void a_loop_is_too_large_to_become_part_of_another_method(String name) throws IOException {
        assertThat(codeLength(name)).isGreaterThan(INLINED);
    }

    private static int codeLength(String name) throws IOException {
        try (InputStream in = VectorActivationLoops.class.getResourceAsStream("VectorActivationLoops.class")) {
            for (MethodModel method : ClassFile.of()
                    .parse(Objects.requireNonNull(in).readAllBytes())
                    .methods()) {
                if (method.methodName().equalsString(name)) {
                    return ((CodeAttribute) method.code().orElseThrow()).codeLength();
                }
            }
        }
        throw new AssertionError("there is no method " + name);
    }
}
