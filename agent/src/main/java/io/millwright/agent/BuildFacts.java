package io.millwright.agent;

import io.millwright.agent.self.Build;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the build wrote into the jar about itself. */
final class BuildFacts {
  private BuildFacts() {}

  static Build read() {
    Properties facts = new Properties();
    try (InputStream file = BuildFacts.class.getResourceAsStream("build.properties")) {
      if (file != null) {
        facts.load(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading the packaged build.properties", e);
    }
    return new Build(
        facts.getProperty("version", "unknown"),
        facts.getProperty("revision", "unknown"),
        Runtime.version().toString(),
        facts.getProperty("date", "unknown"));
  }
}
