package io.millwright.simulator;

import static io.millwright.drivers.nvml.actuator.PowerProfileChange.Operation.ADD;
import static io.millwright.drivers.nvml.actuator.PowerProfileChange.Operation.CLEAR;
import static io.millwright.drivers.nvml.actuator.PowerProfileChange.Operation.REPLACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.drivers.nvml.actuator.Actuator;
import io.millwright.drivers.nvml.actuator.NvmlActuator;
import io.millwright.drivers.nvml.actuator.Outcome;
import io.millwright.drivers.nvml.actuator.PowerLimitChange;
import io.millwright.drivers.nvml.actuator.PowerProfileChange;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Setters against the simulated library, which lets root alone set anything, as the real one. */
class ActuatorTest {
  private static final String SET_LIMIT = "nvmlDeviceSetPowerManagementLimit_v2";
  private static final String FIRST_SET_LIMIT = "nvmlDeviceSetPowerManagementLimit";
  private static final String UPDATE = "nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1";

  @BeforeAll
  static void asRoot() throws IOException {
    Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assumeTrue(self.equals(0), "setters need root");
  }

  /** A node, its driver's actuator, and the uuid of its first device. */
  private record Site(SimulatedNode node, Actuator actuator, String uuid) implements AutoCloseable {
    static Site open(String... scenario) throws IOException {
      SimulatedNode node = WatchedNode.simulated(scenario);
      if (!(NvmlLibrary.open(node.library().toString())
          instanceof NvmlLibrary.Result.Opened(NvmlLibrary library))) {
        throw new AssertionError("the simulator cannot be loaded");
      }
      if (!(NvmlActuator.open(library) instanceof NvmlActuator.Opened.Ready(Actuator actuator))) {
        throw new AssertionError("the simulated driver does not answer");
      }
      return new Site(node, actuator, node.get(0).getOrDefault("uuid", ""));
    }

    PowerLimitChange limit(long milliwatts) {
      return actuator.powerLimit(uuid, OptionalLong.of(milliwatts));
    }

    long inForce() throws IOException {
      return Long.parseLong(node.get(0, "enforced_power_limit_mw"));
    }

    long calls(String function) throws IOException {
      return node.command("calls").stream()
          .filter(line -> line.startsWith(function + "="))
          .mapToLong(line -> Long.parseLong(line.substring(function.length() + 1)))
          .sum();
    }

    @Override
    public void close() {
      actuator.close();
    }
  }

