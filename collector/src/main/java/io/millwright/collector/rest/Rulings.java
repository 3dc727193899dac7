package io.millwright.collector.rest;

import io.millwright.collector.control.Control;
import io.millwright.collector.control.JobsFailure;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.operations.Ruling;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What the single writer said of a change, as an answer. */
final class Rulings {
  private Rulings() {}

  /** Has a change made on the thread {@code control}; the view of what is then, or a problem. */
  static <T> CompletionStage<Answer> of(
      Control control,
      int status,
      Function<FleetState, Ruling<T>> change,
      Function<T, Object> view) {
    return of(control.ask((jobs, fleet) -> change.apply(fleet)), status, view);
  }

  /** The view of what is once it was ruled, or a problem. */
  static <T> CompletionStage<Answer> of(
      CompletionStage<Ruling<T>> ruled, int status, Function<T, Object> view) {
    return ruled
        .thenApply(ruling ->
            switch (ruling) {
              case Ruling.Done<T>(T value) -> Answer.json(status, view.apply(value));
              case Ruling.Refused<T>(String sentence) -> Answer.problem(409, sentence);
              case Ruling.Unknown<T>(String sentence) -> Answer.problem(404, sentence);
            })
        .exceptionally(Rulings::failed);
  }

  static Answer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof JobsFailure) {
      return Answer.problem(503, String.valueOf(cause.getMessage()));
    }
    if (cause instanceof IllegalArgumentException) {
      return Answer.problem(400, String.valueOf(cause.getMessage()));
    }
    throw new CompletionException(failure);
  }
}
