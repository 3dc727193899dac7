package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.lane.CallClock;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.SourceProbe;
import io.millwright.agent.sampling.ProbeLedger;
import io.millwright.agent.sampling.Sampler;
import io.millwright.agent.watch.Watch;
import io.millwright.drivers.Source;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.health.Evidence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A host without accelerators whose health is judged: the real sources over a crafted tree, a file
 * as the kernel log, and the real sampler. Time can be put forward for the rules alone.
 */
final class JudgedHost implements AutoCloseable {
  static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final Duration MOMENT = Duration.ofSeconds(1);

  /** The kernel log is looked at ten times a second. */
  private static final int TICKS_OF_THE_LOG = 8;

  /** What a test does to the host. */
  interface Act {
    void on(JudgedHost host);
  }

  /**
   * One rule, and what it must say of something of its own in the tree.
   *
   * @param of a word of what is observed
   * @param near differs in one value from what makes the rule speak
   */
  record Case(String rule, String of, Act near, Act fire, Act end) {
    /** Three contents of one file. */
    static Case file(String rule, String of, String file, String near, String fire, String end) {
      return new Case(
          rule,
          of,
          host -> host.write(file, near),
          host -> host.write(file, fire),
          host -> host.write(file, end));
    }
  }

  final OffsetClock clock = new OffsetClock();
  private final Path tree;
  private final Path kernelLog;
  private final Path state;
  private final List<SourceProbe> lanes = new ArrayList<>();
  private final List<Probe> probes = new ArrayList<>();
  private Watch watch;
  private Sampler sampler;
  private long lines;

  /** Of the lines, how many have been given the time to be read. */
  private long settled;

  JudgedHost() throws IOException {
    tree = Scratch.inMemory("mw-tree");
    state = Scratch.directory("mw-events").resolve("health");
    kernelLog = tree.resolve("kernel-log");
    Files.createFile(kernelLog);
    watch = watch("boot");
    sampler = sampler();
  }

  /** A source of readings; the tree should be laid out before. */
  JudgedHost with(String probe, Function<CallClock, Source> source) {
    SourceProbe lane =
        new SourceProbe(probe, probe, Clock.system(), WatchedNode.ALL_AT_ONCE, source);
    lanes.add(lane);
    return with(lane);
  }

  /** Before the start. */
  void withoutKernelLog() throws IOException {
    Files.delete(kernelLog);
  }

  JudgedHost with(Probe probe) {
    probes.add(probe);
    return this;
  }

  JudgedHost start() {
    lanes.forEach(SourceProbe::start);
    watch.start();
    sampler.start();
    return this;
  }

  private Watch watch(String bootId) {
    return new Watch(
        new Watch.Settings("node1", bootId, Optional.of(kernelLog), state),
        new NoLedger(),
        Map::of,
        () -> "",
        report -> {},
        new Chronicle(
            new Chronicle.Settings("node1", bootId, state.resolve("events"), Limits.USUAL, false),
            clock),
        clock);
  }

  private Sampler sampler() {
    return new Sampler(Clock.system(), WatchedNode.QUICK, () -> probes, watch, watch, taken -> {});
  }

  /** The agent ends and starts anew. */
  void restart() {
    restart("boot");
  }

  /** The node boots: its kernel log begins anew, and so does the agent. */
  void reboot() throws IOException {
    Files.writeString(kernelLog, "");
    lines = 0;
    settled = 0;
    restart("another boot");
  }

  private void restart(String bootId) {
    stop();
    watch = watch(bootId);
    sampler = sampler();
    watch.start();
    sampler.start();
  }

