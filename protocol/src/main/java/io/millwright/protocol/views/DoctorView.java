package io.millwright.protocol.views;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a node's checks found; {@code POST /v1/nodes/{node}/doctor}.
 *
 * @param worst of the checks, as in {@code warn}
 */
public record DoctorView(int schemaVersion, String node, String worst, List<Check> checks) {
  public DoctorView {
    checks = List.copyOf(checks);
  }

  /**
   * A check.
   *
   * @param outcome {@code ok}, {@code skipped}, {@code warn} or {@code fail}
   * @param fix what to do; empty where nothing is to be done
   */
  public record Check(String check, String outcome, String found, String fix) {}

  /**
   * A run of the site's own test command.
   *
   * @param result {@code pass}, {@code fail} or {@code cannot-tell}
   */
  public record Test(
      String name,
      String program,
      String sha256,
      String result,
      String why,
      OptionalInt exit,
      double seconds,
      long atMs,
      List<String> lastLines) {
    public Test {
      lastLines = List.copyOf(lastLines);
    }
  }
}
