package io.localcodemodel.training;

/// The schedules of [Schedule], as records so that a report and a checkpoint can name them.
final class Schedules {
    private Schedules() {}

    static void require(boolean condition, String what, double found) {
        if (!condition) {
            throw new IllegalArgumentException("schedule: " + what + " cannot be " + found);
        }
    }

    static void requireRate(String what, float rate) {
        require(rate >= 0 && Float.isFinite(rate), what, rate);
    }

    static void requireRates(float peak, float floor) {
        requireRate("the peak rate", peak);
        require(floor >= 0 && floor <= peak, "the floor, which lies between 0 and the peak " + peak + ",", floor);
    }

    record Constant(float rate) implements Schedule {
        @Override
        public float rate(long step, double elapsed) {
            return rate;
        }
    }

    record Linear(float first, float last) implements Schedule {
        @Override
        public float rate(long step, double elapsed) {
            return (float) (first + (last - first) * elapsed);
        }
    }

    /// How far a run is in its warm-up and after it.
    sealed interface Stretch {
        /// The part of the peak rate reached during warm-up; 1 after it.
        double warmth(long step, double elapsed);

        /// From 0 at the end of warm-up to 1 at the end of the run.
        double decline(long step, double elapsed);
    }

    /// Counted in steps. The first step of a warm-up of n already has 1/n of the peak, so that no step is without effect.
    record Steps(long warmup, long total) implements Stretch {
        Steps {
            require(total >= 1, "the total of steps", (double) total);
            require(warmup >= 0 && warmup <= total, "the steps of warm-up, of " + total + " in all,", (double) warmup);
        }

        @Override
        public double warmth(long step, double elapsed) {
            return step >= warmup ? 1 : (step + 1.0) / warmup;
        }

        @Override
        public double decline(long step, double elapsed) {
            return total == warmup ? 1 : Math.clamp((double) (step - warmup) / (total - warmup), 0, 1);
        }
    }

    /// Counted in parts of the run.
    record Parts(double warmup) implements Stretch {
        Parts {
            require(warmup >= 0 && warmup < 1, "the part of warm-up", warmup);
        }

        @Override
        public double warmth(long step, double elapsed) {
            return elapsed >= warmup ? 1 : elapsed / warmup;
        }

        @Override
        public double decline(long step, double elapsed) {
            return Math.clamp((elapsed - warmup) / (1 - warmup), 0, 1);
        }
    }

    record WarmupCosine(Stretch stretch, float peak, float floor) implements Schedule {
        @Override
        public float rate(long step, double elapsed) {
            double warmth = stretch.warmth(step, elapsed);
            if (warmth < 1) {
                return (float) (peak * warmth);
            }
            double cosine = StrictMath.cos(Math.PI * stretch.decline(step, elapsed));
            return (float) (floor + (peak - floor) * 0.5 * (1 + cosine));
        }
    }

    /// A plateau and a line.
    ///
    /// @param decay the part of what follows the warm-up in which the rate falls
    record WarmupStableDecay(Stretch stretch, double decay, float peak, float floor) implements Schedule {
        @Override
        public float rate(long step, double elapsed) {
            double left = 1 - stretch.decline(step, elapsed);
            double height = left >= decay ? 1 : left / decay;
            return (float) (Math.min(stretch.warmth(step, elapsed), 1) * (floor + (peak - floor) * height));
        }
    }
}
