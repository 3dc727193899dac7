package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.agent.launcher.PowerOrder;
import io.millwright.agent.launcher.PowerRecord;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Cap;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Floor, rate and refusals of the desk, with a program that only notes down what it was told. */
class PowerDeskTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final List<String> ONE = List.of("GPU-1");

  @TempDir Path root;
  private final StandingClock clock = new StandingClock();
  private final NotedProgram program = new NotedProgram();

  /** Wall time that stands until it is moved. */
  private static final class StandingClock implements Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public long nanos() {
      return Clock.system().nanos();
    }

    @Override
    public Instant wall() {
      return now;
    }

    @Override
    public void parkUntil(long nanos) {
      Clock.system().parkUntil(nanos);
    }
  }

  private final class NotedProgram implements PowerProgram {
    private final List<PowerOrder> orders = new ArrayList<>();
    private boolean busy;
    private boolean hangs;
    private boolean recordsNothing;
    private OptionalLong set = OptionalLong.of(600_000);

    @Override
    public boolean busy() {
      return busy;
    }

    @Override
    public boolean run(Duration longest) throws IOException {
      PowerOrder order = PowerOrder.take(directory()).orElseThrow();
      orders.add(order);
      if (hangs) {
        return false;
      }
      if (!recordsNothing) {
        new PowerRecord(
                order.id(),
                "",
                order.devices().stream().map(device -> new Cap(device, "done", set, set)).toList())
            .write(directory());
      }
      return true;
    }
  }

  @BeforeEach
  void ownedByRoot() throws IOException {
    assumeTrue(Files.getAttribute(root, "unix:uid").equals(0), "the policy is root's");
    policy("power: {owned: true, floor_watts: 300, changes_per_hour: 2}");
  }

  private void policy(String text) throws IOException {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(root.resolve("policy.yaml"), text + "\n");
  }

  private Path directory() {
    return root.resolve("power");
  }

  /** A new one each time, as after a start of the launcher. */
  private Answer ask(List<String> devices, long watts) {
    return ask(devices, OptionalLong.of(watts));
  }

  private Answer ask(List<String> devices, OptionalLong watts) {
    return new PowerDesk(root.resolve("policy.yaml"), directory(), program, SOON, clock)
        .set(new Verb.Power(devices, watts));
  }

  private static String refused(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Refused.class);
    return ((Answer.Refused) answer).sentence();
  }

  private static List<String> results(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Capped.class);
    return ((Answer.Capped) answer).caps().stream().map(Cap::result).toList();
  }

  @Test
  void orderReachesTheProgramAndItsRecordComesBack() {
    assertThat(ask(List.of("GPU-1", "GPU-2"), 600))
        .isEqualTo(
            new Answer.Capped(
                List.of(
                    new Cap("GPU-1", "done", program.set, program.set),
                    new Cap("GPU-2", "done", program.set, program.set))));
    assertThat(program.orders).hasSize(1);
    PowerOrder order = program.orders.getFirst();
    assertThat(order.devices()).containsExactly("GPU-1", "GPU-2");
    assertThat(order.milliwatts()).hasValue(600_000);
    assertThat(order.library()).isEqualTo("libnvidia-ml.so.1");
  }

  @Test
  void nothingIsSetWhereItIsNotOurs() throws IOException {
    for (String policy :
        List.of(
            "users: [anna]\nargv_roots: [/opt]",
            "power: {owned: false, floor_watts: 300}",
            "power: {owned: true}",
            "power: {owned: yes, floor_watts: 300}",
            "power: {owned: true, floor_watts: 0}",
            "power: {owned: true, floor_watts: 300, changes_per_hour: 0}",
            "power: {owned: true, floor_watts: 300, library: ../x}",
            "power: {owned: true, floor_watts: 300, ceiling: 3}",
            "power: {owned: true, owned: true, floor_watts: 300}",
            "power: [owned]")) {
      policy(policy);
      assertThat(refused(ask(ONE, 600))).as(policy).startsWith("no power limit is set here");
    }
    Files.delete(root.resolve("policy.yaml"));
    assertThat(refused(ask(ONE, 600))).contains("there is no such file");
    assertThat(program.orders).isEmpty();
  }

  @Test
  void aPolicyThatOthersMayChangeIsNone() throws IOException {
    Files.setPosixFilePermissions(
        root.resolve("policy.yaml"), PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(refused(ask(ONE, 600))).contains("may be changed by others");
    assertThat(program.orders).isEmpty();
  }

  @Test
  void nothingIsSetBelowTheFloor() {
    assertThat(refused(ask(ONE, 299)))
        .isEqualTo("watts: '299' is refused by this node's policy; allowed is from 300");
    assertThat(results(ask(ONE, 300))).containsExactly("done");
    assertThat(program.orders).hasSize(1);
  }

  @Test
  void theDevicesOwnDefaultIsBelowNoFloor() {
    assertThat(results(ask(ONE, OptionalLong.empty()))).containsExactly("done");
    assertThat(program.orders.getFirst().milliwatts()).isEmpty();
  }

  @Test
  void changesOfADeviceAreCountedOverStarts() {
    assertThat(results(ask(ONE, 600))).containsExactly("done");
    assertThat(results(ask(ONE, 500))).containsExactly("done");
    assertThat(results(ask(List.of("GPU-1", "GPU-2"), 400)))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("too often: its limit was changed 2 times"),
            second -> assertThat(second).isEqualTo("done"));
    assertThat(program.orders.getLast().devices()).containsExactly("GPU-2");
    clock.now = clock.now.plus(Duration.ofMinutes(59));
    assertThat(results(ask(ONE, 400)).getFirst()).startsWith("too often: ");
    clock.now = clock.now.plus(Duration.ofMinutes(2));
    assertThat(results(ask(ONE, 400))).containsExactly("done");
  }

  @Test
  void aClockThatIsSetBackGivesNoMoreChanges() {
    ask(ONE, 600);
    ask(ONE, 500);
    clock.now = clock.now.minus(Duration.ofDays(1));
    assertThat(results(ask(ONE, 400)).getFirst()).startsWith("too often: ");
  }

  @Test
  void whatTheDriverWasNotToldIsNoChange() {
    program.set = OptionalLong.empty();
    for (int i = 0; i < 5; i++) {
      assertThat(results(ask(ONE, 600))).containsExactly("done");
    }
    assertThat(program.orders).hasSize(5);
  }

  private List<String> files() {
    String[] names = directory().toFile().list((parent, name) -> name.startsWith("changes-"));
    return names == null ? List.of() : List.of(names);
  }

  @Test
  void inventedDevicesLeaveNothing() {
    program.set = OptionalLong.empty();
    for (int i = 0; i < 5; i++) {
      assertThat(results(ask(List.of("GPU-a" + i, "GPU-b" + i), 600))).containsOnly("done");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void onlySoManyDevicesAreCounted() {
    for (int i = 0; i < PowerLedger.MOST_DEVICES / 64; i++) {
      int first = 64 * i;
      List<String> names = IntStream.range(first, first + 64).mapToObj(n -> "GPU-x" + n).toList();
      assertThat(results(ask(names, 600))).containsOnly("done");
    }
    assertThat(results(ask(ONE, 600)).getFirst())
        .startsWith("too often: limits of 256 other devices were changed");
    assertThat(files()).hasSize(PowerLedger.MOST_DEVICES);
    clock.now = clock.now.plus(Duration.ofMinutes(61));
    assertThat(results(ask(ONE, 600))).containsExactly("done");
    assertThat(files()).containsExactly("changes-GPU-1");
  }

  @Test
  void aDriverThatHangsIsToldOfAndAskedNothingMore() {
    program.hangs = true;
    assertThat(results(ask(ONE, 600)).getFirst())
        .startsWith("unknown: the driver has not answered");
    program.hangs = false;
    program.busy = true;
    assertThat(ask(ONE, 600))
        .isInstanceOfSatisfying(
            Answer.Later.class,
            later -> assertThat(later.sentence()).startsWith("an earlier change has not ended"));
    assertThat(program.orders).hasSize(1);
    program.busy = false;
    assertThat(results(ask(ONE, 600))).containsExactly("done");
    assertThat(results(ask(ONE, 500)).getFirst()).startsWith("too often: "); // the hung one counts
  }

  @Test
  void aRecordOfAnotherOrderIsNone() {
    ask(ONE, 600);
    program.recordsNothing = true;
    assertThat(results(ask(ONE, 500)).getFirst()).startsWith("unknown: ");
  }
}
