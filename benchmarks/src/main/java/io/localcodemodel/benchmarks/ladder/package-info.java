/// The matrix product from the definition to the machine's limit, one idea to a class; `docs/matmul.md` climbs it.
@NullMarked
package io.localcodemodel.benchmarks.ladder;

import org.jspecify.annotations.NullMarked;
