/// Training: corpora, optimisers, schedules, the loop and its checkpoints.
@NullMarked
package io.localcodemodel.training;

import org.jspecify.annotations.NullMarked;
