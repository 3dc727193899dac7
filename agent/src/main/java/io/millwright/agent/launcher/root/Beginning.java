package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Affinity;
import io.millwright.agent.launcher.Cgroups;
import io.millwright.agent.launcher.ContainerHost;
import io.millwright.agent.launcher.ContainerRule;
import io.millwright.agent.launcher.EndRecord;
import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Launch;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.NeuronGrant;
import io.millwright.agent.launcher.Policy;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.agent.launcher.RootFile;
import io.millwright.agent.launcher.Surroundings;
import io.millwright.agent.launcher.UnixUser;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.Container;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a run, once. Everything is decided again here, from the node's own files; after the claim
 * in the ledger the run counts as begun, whatever becomes of it.
 *
 * <p><i>Threading:</i> any thread.
 */
final class Beginning {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);

  private final Layout layout;
  private final JobUnits units;
  private final ProcessTable table;
  private final RunLedger ledger;
  private final Occupancy occupancy;
  private final Leases leases;
  private final Leftovers leftovers;
  private final Seal seal;
  private final Hooks hooks;
  private final ImexNodes imex;

  Beginning(
      Layout layout,
      JobUnits units,
      ProcessTable table,
      RunLedger ledger,
      Leases leases,
      Leftovers leftovers,
      Seal seal,
      Hooks hooks,
      ImexNodes imex) {
    this.imex = imex;
    this.seal = seal;
    this.hooks = hooks;
    this.leases = leases;
    this.leftovers = leftovers;
    this.layout = layout;
    this.units = units;
    this.table = table;
    this.ledger = ledger;
    this.occupancy = new Occupancy(layout, this::jobs);
  }

  /** A connection may be lost while it is asked; the next one is another. */
  private List<UnitRow> jobs() throws SystemdException {
    try {
      return units.ask(systemd -> systemd.list("mw-job-*.service"));
    } catch (SystemdException lost) {
      if (lost.answered()) {
        throw lost;
      }
      return units.ask(systemd -> systemd.list("mw-job-*.service"));
    }
  }

  /**
   * @param instances where the run's MIG instances are, by the agent's word; none of whole devices
   */
  Answer begin(Verb.Begin start, List<Verb.Instance> instances) {
    JobProperties job;
    try {
      job = decided(start, instances);
    } catch (Refusal refusal) {
      return new Answer.Refused(refusal.sentence());
    } catch (IOException trouble) {
      return new Answer.Refused("it could not be looked at: " + trouble);
    }
    return hooks.alone(job.assignment().id(), () -> begin(job));
  }

  private Answer begin(JobProperties job) throws Refusal {
    try {
      refuse(hooks.unready(job));
      return vacant(
          job,
          () -> {
            Optional<String> held = leftovers.refusal(job.held());
            if (held.isPresent()) {
              return new Answer.Refused(held.get());
            }
            channel(job);
            return claimed(job);
          });
    } catch (IOException trouble) {
      throw new Refusal("it could not be looked at: " + trouble);
    }
  }

  private void channel(JobProperties job) throws Refusal {
    Optional<ImexChannel> channel = job.assignment().channel();
    if (channel.isPresent()) {
      imex.prepare(channel.get(), job.user().uid());
    }
  }

  /** Takes what a run wants while this is done; refused where another has it. */
  Answer vacant(JobProperties job, Hooks.Work work) throws Refusal, IOException {
    try {
      occupancy.enter(
          job.assignment(), job.instances(), job.user().uid(), job.policy().limits().runs());
    } catch (SystemdException trouble) {
      throw new Refusal("it could not be looked at: " + trouble);
    }
    try {
      return work.go();
    } finally {
      occupancy.leave(job.assignment().id());
    }
  }

  private Answer claimed(JobProperties job) {
    RunId run = job.assignment().id();
    try {
      if (!ledger.claim(run)) {
        return new Answer.Refused("run %s was begun before".formatted(run.text()));
      }
    } catch (IOException trouble) {
      return new Answer.Refused("it could not be noted down: " + trouble);
    }
    try {
      return start(job);
    } catch (IOException trouble) {
      LOG.warn("a run could not be prepared run={}", run.text(), trouble);
      return new Answer.Failed("it could not be prepared: " + trouble);
    } catch (SystemdException | TimeoutException trouble) {
      LOG.warn("a run's start has an unknown end run={}", run.text(), trouble);
      throw new IllegalStateException("starting " + run.text(), trouble);
    }
  }

  /** What a start comes to by the node's own files; nothing is claimed. */
  JobProperties decided(Verb.Begin start, List<Verb.Instance> told) throws Refusal, IOException {
    Policy policy =
        switch (PolicyFile.read(layout.policy())) {
          case Execution.Off(String why) -> throw new Refusal(why);
          case Execution.On(Policy on) -> on;
        };
    Assignment assignment = seal.opened(start, policy);
    if (ledger.holds(assignment.id())) {
      throw new Refusal("run %s was begun before".formatted(assignment.id().text()));
    }
    UnixUser user =
        switch (policy.decide(assignment)) {
          case Policy.Decision.Refused(String why) -> throw new Refusal(why);
          case Policy.Decision.Allowed(UnixUser allowed) -> allowed;
        };
    refuse(policy.strangeGroups(user));
    for (String name : assignment.spec().secrets()) {
      refuse(RootFile.secret(layout.secret(name)));
    }
    refuse(new Cgroups(layout).refusal(assignment.spec()));
    refuse(ImexNodes.refusal(layout.host(), assignment, policy.deviceClasses()));
    refuse(unequipped());
    reachable();
    if (assignment.spec().lease().stops()) {
      guarded(assignment.id());
    }
    Footing footing = new Footing(user, policy);
    Path directory = footing.directory(assignment.spec());
    DeviceNodes nodes = new DeviceNodes(layout.host(), policy.deviceClasses());
    Optional<NeuronGrant.Given> neuron = nodes.granted(assignment);
    List<MigInstance> instances = nodes.instances(assignment, told);
    List<Path> paths = nodes.of(assignment, neuron, instances);
    Optional<Podman> container = container(policy, footing, assignment, directory, paths);
    return new JobProperties(
        assignment,
        user,
        policy,
        container.isPresent()
            ? layout.host().containers().podman()
            : footing.program(assignment.spec()),
        directory,
        paths,
        instances.stream().map(MigInstance::word).toList(),
        neuron,
        near(policy, nodes, assignment, neuron, instances),
        container,
        layout);
  }

  private Optional<Podman> container(
      Policy policy, Footing footing, Assignment assignment, Path directory, List<Path> nodes)
      throws Refusal, IOException {
    Optional<Container> wanted = assignment.spec().container();
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    ContainerHost host = layout.host().containers();
    ContainerRule rule = policy.containers().orElseThrow(); // as it was decided
    refuse(host.refusal());
    footing.root(wanted.get(), assignment.spec().argv().getFirst(), directory, rule.mounts());
    return Optional.of(new Podman(host, rule, assignment, wanted.get(), directory, nodes));
  }

  private Near near(
      Policy policy,
      DeviceNodes nodes,
      Assignment assignment,
      Optional<NeuronGrant.Given> neuron,
      List<MigInstance> instances)
      throws IOException {
    if (policy.affinity() == Affinity.NONE || assignment.devices().uuids().isEmpty()) {
      return Near.UNKNOWN;
    }
    Near near =
        new Cgroups(layout).holdsPlaces()
            ? nodes.near(assignment, neuron, instances)
            : Near.UNKNOWN;
    if (!near.known()) {
      LOG.info("what is near its devices is not known or not held run={}", assignment.id().text());
    }
    return near;
  }

  private static void refuse(Optional<String> sentence) throws Refusal {
    if (sentence.isPresent()) {
      throw new Refusal(sentence.get());
    }
  }

  /** Before the claim, which nothing takes back. */
  private void reachable() throws Refusal {
    try {
      units.ask(Systemd::connected);
    } catch (SystemdException away) {
      throw new Refusal("systemd does not answer: " + away.getMessage());
    }
  }

  /** What nobody would end with its lease does not begin. */
  private void guarded(RunId run) throws Refusal, IOException {
    refuse(leases.refusal(run));
    Optional<UnitRow> guard;
    try {
      guard = units.ask(systemd -> systemd.find(Leases.GUARD));
    } catch (SystemdException away) {
      throw new Refusal("systemd does not answer: " + away.getMessage());
    }
    if (guard.filter(UnitRow::alive).isEmpty()) {
      throw new Refusal(
          "lease: nobody would end it with its lease, for %s is not active; begin it with systemctl start %s"
              .formatted(Leases.GUARD, Leases.GUARD));
    }
  }

  /** Without these a run would print into nothing, or end without a record. */
  private Optional<String> unequipped() {
    if (!Files.isExecutable(layout.keeper())) {
      return Optional.of("there is no program " + layout.keeper() + "; install the package again");
    }
    boolean recorded =
        layout.dropIns().stream()
            .anyMatch(place ->
                Files.isRegularFile(place.resolve("mw-job-.service.d/50-millwright.conf")));
    return recorded
        ? Optional.empty()
        : Optional.of(
            "the drop-in mw-job-.service.d/50-millwright.conf is in none of "
                + layout.dropIns()
                + ", and no end would be recorded; install the package again");
  }

  private Answer start(JobProperties job) throws IOException, SystemdException, TimeoutException {
    Assignment assignment = job.assignment();
    RunId run = assignment.id();
    prepare(job);
    if (assignment.spec().lease().stops()) { // all before took its time
      Optional<String> over = leases.refusal(run);
      if (over.isPresent()) {
        Files.deleteIfExists(job.environment());
        return written(run, over.get());
      }
    }
    String result;
    try {
      result =
          units.start(Layout.unit(run), job.job(), Map.of(Layout.keeperUnit(run), job.keeper()));
    } catch (SystemdException refused) {
      if (!refused.answered()) {
        throw refused;
      }
      Files.deleteIfExists(job.environment());
      return written(run, "systemd refused it: " + refused.getMessage());
    }
    Duration uptime = table.uptime();
    if (!result.equals("done")) {
      Files.deleteIfExists(job.environment());
      return failed(run, result);
    }
    try {
      Files.deleteIfExists(job.environment());
      begun(run, uptime);
    } catch (IOException unwritten) {
      LOG.error("a run goes on of which not all is noted run={}", run.text(), unwritten);
    }
    LOG.info("run is begun run={} uid={}", run.text(), job.user().uid());
    return new Answer.Done();
  }

  private void prepare(JobProperties job) throws IOException {
    RunId run = job.assignment().id();
    RunFiles files = new RunFiles(layout, run);
    files.create();
    Map<String, String> claim = new HashMap<>(job.claim());
    claim.put("boot", table.bootId());
    claim.put("uptime", ProcessTable.text(table.uptime()));
    claim.put("hooks", String.join(",", hooks.owed(run)));
    files.write("claimed", new Facts(claim));
    if (!job.assignment().spec().lease().stops()) { // nobody's renewal ends it
      leases.forget(run);
    }
    files.pipe(job.user());
    Launch launch = new Launch(job.assignment(), job.user(), job.policy());
    Surroundings surroundings =
        job.neuron()
            .map(given -> Surroundings.of(launch, given))
            .orElseGet(() -> Surroundings.of(launch));
    files.environment(
        job.container().isPresent()
            ? EnvironmentText.plain(surroundings.variables())
            : EnvironmentText.of(surroundings.variables()));
  }

  /** A program that ends at once may have left no unit to ask. */
  private void begun(RunId run, Duration uptime) throws IOException, SystemdException {
    Map<String, String> facts = new HashMap<>();
    facts.put("boot", table.bootId());
    facts.put("uptime", ProcessTable.text(uptime));
    Optional<UnitRow> row = units.ask(systemd -> systemd.find(Layout.unit(run)));
    if (row.isPresent()) {
      units
          .ask(systemd -> systemd.invocation(row.get()))
          .ifPresent(invocation -> facts.put("invocation", invocation));
      units
          .ask(systemd -> systemd.number(row.get(), "ExecMainPID"))
          .ifPresent(pid -> facts.put("pid", pid.toString()));
    }
    new RunFiles(layout, run).write("begun", new Facts(facts));
  }

  private Answer failed(RunId run, String result) throws IOException, SystemdException {
    Optional<UnitRow> row = units.ask(systemd -> systemd.find(Layout.unit(run)));
    String sentence = "systemd could not begin it: " + result;
    if (row.isPresent()) {
      UnitRow unit = row.get();
      EndRecord end =
          new EndRecord(
              units.ask(systemd -> systemd.word(unit, "Result")).orElse(""),
              "exited",
              units.ask(systemd -> systemd.number(unit, "ExecMainStatus")).orElse(0L).toString(),
              table.bootId(),
              table.uptime(),
              false);
      sentence = end.neverRan(false).orElse(sentence);
    }
    units.ask(systemd -> {
      systemd.stop(Layout.keeperUnit(run));
      return run;
    });
    return written(run, sentence);
  }

  private Answer written(RunId run, String sentence) throws IOException {
    new RunFiles(layout, run).write("failed", new Facts(Map.of("reason", sentence)));
    LOG.warn("run could not be begun run={} why={}", run.text(), sentence);
    return new Answer.Failed(sentence);
  }
}
