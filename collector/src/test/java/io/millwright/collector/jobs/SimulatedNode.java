package io.millwright.collector.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.JobState;
import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * An agent as the book knows it: it does what is desired, writes a journal, and says each report
 * until it was acknowledged, often more than once.
 */
final class SimulatedNode {
  private final String name;
  private final Random random;
  private final Map<RunId, JobState> runs = new HashMap<>();
  private final Set<RunId> held = new HashSet<>();
  private final Set<RunId> began = new HashSet<>();
  private final List<Report> journal = new ArrayList<>();
  private int journals = 1;
  private long sequence;
  private long acknowledged;
  private long generation;

  SimulatedNode(String name, Random random) {
    this.name = name;
    this.random = random;
  }

  String name() {
    return name;
  }

  String journal() {
    return "journal-" + journals;
  }

  /** A generation that was seen is the past. */
  void take(Desired desired) {
    assertThat(desired.generation()).isGreaterThanOrEqualTo(generation);
    generation = desired.generation();
    held.clear();
    held.addAll(desired.holds());
    for (Assignment assignment : desired.assignments()) {
      if (!runs.containsKey(assignment.id())) {
        move(assignment.id(), JobState.ACCEPTED);
      }
    }
    for (Desired.Stop stop : desired.stops()) {
      if (runs.get(stop.run()) != JobState.ENDED) {
        end(stop.run(), Outcome.of(stop.why()));
      }
    }
  }

  /** Some run takes a step, or ends. */
  void goOn() {
    List<RunId> open =
        runs.keySet().stream().filter(id -> runs.get(id) != JobState.ENDED).sorted().toList();
    if (open.isEmpty()) {
      return;
    }
    RunId id = open.get(random.nextInt(open.size()));
    boolean waits = held.contains(id);
    if (random.nextInt(waits ? 12 : 3) == 0) {
      boolean fails = waits || random.nextInt(3) == 0; // who has not begun has not ended well
      end(id, fails ? Outcome.exit(1 + random.nextInt(3)) : Outcome.exit(0));
      return;
    }
    List<JobState> next =
        EnumSet.range(JobState.PREPARING, waits ? JobState.READY : JobState.STUCK).stream()
            .filter(state -> RunReducer.goesOn(runs.getOrDefault(id, JobState.PLACED), state))
            .toList();
    if (!next.isEmpty()) {
      move(id, next.get(random.nextInt(next.size())));
    }
  }

  /** Whether it ever had a process. */
  boolean began(RunId run) {
    return began.contains(run);
  }

  private void move(RunId id, JobState state) {
    runs.put(id, state);
    if (state.compareTo(JobState.STARTING) >= 0) {
      began.add(id);
    }
    journal.add(Jobs.says(++sequence, id, state));
  }

  private void end(RunId id, Outcome outcome) {
    runs.put(id, JobState.ENDED);
    journal.add(Jobs.ended(++sequence, id, outcome));
  }

  /** From somewhere at or before the last acknowledgement to somewhere after it. */
  List<Report> send() {
    int from = (int) Math.max(0, acknowledged - random.nextInt(4));
    int to = from + random.nextInt(journal.size() - from + 1);
    return List.copyOf(journal.subList(from, to));
  }

  void acknowledged(long upTo) {
    assertThat(upTo).isBetween(acknowledged, sequence);
    acknowledged = upTo;
  }

  /** The disk was lost, and with it every run. */
  void forget() {
    runs.clear();
    journal.clear();
    sequence = 0;
    acknowledged = 0;
    journals++;
  }
}
