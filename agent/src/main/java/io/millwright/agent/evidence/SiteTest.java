package io.millwright.agent.evidence;

import java.time.Duration;
import java.util.List;

/** A test command of the site's configuration. */
public record SiteTest(String name, Duration deadline, List<String> argv) {
  public SiteTest {
    argv = List.copyOf(argv);
  }
}
