package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millwright.agent.launcher.Claims;
import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.vocabulary.job.Assignment;
import io.millwright.protocol.vocabulary.job.ImexChannel;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Units as systemd would list them, and files and control groups in a directory. */
class OccupancyTest {
  private static final long ANNA = 1001;
  private static final long BORIS = 1002;
  private static final RunId OTHER = new RunId("other", 1);

  @TempDir Path directory;
  private final List<UnitRow> rows = new ArrayList<>();

  private Layout layout() {
    return Layouts.in(directory);
  }

  private Occupancy occupancy() {
    return new Occupancy(layout(), () -> rows);
  }

  private static Assignment wants(String job, String... devices) {
    return Assignments.of(job, Optional.empty(), List.of(devices), "/bin/true");
  }

  private void claimed(RunId run, String devices) throws IOException {
    Files.createDirectories(layout().directory(run));
    new Facts(Map.of("devices", devices)).write(layout().directory(run).resolve("claimed"));
  }

  private void unit(RunId run, String active) {
    rows.add(new UnitRow(Layout.unit(run), "loaded", active, "running", "/x", false));
  }

  @Test
  void aDeviceOfALiveUnitIsNotGivenTwice() throws Exception {
    claimed(OTHER, "GPU-a,GPU-b");
    unit(OTHER, "active");
    Occupancy occupancy = occupancy();
    assertThatThrownBy(() -> occupancy.enter(wants("job", "GPU-b"), ANNA, 8))
        .hasMessageContaining("'GPU-b' is refused; the run other-r1 has it");
    occupancy.enter(wants("job", "GPU-c"), ANNA, 8);
  }

  /** Also where the agent calls it by another UUID. */
  @Test
  void anInstanceOfALiveUnitIsNotGivenTwice() throws Exception {
    Files.createDirectories(layout().directory(OTHER));
    new Facts(Map.of("devices", "MIG-a", "instances", "gpu0/gi1/ci0"))
        .write(layout().directory(OTHER).resolve("claimed"));
    unit(OTHER, "active");
    Occupancy occupancy = occupancy();
    assertThatThrownBy(
            () -> occupancy.enter(wants("job", "MIG-b"), List.of("gpu0/gi1/ci0"), ANNA, 8))
        .hasMessageContaining("'gpu0/gi1/ci0' is refused; the run other-r1 has it");
    assertThatThrownBy(
            () -> occupancy.enter(wants("job", "MIG-a"), List.of("gpu0/gi2/ci0"), ANNA, 8))
        .hasMessageContaining("'MIG-a' is refused");
    occupancy.enter(wants("job", "MIG-b"), List.of("gpu0/gi2/ci0"), ANNA, 8);
    assertThatThrownBy(
            () -> occupancy.enter(wants("third", "MIG-c"), List.of("gpu0/gi2/ci0"), ANNA, 8))
        .hasMessageContaining("'gpu0/gi2/ci0' is refused; the run job-r1 has it");
  }

  @Test
  void aChannelOfALiveUnitIsNotGivenTwice() throws Exception {
    Files.createDirectories(layout().directory(OTHER));
    new Facts(Map.of("devices", "GPU-a", "channel", "IMEX channel17"))
        .write(layout().directory(OTHER).resolve("claimed"));
    unit(OTHER, "active");
    Occupancy occupancy = occupancy();
    assertThatThrownBy(() -> occupancy.enter(Assignments.channelled("job", 17), ANNA, 8))
        .hasMessage(
            "devices: 'IMEX channel17' is refused; the run other-r1 has it, and has not ended");
    occupancy.enter(Assignments.channelled("job", 18), ANNA, 8);
    assertThatThrownBy(() -> occupancy.enter(Assignments.channelled("third", 18), ANNA, 8))
        .hasMessageContaining("'IMEX channel18' is refused; the run job-r1 has it");
    assertThat(Claims.channel("IMEX channel17")).hasValue(new ImexChannel(17));
    assertThat(Claims.channel("IMEX channel0")).as("no run's").isEmpty();
    assertThat(Claims.channel("GPU-a")).isEmpty();
  }

  /** Of another device: what is refused is the host. */
  @Test
  void neuronDevicesGoToOneUserAtATime() throws Exception {
    Files.createDirectories(layout().directory(OTHER));
    new Facts(Map.of("devices", "neuron-a", "kind", "aws", "uid", Long.toString(ANNA)))
        .write(layout().directory(OTHER).resolve("claimed"));
    unit(OTHER, "active");
    Assignment another = Assignments.ofNeuron("job", Map.of(), "neuron-b");
    assertThatThrownBy(() -> occupancy().enter(another, BORIS, 8))
        .hasMessageContaining("another user's run other-r1 has Neuron devices")
        .hasMessageContaining("one user at a time");
    occupancy().enter(another, ANNA, 8);
    for (Assignment job :
        List.of(wants("job", "GPU-a"), wants("job"), Assignments.ofNeuron("job", Map.of()))) {
      assertThatThrownBy(() -> occupancy().enter(job, BORIS, 8))
          .hasMessageContaining("another user's run other-r1 has Neuron devices");
      occupancy().enter(job, ANNA, 8);
    }
    rows.clear();
    occupancy().enter(another, BORIS, 8);
  }

