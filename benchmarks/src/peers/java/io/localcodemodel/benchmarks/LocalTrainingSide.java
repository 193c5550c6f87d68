package io.localcodemodel.benchmarks;

import io.localcodemodel.model.Transformer;
import io.localcodemodel.training.AdamW;
import io.localcodemodel.training.Schedule;
import io.localcodemodel.training.Trainer;
import io.localcodemodel.training.TrainingEvent;
import java.util.function.Consumer;

/// This library's side of [TrainingPeers]: its own trainer, held up between rounds by its listener.
final class LocalTrainingSide {
    private LocalTrainingSide() {}

    public static void main(String[] arguments) {
        TrainingShape shape = TrainingShape.named(arguments[0]);
        Transformer model = shape.model();
        Rounds rounds = new Rounds();
        Trainer trainer = Trainer.builder()
                .model(model)
                .tokens(shape.tokens())
                .optimizer(AdamW.defaults().withWeightDecay(0))
                .schedule(Schedule.constant(TrainingShape.RATE))
                .clip(0)
                .batch(shape.batch())
                .contextLength(shape.window())
                .steps(Integer.MAX_VALUE)
                .seed(TrainingShape.seed())
                .workers(Integer.parseInt(arguments[1]))
                .listener(rounds)
                .build();
        rounds.stop = trainer::stop;
        trainer.run();
        rounds.side.answerPeakMemory();
    }

    private static final class Rounds implements Consumer<TrainingEvent> {
        private final TrainingSide side = new TrainingSide();
        private Runnable stop = () -> {};
        private long began;
        private int left;

        @Override
        public void accept(TrainingEvent event) {
            if (event instanceof TrainingEvent.StepCompleted step && --left == 0) {
                side.answer(System.nanoTime() - began, step.loss());
            }
            if (left == 0 && !(event instanceof TrainingEvent.Finished)) {
                left = side.nextRound();
                if (left == 0) {
                    stop.run();
                }
                began = System.nanoTime();
            }
        }
    }
}
