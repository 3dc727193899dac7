package io.millwright.agent.doctor;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.protocol.bodies.DoctorCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether somebody ends runs with their leases when the agent is dead: the path unit that begins
 * root's program. Systemd is asked, which takes 10 s at most where it does not answer.
 */
final class LeaseCheck {
  private static final String CHECK = "leases";
  private static final String PATH_UNIT = "millwright-leases.path";
  private static final String REMEDY =
      "'systemctl start %1$s', and 'systemctl status %1$s' says why it ended".formatted(PATH_UNIT);

  /** What systemd calls a unit; empty where it has none of that name in memory. */
  @FunctionalInterface
  interface States {
    Optional<String> of(String unit) throws SystemdException;
  }

  private LeaseCheck() {}

  /**
   * Empty where the node's policy lets no job be stopped with its lease.
   *
   * @param bus the socket of the system bus
   * @param uid of this process
   */
  static Optional<DoctorCheck> of(Execution execution, Path bus, long uid) {
    if (!(execution instanceof Execution.On on) || !on.policy().leaseStops()) {
      return Optional.empty();
    }
    if (!Files.exists(bus)) {
      return Optional.of(
          DoctorCheck.skipped(
              CHECK, "there is no system bus at %s to ask for %s".formatted(bus, PATH_UNIT), ""));
    }
    return Optional.of(
        of(unit -> {
          try (Systemd systemd = Systemd.connect(bus, uid)) {
            return systemd.active(unit);
          }
        }));
  }

  static DoctorCheck of(States states) {
    try {
      String state = states.of(PATH_UNIT).orElse("not loaded");
      return state.equals("active")
          ? DoctorCheck.ok(CHECK, PATH_UNIT + " is active: leases end without the agent too")
          : DoctorCheck.fail(
              CHECK,
              "the policy lets jobs be stopped with their leases, and %s is %s: without the agent nobody would stop them"
                  .formatted(PATH_UNIT, state),
              REMEDY);
    } catch (SystemdException silent) {
      return DoctorCheck.warn(
          CHECK,
          "systemd does not say whether %s is active: %s".formatted(PATH_UNIT, silent.getMessage()),
          REMEDY);
    }
  }
}
