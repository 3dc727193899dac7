package io.millwright.agent.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every pair of state and signal, against the table in the documentation. */
class JobStateMachineTest {
  private static final Path TABLE = Path.of("../docs/states.md");
  private static final Set<JobState> ON_A_NODE =
      EnumSet.complementOf(EnumSet.of(JobState.QUEUED, JobState.PLACED));
  private static final Outcome CAUSE = Outcome.of(Outcome.Kind.STOPPED_BY_REQUEST);
  private static final Outcome OWN = Outcome.exit(7);

  private static final List<Signal> SIGNALS =
      List.of(
          new Signal.Proceed(),
          new Signal.Refused("no"),
          new Signal.Prepared(),
          new Signal.PrepareFailed("no"),
          new Signal.Held(),
          new Signal.Started(),
          new Signal.StartFailed("no"),
          new Signal.NeverBegan(),
          new Signal.Exited(OWN),
          new Signal.Lost(),
          new Signal.Stop(CAUSE),
          new Signal.Faulted("no"),
          new Signal.Cleaned(),
          new Signal.Overdue(),
          new Signal.Resumed(),
          new Signal.Rebooted());

  @Test
  void allSignalsAreTried() {
    assertThat(SIGNALS.stream().map(Signal::getClass).collect(Collectors.toSet()))
        .hasSize(Signal.class.getPermittedSubclasses().length);
  }

  @Test
  void onlyAProgramsOwnFailureIsExplainedByADevice() {
    Signal faulted = new Signal.Faulted("xid-reboot: Xid 79");
    for (JobState state : List.of(JobState.CLEANING, JobState.STUCK)) {
      for (Outcome own : List.of(Outcome.exit(1), Outcome.signal(6))) {
        assertThat(JobStateMachine.step(state, Optional.of(own), faulted))
            .isEqualTo(
                new Step.To(
                    state,
                    Optional.of(new Outcome(Outcome.Kind.DEVICE_FAULT, "xid-reboot: Xid 79")),
                    List.of()));
      }
      for (Outcome other : List.of(CAUSE, Outcome.exit(0), Outcome.of(Outcome.Kind.UNTRACKED))) {
        assertThat(JobStateMachine.step(state, Optional.of(other), faulted))
            .isEqualTo(new Step.To(state, Optional.of(other), List.of()));
      }
    }
  }

  /** One row a signal, one column a state, as in the documentation. */
  @Test
  void everyPairIsAsDocumented() throws IOException {
    Map<String, Map<String, String>> documented = documented();
    assertThat(documented.keySet())
        .containsExactlyElementsOf(SIGNALS.stream().map(Signal::word).toList());
    for (Signal signal : SIGNALS) {
      for (JobState state : ON_A_NODE) {
        assertThat(documented.getOrDefault(signal.word(), Map.of()).get(state.word()))
            .as("%s in %s", signal.word(), state.word())
            .isEqualTo(cell(state, signal));
      }
    }
  }

  /** What the machine does, in the words of the documentation. */
  private static String cell(JobState state, Signal signal) {
    if (state != JobState.STARTING) {
      return cell(JobStateMachine.step(state, given(state), signal));
    }
    String open = cell(JobStateMachine.step(state, Optional.empty(), signal));
    String stopped = cell(JobStateMachine.step(state, Optional.of(CAUSE), signal));
    return open.equals(stopped) ? open : open + "; stopped: " + stopped;
  }

  private static Optional<Outcome> given(JobState state) {
    return switch (state) {
      case QUEUED, PLACED, ACCEPTED, PREPARING, READY, STARTING, RUNNING -> Optional.empty();
      case STOPPING, CLEANING, STUCK, ENDED -> Optional.of(CAUSE);
    };
  }

  private static String cell(Step step) {
    return switch (step) {
      case Step.Illegal _ -> "–";
      case Step.To(JobState state, Optional<Outcome> outcome, List<Effect> effects) -> {
        String word = state.word() + outcome.map(o -> " " + o.text()).orElse("");
        yield effects.isEmpty() ? word : word + " → " + effects.getFirst();
      }
    };
  }

  private static Map<String, Map<String, String>> documented() throws IOException {
    List<List<String>> rows =
        Files.readAllLines(TABLE).stream()
            .filter(line -> line.startsWith("|") && !line.startsWith("|--"))
            .map(line -> Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList())
            .toList();
    Map<String, Map<String, String>> table = new LinkedHashMap<>();
    for (List<String> row : rows.subList(1, rows.size())) {
      Map<String, String> cells = new LinkedHashMap<>();
      for (int i = 1; i < row.size(); i++) {
        cells.put(rows.getFirst().get(i), row.get(i));
      }
      table.put(row.getFirst(), cells);
    }
    return table;
  }

  /** Rewrites the table with {@code -Dgolden.update=true}. */
  @Test
  void theDocumentationCanBeRewritten() throws IOException {
    if (!Boolean.getBoolean("golden.update")) {
      assertThat(Files.readString(TABLE)).contains(rendered());
      return;
    }
    String text = Files.readString(TABLE);
    int from = text.indexOf("| signal |");
    int to = text.indexOf("\n\n", from);
    Files.writeString(TABLE, text.substring(0, from) + rendered() + text.substring(to + 1));
  }

  private static String rendered() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| signal | "
            + ON_A_NODE.stream().map(JobState::word).collect(Collectors.joining(" | "))
            + " |");
    lines.add("|---".repeat(ON_A_NODE.size() + 1) + "|");
    for (Signal signal : SIGNALS) {
      lines.add(
          "| "
              + signal.word()
              + " | "
              + ON_A_NODE.stream()
                  .map(state -> cell(state, signal))
                  .collect(Collectors.joining(" | "))
              + " |");
    }
    return String.join("\n", lines) + "\n";
  }

  /**
   * Whatever comes in whatever order: ended is final, and a known outcome stays, but that a device
   * may explain the failure of a program.
   */
  @Test
  void noOrderOfSignalsBreaksTheRules() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int history = 0; history < 20_000; history++) {
      JobState state = JobState.ACCEPTED;
      Optional<Outcome> outcome = Optional.empty();
      boolean started = false;
      for (int i = 0; i < 20; i++) {
        Signal signal = SIGNALS.get(random.nextInt(SIGNALS.size()));
        if (JobStateMachine.step(state, outcome, signal) instanceof Step.To to) {
          String told = "seed %d history %d: %s".formatted(seed, history, signal.word());
          if (state == JobState.ENDED) {
            assertThat(to.state()).as(told).isEqualTo(JobState.ENDED);
          }
          boolean explained =
              signal instanceof Signal.Faulted
                  && to.outcome().filter(o -> o.kind() == Outcome.Kind.DEVICE_FAULT).isPresent();
          if (outcome.isPresent() && !explained) {
            assertThat(to.outcome()).as(told).isEqualTo(outcome);
          }
          boolean starts = to.effects().contains(Effect.START);
          assertThat(starts && started).as(told).isFalse();
          started = (started || starts) && !(signal instanceof Signal.NeverBegan);
          state = to.state();
          outcome = to.outcome();
        }
      }
    }
  }
}