  @Test
  void limitIsSetAndReadBack() throws IOException {
    try (Site site = Site.open("profile b200")) {
      assertThat(site.limit(600_000))
          .isEqualTo(
              new PowerLimitChange(
                  site.uuid(),
                  OptionalLong.of(600_000),
                  OptionalLong.of(600_000),
                  OptionalLong.of(600_000),
                  new Outcome.Done()));
      assertThat(site.inForce()).isEqualTo(600_000);
      assertThat(site.node().get(1, "enforced_power_limit_mw")).isEqualTo("1000000");
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 200000", "199999, 200000", "1000001, 1000000", "4294967295, 1000000"})
  void limitIsHeldToWhatTheDeviceAllows(long asked, long held) throws IOException {
    try (Site site = Site.open("profile b200")) {
      site.node().set(0, "power_limit_mw", 500_000);
      PowerLimitChange change = site.limit(asked);
      assertThat(change.outcome()).isEqualTo(new Outcome.Clamped());
      assertThat(change.set()).hasValue(held);
      assertThat(change.inForce()).hasValue(held);
      assertThat(site.inForce()).isEqualTo(held);
    }
  }

  @Test
  void whatStandsAlreadyIsNotSetAgain() throws IOException {
    try (Site site = Site.open("profile b200")) {
      site.limit(600_000);
      long before = site.calls(SET_LIMIT);
      PowerLimitChange again = site.limit(600_000);
      assertThat(again.outcome()).isEqualTo(new Outcome.Unchanged());
      assertThat(again.set()).isEmpty();
      assertThat(again.inForce()).hasValue(600_000);
      assertThat(site.calls(SET_LIMIT)).isEqualTo(before).isEqualTo(1);
    }
  }

  @Test
  void nothingAskedForIsTheDevicesOwnDefault() throws IOException {
    try (Site site = Site.open("profile b200", "set 0 power_limit_default_mw 900000")) {
      site.limit(600_000);
      PowerLimitChange change = site.actuator().powerLimit(site.uuid(), OptionalLong.empty());
      assertThat(change.outcome()).isEqualTo(new Outcome.Done());
      assertThat(change.inForce()).hasValue(900_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 13, 25})
  void olderFunctionSetsWhatTheNewerCannot(int code) throws IOException {
    try (Site site = Site.open("profile b200")) {
      site.node().command("fault 0 code " + SET_LIMIT + " " + code);
      assertThat(site.limit(600_000).outcome()).isEqualTo(new Outcome.Done());
      assertThat(site.calls(FIRST_SET_LIMIT)).isEqualTo(1);
      assertThat(site.inForce()).isEqualTo(600_000);
    }
  }

  @Test
  void libraryBeforeTheNewerFunctionSets() throws IOException {
    try (Site site = Site.open("profile old-535", "missing " + SET_LIMIT)) {
      assertThat(site.limit(600_000).outcome()).isEqualTo(new Outcome.Done());
      assertThat(site.inForce()).isEqualTo(600_000);
    }
  }

  @Test
  void saysThatRootIsNeeded() throws IOException {
    try (Site site = Site.open("profile b200")) {
      site.node().command("fault 0 code " + SET_LIMIT + " 4");
      PowerLimitChange change = site.limit(600_000);
      assertThat(change.outcome()).isEqualTo(new Outcome.NeedsRoot());
      assertThat(change.set()).isEmpty();
      assertThat(change.inForce()).hasValue(1_000_000);
      assertThat(site.calls(FIRST_SET_LIMIT)).isZero();
    }
  }

  @Test
  void saysWhatElseIsInForce() throws IOException {
    try (Site site = Site.open("profile b200", "set 0 enforced_power_limit_mw 550000")) {
      PowerLimitChange change = site.limit(600_000);
      assertThat(change.outcome()).isEqualTo(new Outcome.Overruled());
      assertThat(change.set()).hasValue(600_000);
      assertThat(change.inForce()).hasValue(550_000);
    }
  }

  @Test
  void refusalsAreValues() throws IOException {
    try (Site site = Site.open("profile b200", "poison on")) {
      site.node().command("fault 0 code " + SET_LIMIT + " 19");
      assertThat(site.limit(600_000).outcome())
          .isInstanceOfSatisfying(
              Outcome.Refused.class, refused -> assertThat(refused.word()).isEqualTo("in use"));
      site.node().command("fault 0 code " + SET_LIMIT + " 0");
      site.node().command("fault 0 code nvmlDeviceGetPowerManagementLimitConstraints 3");
      assertThat(site.limit(600_000).outcome()).isEqualTo(new Outcome.Unsupported());
      site.node().command("fault 0 code nvmlDeviceGetPowerManagementLimitConstraints 0");
      site.node().command("fault 0 code nvmlDeviceGetEnforcedPowerLimit 999");
      PowerLimitChange unread = site.limit(600_000);
      assertThat(unread.outcome()).isEqualTo(new Outcome.Overruled());
      assertThat(unread.inForce()).isEmpty();
      assertThat(site.actuator().powerLimit("GPU-none", OptionalLong.of(600_000)).outcome())
          .isEqualTo(new Outcome.NoDevice());
      assertThat(site.actuator().powerLimit("G\nU", OptionalLong.of(1)).outcome())
          .isEqualTo(new Outcome.NoDevice());
      site.node().fault(0, "lost");
      assertThat(site.limit(600_000).outcome()).isEqualTo(new Outcome.Lost());
      assertThat(site.calls(SET_LIMIT)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"595.45.04", "575.51.02"})
  void profilesAreAddedReplacedAndCleared(String driver) throws IOException {
    try (Site site = Site.open("profile b200", "driver_version " + driver)) {
      assertThat(profiles(site, ADD, 1, 7)).satisfies(change -> says(change, List.of(1, 7)));
      assertThat(profiles(site, ADD, 12)).satisfies(change -> says(change, List.of(1, 7, 12)));
      assertThat(profiles(site, REPLACE, 7, 13)).satisfies(change -> says(change, List.of(7, 13)));
      assertThat(profiles(site, CLEAR, 7)).satisfies(change -> says(change, List.of(13)));
      assertThat(profiles(site, REPLACE)).satisfies(change -> says(change, List.of()));
      assertThat(profiles(site, CLEAR, 7).outcome()).isEqualTo(new Outcome.Unchanged());
      assertThat(site.calls(UPDATE)).isEqualTo(5);
    }
  }

  private static void says(PowerProfileChange change, List<Integer> inForce) {
    assertThat(change.outcome()).isEqualTo(new Outcome.Done());
    assertThat(change.requested()).containsExactlyInAnyOrderElementsOf(inForce);
    assertThat(change.inForce()).containsExactlyInAnyOrderElementsOf(inForce);
  }

  private static PowerProfileChange profiles(
      Site site, PowerProfileChange.Operation operation, Integer... profiles) {
    return site.actuator().powerProfiles(site.uuid(), operation, Set.of(profiles));
  }

  @Test
  void profileThatGivesWayIsToldAsOverruled() throws IOException {
    try (Site site = Site.open("profile b200", "driver_version 595.45.04")) {
      PowerProfileChange change = profiles(site, ADD, 0, 1);
      assertThat(change.outcome()).isEqualTo(new Outcome.Overruled());
      assertThat(change.requested()).containsExactlyInAnyOrder(0, 1);
      assertThat(change.inForce()).containsExactly(0);
    }
  }

  @Test
  void profilesThatTheDeviceLacksAreLeftOut() throws IOException {
    try (Site site = Site.open("profile b200", "driver_version 595.45.04")) {
      PowerProfileChange change = profiles(site, ADD, 7, 200);
      assertThat(change.outcome()).isEqualTo(new Outcome.Clamped());
      assertThat(change.set()).containsExactly(7);
      assertThat(profiles(site, ADD, 200).outcome()).isEqualTo(new Outcome.Unsupported());
    }
  }

  @Test
  void profilesNeedBlackwellAndRoot() throws IOException {
    try (Site site = Site.open("profile h200", "driver_version 595.45.04")) {
      assertThat(profiles(site, ADD, 7).outcome()).isEqualTo(new Outcome.Unsupported());
    }
    try (Site site = Site.open("profile b200", "driver_version 565.57.01")) {
      assertThat(profiles(site, ADD, 7).outcome()).isEqualTo(new Outcome.Unsupported());
    }
    try (Site site = Site.open("profile b200", "driver_version 595.45.04")) {
      site.node().command("fault 0 code " + UPDATE + " 4");
      assertThat(profiles(site, ADD, 7).outcome()).isEqualTo(new Outcome.NeedsRoot());
    }
  }
}
