package io.millwright.agent.launcher;

import io.millwright.protocol.vocabulary.job.Outcome;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a run's unit ended, as {@code record-outcome} or the launcher wrote it down.
 *
 * <p>The words are systemd's: the service's result alone is no outcome, for a program that was
 * stopped on request is a success there.
 *
 * @param result of the service: {@code success}, {@code exit-code}, {@code oom-kill}, …; {@value
 *     #LEASE_EXPIRED} where it was stopped because its lease was over
 * @param code {@code exited}, {@code killed} or {@code dumped}
 * @param status a number, or a signal's name without SIG
 * @param boot id of the boot it ended in
 * @param uptime of that boot when it ended
 * @param shutdown whether the node was going down
 */
public record EndRecord(
    String result, String code, String status, String boot, Duration uptime, boolean shutdown) {
  /** No word of systemd's: who stopped it says more than how it ended. */
  public static final String LEASE_EXPIRED = "lease-expired";

  private static final int FIRST_STEP = 200;
  private static final int LAST_STEP = 245;

  /** The numbers of Linux on x86 and Arm. */
  private static final List<String> SIGNALS =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  /** What systemd's own steps before a program mean to who wrote the job. */
  private static final Map<Integer, String> STEPS =
      Map.of(
          200, "cwd: it cannot be entered by this user",
          203, "argv: it is no program that this user may run",
          209, "its output cannot be opened",
          217, "user: it cannot be taken on",
          226, "its file systems cannot be put together: is the working directory there?");

  /** The record of a run's unit; empty while there is none. */
  public static Optional<EndRecord> find(Path ended, RunId run) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(ended, Layout.unit(run) + ".*")) {
      for (Path file : files) {
        Optional<EndRecord> record =
            file.toString().endsWith(".new")
                ? Optional.empty()
                : Facts.read(file).flatMap(EndRecord::of);
        if (record.isPresent()) {
          return record;
        }
      }
      return Optional.empty();
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
  }

  static Optional<EndRecord> of(Facts facts) {
    return facts
        .text("boot")
        .flatMap(boot ->
            facts
                .text("uptime")
                .flatMap(ProcessTable::seconds)
                .map(uptime ->
                    new EndRecord(
                        facts.text("result").orElse(""),
                        facts.text("code").orElse(""),
                        facts.text("status").orElse(""),
                        boot,
                        uptime,
                        facts.text("shutdown").isPresent())));
  }

  /** As {@link #of} reads it. */
  public Facts facts(String unit, String invocation) {
    return new Facts(
        Map.of(
            "unit", unit,
            "invocation", invocation,
            "result", result,
            "code", code,
            "status", status,
            "boot", boot,
            "uptime", ProcessTable.text(uptime)));
  }

  /** Why the program was not reached; empty when it was, or when nobody can know. */
  public Optional<String> neverRan(boolean reached) {
    if (reached) {
      return Optional.empty();
    }
    return switch (result) {
      case "resources", "protocol", "exec-condition", "start-limit-hit" ->
          Optional.of("systemd could not begin it: " + result);
      case "timeout" -> Optional.of("systemd could not begin it in time");
      case "exit-code" -> number().filter(n -> n >= FIRST_STEP && n <= LAST_STEP).map(this::step);
      default -> Optional.empty();
    };
  }

  private String step(int number) {
    return STEPS.getOrDefault(number, "systemd could not begin it: step " + number);
  }

  private Optional<Integer> number() {
    return status.matches("[0-9]{1,3}") ? Optional.of(Integer.valueOf(status)) : Optional.empty();
  }

  /**
   * What became of it; {@code untracked} for words that are not known. Systemd says {@code timeout}
   * of a program that ran for too long, and also of one that did not end in time when it was
   * stopped.
   *
   * @param overtime whether it had run for as long as it may
   */
  public Outcome outcome(boolean overtime) {
    if (shutdown) {
      return Outcome.of(Outcome.Kind.NODE_REBOOTED); // whatever it made of being asked to end
    }
    return switch (result) {
      case LEASE_EXPIRED -> Outcome.of(Outcome.Kind.LEASE_EXPIRED);
      case "oom-kill" -> Outcome.of(Outcome.Kind.OOM);
      case "timeout" -> overtime ? Outcome.of(Outcome.Kind.TIME_LIMIT) : byCode();
      default -> byCode();
    };
  }

  private Outcome byCode() {
    return switch (code) {
      case "exited" -> number().map(Outcome::exit).orElseGet(EndRecord::unknown);
      case "killed", "dumped" -> signal().map(Outcome::signal).orElseGet(EndRecord::unknown);
      default -> unknown();
    };
  }

  private Optional<Integer> signal() {
    int place = SIGNALS.indexOf(status);
    if (place >= 0) {
      return Optional.of(place + 1);
    }
    if (status.startsWith("RTMIN")) {
      String more = status.substring("RTMIN".length());
      return more.matches("\\+[0-9]{1,2}")
          ? Optional.of(34 + Integer.parseInt(more.substring(1)))
          : more.isEmpty() ? Optional.of(34) : Optional.empty();
    }
    return number();
  }

  private static Outcome unknown() {
    return Outcome.of(Outcome.Kind.UNTRACKED);
  }
}
