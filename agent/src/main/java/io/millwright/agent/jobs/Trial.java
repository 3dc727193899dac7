package io.millwright.agent.jobs;

import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Whether a test of the site has the node's accelerators: decided here alone, by the thread that
 * gives them to runs, so that neither misses the other. Tests wait for runs and runs for tests,
 * each in the order in which they came.
 */
final class Trial {
  private final List<Request> requests = new ArrayList<>();
  private final SequencedMap<RunId, Runnable> held = new LinkedHashMap<>();
  private boolean running;

  /**
   * Somebody wants to test.
   *
   * @param behind it came when runs were already held, which begin before it
   */
  private record Request(
      Optional<RunId> of,
      boolean behind,
      long untilNanos,
      CompletableFuture<Optional<String>> answer) {}

  /**
   * A test wants the accelerators.
   *
   * @param of the run around which it is; its own devices are no reason against it
   * @param untilNanos it waits for them until then, in monotonic nanoseconds
   * @param answer empty where it has them, until {@link #end}; else why not
   */
  void begin(Optional<RunId> of, long untilNanos, CompletableFuture<Optional<String>> answer) {
    requests.add(new Request(of, !held.isEmpty(), untilNanos, answer));
  }

  /**
   * Gives them to the first that may have them, and answers who has waited for too long.
   *
   * @param looking whether a run's devices are being looked at, so that no process of it is there
   */
  void settle(Book book, Predicate<RunId> looking, long nowNanos) {
    requests.removeIf(request -> request.answer().isDone()); // whoever asked has given up
    for (Request request : List.copyOf(requests)) {
      Optional<String> why = refusal(request, book, looking);
      if (why.isEmpty() || nowNanos - request.untilNanos() >= 0) {
        requests.remove(request);
        running |= request.answer().complete(why) && why.isEmpty();
      }
    }
  }

  private Optional<String> refusal(Request request, Book book, Predicate<RunId> looking) {
    if (running) {
      return Optional.of("another test of the site runs on this node; wait for its end");
    }
    if (request.behind() && !held.isEmpty()) {
      return Optional.of("jobs of this node wait for its accelerators; ask again");
    }
    return book.runs().stream()
        .filter(run -> run.open() && !run.devices().isEmpty())
        .filter(run -> !request.of().equals(Optional.of(run.id())))
        .filter(run -> request.of().isEmpty() || disturbed(run, looking))
        .findFirst()
        .map(run ->
            "a test would disturb %s, which has an accelerator of this node; drain it first"
                .formatted(run.id().text()));
  }

  /**
   * A look at devices is not mixed with a test; what waits for a test itself looks at nothing, and
   * what is ready has nothing begun: two gangs would wait for each other.
   */
  private boolean disturbed(Run run, Predicate<RunId> looking) {
    if (looking.test(run.id())) {
      return requests.stream().noneMatch(other -> other.of().equals(Optional.of(run.id())));
    }
    return switch (run.state()) {
      case QUEUED, PLACED, ACCEPTED, PREPARING, READY -> false;
      case STARTING, RUNNING, STOPPING, CLEANING, STUCK, ENDED -> true;
    };
  }

  void end() {
    running = false;
  }

  /** Whether a test has the accelerators; then no run gets one. */
  boolean running() {
    return running;
  }

  /** The run takes this step once no test has the accelerators. */
  void hold(RunId run, Runnable step) {
    held.put(run, step);
  }

  /** It takes it no more. */
  void forget(RunId run) {
    held.remove(run);
  }

  /** The next step that nothing holds up any more, in the order in which they came. */
  Optional<Runnable> released() {
    Map.Entry<RunId, Runnable> first = running ? null : held.pollFirstEntry();
    return Optional.ofNullable(first).map(Map.Entry::getValue);
  }
}