  @Test
  void neuronDevicesAreRefusedBesideAnotherUsersRunOfAnyKind() throws Exception {
    Assignment neuron = Assignments.ofNeuron("job", Map.of(), "neuron-b");
    unit(OTHER, "active");
    Files.createDirectories(layout().directory(OTHER));
    for (String devices : List.of("", "GPU-a")) {
      new Facts(Map.of("devices", devices, "kind", "nvidia", "uid", Long.toString(ANNA)))
          .write(layout().directory(OTHER).resolve("claimed"));
      assertThatThrownBy(() -> occupancy().enter(neuron, BORIS, 8))
          .hasMessageContaining("another user's run other-r1 lives");
      occupancy().enter(neuron, ANNA, 8);
      new Facts(Map.of("devices", devices)).write(layout().directory(OTHER).resolve("claimed"));
      assertThatThrownBy(() -> occupancy().enter(neuron, ANNA, 8)) // nobody knows whose it is
          .hasMessageContaining("another user's run other-r1 lives");
    }
  }

  @Test
  void aStartUnderWayIsItsUsersTenancy() throws Exception {
    Occupancy occupancy = occupancy();
    Assignment first = Assignments.ofNeuron("first", Map.of(), "neuron-a");
    occupancy.enter(first, ANNA, 8);
    Assignment second = Assignments.ofNeuron("second", Map.of(), "neuron-b");
    assertThatThrownBy(() -> occupancy.enter(second, BORIS, 8))
        .hasMessageContaining("another user's run first-r1");
    occupancy.leave(first.id());
    occupancy.enter(second, BORIS, 8);
  }

  @Test
  void whatEndedHoldsNothing() throws Exception {
    claimed(OTHER, "GPU-a");
    unit(OTHER, "failed");
    occupancy().enter(wants("job", "GPU-a"), ANNA, 1);
  }

  /** A process in uninterruptible sleep: systemd has given the unit up. */
  @Test
  void aControlGroupThatIsInhabitedHoldsItsDevices() throws Exception {
    claimed(OTHER, "GPU-a");
    unit(OTHER, "failed");
    Path group = Files.createDirectories(layout().group(OTHER));
    Files.writeString(group.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
    assertThatThrownBy(() -> occupancy().enter(wants("job", "GPU-a"), ANNA, 8))
        .hasMessageContaining("has not ended");
    Files.writeString(group.resolve("cgroup.events"), "populated 0\nfrozen 0\n");
    occupancy().enter(wants("job", "GPU-a"), ANNA, 8);
  }

  @Test
  void aStartUnderWayHoldsItsDevices() throws Exception {
    Occupancy occupancy = occupancy();
    Assignment first = wants("first", "GPU-a");
    occupancy.enter(first, ANNA, 8);
    assertThatThrownBy(() -> occupancy.enter(wants("second", "GPU-a"), ANNA, 8))
        .hasMessageContaining("first-r1 has it");
    assertThatThrownBy(() -> occupancy.enter(first, ANNA, 8))
        .hasMessageContaining("is being begun");
    occupancy.leave(first.id());
    occupancy.enter(wants("second", "GPU-a"), ANNA, 8);
  }

  @Test
  void runsAreCountedAgainstThePolicy() throws Exception {
    unit(OTHER, "activating");
    assertThatThrownBy(() -> occupancy().enter(wants("job"), ANNA, 1))
        .hasMessageContaining("runs: 1 run on this node; allowed by its policy are limits.runs 1");
    occupancy().enter(wants("job"), ANNA, 2);
  }

  /** As after a purge while jobs ran. */
  @Test
  void noDeviceIsGivenWhileARunLivesOfWhichNothingIsKept() throws Exception {
    unit(OTHER, "active");
    assertThatThrownBy(() -> occupancy().enter(wants("job", "GPU-a"), ANNA, 8))
        .hasMessageContaining("nobody knows which it has")
        .hasMessageContaining("systemctl stop mw-job-other-r1.service");
    occupancy().enter(wants("job"), ANNA, 8);
  }

  @Test
  void aRunWhoseUnitLivesIsNotBegunOverIt() {
    unit(OTHER, "active");
    assertThatThrownBy(() -> occupancy().enter(wants("other"), ANNA, 8))
        .hasMessageContaining("run other-r1 lives already");
  }

  @Test
  void aUnitWhoseStartIsQueuedHoldsItsDevices() throws Exception {
    claimed(OTHER, "GPU-a");
    rows.add(new UnitRow(Layout.unit(OTHER), "loaded", "inactive", "dead", "/x", true));
    assertThatThrownBy(() -> occupancy().enter(wants("job", "GPU-a"), ANNA, 8))
        .hasMessageContaining("other-r1 has it");
  }

  @Test
  void aRefusedStartTakesNothing() throws Exception {
    claimed(OTHER, "GPU-a");
    unit(OTHER, "active");
    Occupancy occupancy = occupancy();
    assertThatThrownBy(() -> occupancy.enter(wants("first", "GPU-a", "GPU-b"), ANNA, 8))
        .hasMessageContaining("other-r1 has it");
    occupancy.enter(wants("second", "GPU-b"), ANNA, 8);
  }

  @Test
  void nothingIsTakenWhereNobodyAnswers() {
    Occupancy deaf =
        new Occupancy(
            layout(),
            () -> Systemd.connect(directory.resolve("no-bus"), 0, new Deaf()).list("mw-job-*"));
    assertThatThrownBy(() -> deaf.enter(wants("job", "GPU-a"), ANNA, 8))
        .isInstanceOf(SystemdException.class)
        .hasMessageContaining("connecting to the system bus");
  }

  private static final class Deaf implements Systemd.Listener {
    @Override
    public void finished(String unit, String result) {}

    @Override
    public void lost() {}
  }
}
