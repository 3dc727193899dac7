package io.millwright.agent.evidence;

import java.time.Duration;
import java.util.List;

/**
 * The vendor's report tool, as the site's configuration has it.
 *
 * @param argv empty for none
 */
public record ReportTool(List<String> argv, Duration deadline) {
  public ReportTool {
    argv = List.copyOf(argv);
  }
}