  private void stop() {
    try {
      sampler.stop(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.stop();
  }

  Path tree() {
    return tree;
  }

  /** One file of the tree, at once. */
  void write(String file, String text) {
    write(file, text.getBytes(UTF_8));
  }

  void write(String file, byte[] content) {
    try {
      Path at = tree.resolve(file);
      Files.createDirectories(at.resolveSibling("."));
      Path next = at.resolveSibling(".next");
      Files.write(next, content);
      Files.move(next, at, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void link(String file, String target) {
    try {
      Path at = tree.resolve(file);
      Files.createDirectories(at.resolveSibling("."));
      Files.createSymbolicLink(at, tree.resolve(target));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Away with it, whatever is in it, and back from there. */
  void move(String from, String to) {
    try {
      Files.createDirectories(tree.resolve(to).resolveSibling("."));
      Files.move(tree.resolve(from), tree.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line as the kernel would write it now. */
  void kernel(String text) {
    lines++;
    String record = "4,%d,%d,-;%s\n".formatted(lines, clock.nanos() / 1000, text);
    try {
      Files.writeString(kernelLog, record, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Evidence> evidence(String rule) {
    return watch.report().judgements().stream()
        .flatMap(one -> one.evidence().stream())
        .filter(one -> one.rule().equals(rule))
        .toList();
  }

  boolean speaks(String rule) {
    return !evidence(rule).isEmpty();
  }

  boolean speaks(Case given) {
    return evidence(given.rule()).stream().anyMatch(one -> one.observed().contains(given.of()));
  }

  /** Until what was written before was read by all lanes and judged. */
  void settle() {
    Hurried hurried = new Hurried(sampler);
    hurried.rounds(lanes, lane -> false);
    awaitLog();
    hurried.tick();
  }

  private void awaitLog() {
    if (lines > settled) {
      settled = lines;
      long until = sampler.snapshot().sequence() + TICKS_OF_THE_LOG;
      soon().until(() -> sampler.snapshot().sequence() >= until);
    }
  }

  /** So much time passes for the rules, and everything is read again after it. */
  void pass(Duration time) {
    clock.advance(time);
    settle();
  }

  /** All of these at once: near, silent; fired, speaking; ended, silent. */
  void prove(List<Case> cases) {
    settle();
    Duration held = longest(cases, Rule::held).plus(MOMENT);
    Duration over = longest(cases, JudgedHost::over).plus(MOMENT);
    cases.forEach(one -> one.near().on(this));
    settle();
    passHeld(held);
    for (Case one : cases) {
      assertThat(speaks(one)).as("near miss of %s", one.rule()).isFalse();
    }
    cases.forEach(one -> one.fire().on(this));
    settle();
    Advances forHeld = new Advances();
    forHeld.once(() -> passHeld(held));
    for (Case one : cases) {
      soon()
          .alias(one.rule())
          .until(() -> {
            if (!speaks(one)) {
              forHeld.once(() -> passHeld(held)); // a reading that came late had not held yet
            }
            return speaks(one);
          });
    }
    cases.forEach(this::says);
    cases.forEach(one -> one.end().on(this));
    settle();
    Advances forEnd = new Advances();
    for (Case one : cases) {
      soon()
          .alias(one.rule())
          .until(() -> {
            if (speaks(one)) {
              forEnd.once(() -> pass(over));
            }
            return !speaks(one);
          });
    }
  }

  /** What counts within a window is looked at within it. */
  private void passHeld(Duration held) {
    if (held.compareTo(MOMENT) > 0) {
      pass(held);
    }
  }

  private static Duration longest(List<Case> cases, Function<Rule, Duration> of) {
    Duration longest = Duration.ZERO;
    for (Case one : cases) {
      Duration own = of.apply(RULES.rule(one.rule()));
      longest = own.compareTo(longest) > 0 ? own : longest;
    }
    return longest;
  }

  private static Duration over(Rule rule) {
    Duration ends =
        switch (rule.ending()) {
          case Ending.Not(Duration held) -> held;
          case Ending.Value(var comparison, double threshold, Duration held) -> held;
          case Ending.Reset _, Ending.Boot _, Ending.Quiet _ -> Duration.ZERO;
        };
    Duration window =
        rule.condition() instanceof Condition.Increase increase ? increase.window() : Duration.ZERO;
    return ends.compareTo(window) > 0 ? ends : window;
  }

  private void says(Case given) {
    Rule rule = RULES.rule(given.rule());
    Evidence evidence = evidence(rule.id()).getFirst();
    assertThat(evidence.advice()).isEqualTo(rule.advice());
    assertThat(evidence.verdict()).isEqualTo(rule.verdict());
    assertThat(evidence.observeOnly()).isEqualTo(rule.observeOnly());
    assertThat(evidence.clears()).isEqualTo(rule.endsInWords());
  }

  @Override
  public void close() {
    stop();
    lanes.forEach(SourceProbe::stop);
  }

  private static final class NoLedger implements ProbeLedger {
    @Override
    public void succeeded(String probe, Duration took, Instant at) {}

    @Override
    public void failed(String probe, Duration took, Fault fault) {}

    @Override
    public void overran(String probe) {}
  }
}
