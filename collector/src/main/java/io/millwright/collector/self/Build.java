package io.millwright.collector.self;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What the build wrote into the jar about itself; {@code unknown} where it did not.
 *
 * @param revision of the source, as of git
 */
public record Build(String version, String revision, String jvmVersion) {
  private static final String UNKNOWN = "unknown";

  public static Build read() {
    Properties facts = new Properties();
    try (InputStream file = Build.class.getResourceAsStream("build.properties")) {
      if (file != null) {
        facts.load(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading the packaged build.properties", e);
    }
    return new Build(
        facts.getProperty("version", UNKNOWN),
        facts.getProperty("revision", UNKNOWN),
        Runtime.version().toString());
  }
}
