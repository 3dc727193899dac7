package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.events.Chronicle;
import io.millwright.agent.events.Limits;
import io.millwright.agent.lane.Neuron;
import io.millwright.agent.lane.Probe;
import io.millwright.agent.sampling.ProbeLedger;
import io.millwright.agent.sampling.Sampler;
import io.millwright.agent.watch.Watch;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Ending;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import io.millwright.simulator.neuron.NeuronNode;
import io.millwright.simulator.neuron.NeuronProfile;
import io.millwright.simulator.neuron.NeuronSimulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each rule of Neuron devices over the simulated tree and a kernel log: something near it leaves it
 * silent, the thing itself makes it speak, and what ends it ends it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeuronRulesTest {
  private static final RuleCatalogue RULES = RuleCatalogue.load();
  private static final String DEVICE = "1";

  private static final int DEVICES = 4;

  /** The kernel log is looked at ten times a second. */
  private static final int TICKS_OF_THE_LOG = 8;

  private final OffsetClock clock = new OffsetClock();

  /** Of the lanes, which tell since when something stands still. */
  private final OffsetClock devicesClock = new OffsetClock();

  private Path directory = Path.of("/");
  private SimulatedNode node;
  private Thread simulation;
  private volatile boolean ending;
  private Neuron lanes;
  private Watch watch;
  private Sampler sampler;
  private long lines;

  /** Whether all was well once since the last start, and what counted before that. */
  private volatile boolean well;

  private final List<Evidence> beforeWell = new CopyOnWriteArrayList<>();

  /**
   * Commands of the simulator, with semicolons between; a line that begins with {@code !} is of the
   * kernel log, and {@code later} puts the clock of the devices' readings forward.
   *
   * @param far ends what {@code near} began
   */
  record Case(String rule, String near, String far, String fire, String end) {
    @Override
    public String toString() {
      return rule;
    }
  }

  private static String log(String type) {
    return "!neuron:test: NEURON_HW_ERR=%s nd-id=%s nc-id=0 ".formatted(type, DEVICE);
  }

  static List<Case> cases() {
    return List.of(
        new Case(
            "neuron-replace", log("HANG_ON_COLLECTIVES"), "", log("HBM_UNCORRECTABLE_ERROR"), ""),
        new Case("neuron-collectives", log("DMA_ERROR"), "", log("HANG_ON_COLLECTIVES"), ""),
        new Case("neuron-unknown", log("DMA_ERROR"), "", log("A_NEWER_TYPE"), ""),
        new Case("neuron-ecc", "fault 1 ecc corrected 3", "", "fault 1 ecc hbm 3", "reload"),
        new Case(
            "neuron-ecc-repairable",
            "fault 1 ecc corrected 1",
            "",
            "fault 1 ecc repairable 1",
            "reload"),
        component("neuron-memory", "axi_fabric", "hbm"),
        component("neuron-firmware", "sram", "firmware_service_api"),
        component("neuron-link", "hbm", "link_switch"),
        component("neuron-component", "hbm", "something_new"),
        new Case("neuron-reset-failed", "fault 1 reset", "", "fault 1 reset fail", "reload"),
        new Case("neuron-invalid", "fault 1 reset", "", "fault 1 reset fail", "reload"),
        new Case(
            "neuron-heartbeat",
            "fault 1 heartbeat stall;later 200",
            "",
            "later 101",
            "fault 1 heartbeat run"),
        new Case(
            "neuron-timeouts",
            "fault 1 status timeout 2",
            "",
            "fault 1 status timeout 1",
            "reload"),
        status("neuron-dma-abort", "timeout", "hw_dma_abort_error"),
        status("neuron-core-ecc", "timeout", "hw_nc_ue_error"),
        status("neuron-collectives-failed", "exec_bad_input", "hw_collectives_error"),
        status("neuron-software", "hw_collectives_error", "oob_error"),
        new Case(
            "neuron-health-ecc",
            "fault 1 ecc repairable 1",
            "reload",
            "fault 1 ecc sram 1",
            "reload"),
        new Case(
            "neuron-ecc-corrected",
            "fault 1 ecc corrected 999",
            "",
            "fault 1 ecc corrected 1",
            "reload"));
  }

  private static Case status(String rule, String near, String fire) {
    String form = "fault 1 status %s 1";
    return new Case(rule, form.formatted(near), "", form.formatted(fire), "reload");
  }

  private static Case component(String rule, String near, String fire) {
    String form = "fault 1 component %s %s";
    return new Case(
        rule,
        form.formatted(near, "bad"),
        form.formatted(near, "good"),
        form.formatted(fire, "bad"),
        form.formatted(fire, "good"));
  }

  @BeforeAll
  void simulate() throws IOException {
    directory = Scratch.inMemory("mw-neuron");
    NeuronNode place = new NeuronNode(directory);
    NeuronSimulation simulated =
        NeuronSimulation.open(
            place,
            new NeuronSimulation.Options(
                NeuronProfile.of("trn3").orElseThrow(),
                Optional.empty(),
                1,
                OptionalDouble.empty()),
            Clock.system());
    simulation =
        Threads.platform(
            "simulation",
            () -> {
              try (simulated) {
                simulated.run(() -> ending);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    simulation.start();
    node = SimulatedNode.at(directory);
    lanes =
        new Neuron(
            "node1",
            new NeuronNode(directory).root(),
            devicesClock,
            WatchedNode.QUICK,
            Metric.Tier.BASE,
            () -> new Neuron.Options(Duration.ofSeconds(2), OptionalInt.empty()));
    lanes.start();
  }

  @AfterAll
  void end() throws InterruptedException {
    assertThat(lanes.stop(Duration.ofSeconds(5))).isEmpty();
    ending = true;
    simulation.join(Duration.ofSeconds(20));
  }

  @BeforeEach
  void begin() throws IOException {
    start("boot");
  }

  /**
   * The driver is seen to be gone before it comes back: a file of this tree that was open when it
   * was removed can still be read, unlike one of the kernel's, and would tell its old value for
   * ever.
   */
  private void reload() throws IOException {
    node.command("driver unload");
    WatchedNode.soon()
        .until(
            () -> WatchedNode.value(1, sampler.snapshot(), Metric.ACCELERATOR_UP).orElse(0) != 1);
    node.command("driver load");
  }

  private void start(String bootId) throws IOException {
    Path log = directory.resolve("rules.log");
    Files.writeString(log, "");
    lines = 0;
    well = false;
    beforeWell.clear();
    watch =
        new Watch(
            new Watch.Settings("node1", bootId, Optional.of(log), Path.of("/nowhere/of/this")),
            new Silent(),
            Map::of,
            () -> "",
            this::told,
            new Chronicle(
                new Chronicle.Settings(
                    "node1",
                    bootId,
                    Path.of("/nowhere/of/this").resolve("events"),
                    Limits.USUAL,
                    false),
                clock),
            clock);
    sampler = new Sampler(devicesClock, WatchedNode.QUICK, this::probes, watch, watch, taken -> {});
    watch.start();
    sampler.start();
    WatchedNode.soon().until(() -> well);
    assertThat(beforeWell).as("nothing but what is awaited").isEmpty();
  }

  /** On the sampler's thread. */
  private void told(HealthReport report) {
    if (!well) {
      report.judgements().stream()
          .flatMap(one -> one.evidence().stream())
          .filter(one -> !one.observeOnly())
          .forEach(beforeWell::add);
      well = report.judgements().size() >= DEVICES && report.verdict() == Verdict.OK;
    }
  }

  private List<Probe> probes() {
    List<Probe> probes = new ArrayList<>(lanes.probes());
    probes.add(lanes.driverProbe());
    return probes;
  }

  @AfterEach
  void stop() throws InterruptedException {
    sampler.stop(Duration.ofSeconds(5));
    watch.stop();
  }

  private void act(String what) throws IOException {
    for (String one : what.split(";")) {
      actOnce(one);
    }
    if (what.startsWith("!")) {
      awaitLog();
    }
  }

  private void awaitLog() {
    long until = sampler.snapshot().sequence() + TICKS_OF_THE_LOG;
    WatchedNode.soon().until(() -> sampler.snapshot().sequence() >= until);
  }

  private void actOnce(String what) throws IOException {
    if (what.startsWith("!")) {
      lines++;
      Files.writeString(
          directory.resolve("rules.log"),
          "4,%d,%d,-;%s\n".formatted(lines, clock.nanos() / 1000, what.substring(1)),
          StandardOpenOption.APPEND);
    } else if (what.isEmpty()) {
      return;
    } else if (what.startsWith("later ")) {
      settle(); // a device has stood still since it was last seen to move
      devicesClock.advance(Duration.ofSeconds(Long.parseLong(what.substring(6))));
    } else if (what.equals("reload")) {
      reload();
    } else {
      node.command(what);
    }
  }

  private Optional<Evidence> evidence(String rule) {
    return watch.report().judgements().stream()
        .filter(one ->
            one.subject() instanceof Subject.Device(String index, String uuid)
                && index.equals(DEVICE))
        .flatMap(one -> one.evidence().stream())
        .filter(one -> one.rule().equals(rule))
        .findFirst();
  }

  /** Until each device that answers was read anew, all of it, and that was judged. */
  private void settle() {
    Hurried hurried = new Hurried(sampler);
    lanes.readAnew(up(2));
    hurried.rounds(List.copyOf(lanes.probes()), place -> !up(1).contains(Integer.toString(place)));
    hurried.tick();
  }

  /** A label of the devices that answer. */
  private Set<String> up(int label) {
    Set<String> up = new HashSet<>();
    for (Sample sample : sampler.snapshot().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_UP && sample.value(i) == 1) {
          up.add(series.labelValues().get(label));
        }
      }
    }
    return up;
  }

  private boolean speaks(Rule rule) {
    return evidence(rule.id()).isPresent();
  }

  /** It is seen as it is now, and then passes the time that it must have held. */
  private void pass(Duration held) {
    settle();
    clock.advance(held.plusSeconds(1));
    new Hurried(sampler).tick();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void speaksWhenItShouldAndEnds(Case given) throws Exception {
    Rule rule = RULES.rule(given.rule());
    act(given.near());
    pass(rule.held());
    assertThat(evidence(rule.id())).isEmpty();
    act(given.far());
    act(given.fire());
    Advances forHeld = new Advances();
    WatchedNode.soon()
        .until(() -> {
          forHeld.once(() -> pass(rule.held()));
          return speaks(rule);
        });
    assertThat(evidence(rule.id()).orElseThrow().advice()).isEqualTo(rule.advice());
    assertThat(evidence(rule.id()).orElseThrow().observed()).isNotBlank();
    switch (rule.ending()) {
      case Ending.Boot() -> {
        stop();
        start("another boot");
        settle();
      }
      case Ending.Quiet(Duration held) -> clock.advance(held.plusSeconds(1));
      case Ending.Not(Duration held) -> {
        act(given.end());
        if (rule.condition() instanceof Condition.Increase increase) {
          clock.advance(increase.window());
        }
        Advances forEnd = new Advances();
        WatchedNode.soon()
            .until(() -> {
              forEnd.once(() -> pass(held));
              return !speaks(rule);
            });
      }
      case Ending.Reset _, Ending.Value _ -> throw new AssertionError("no such rule: " + rule);
    }
    WatchedNode.soon().until(() -> !speaks(rule));
  }

  /** Those of the kernel log stand in {@link KernelRulesTest}. */
  @Test
  void eachRuleHasACase() {
    assertThat(cases().stream().map(Case::rule))
        .containsExactlyInAnyOrderElementsOf(
            RULES.all().stream()
                .filter(rule -> rule.vendor().equals("aws"))
                .filter(rule -> !(rule.condition() instanceof Condition.Kernel))
                .map(Rule::id)
                .filter(rule -> !SiteTestRulesTest.RULES.contains(rule))
                .toList());
  }

  private static final class Silent implements ProbeLedger {
    @Override
    public void succeeded(String probe, Duration took, Instant at) {}

    @Override
    public void failed(String probe, Duration took, Fault fault) {}

    @Override
    public void overran(String probe) {}
  }
}
