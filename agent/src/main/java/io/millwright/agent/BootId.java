package io.millwright.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's word for its present boot. */
final class BootId {
  private static final Logger LOG = LoggerFactory.getLogger(BootId.class);
  private static final Path PATH = Path.of("/proc/sys/kernel/random/boot_id");

  private BootId() {}

  /** All zeros where the kernel does not say it. */
  static UUID read() {
    try {
      return UUID.fromString(Files.readString(PATH).strip());
    } catch (IOException | IllegalArgumentException unknown) {
      LOG.warn("the kernel's boot id is unknown path={}", PATH, unknown);
      return new UUID(0, 0);
    }
  }
}
