package io.millwright.simulator.determinism;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.PolicyFile;
import io.millwright.collector.store.EventTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the histories of one thread have in common. Files are in memory where the machine has such.
 */
final class Ground implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final int COLLECTORS = 2;

  private final Path directory;
  private final Trust trust;
  private final Execution policy;
  private final List<EventTable> events;
  private long histories;

  Ground(Trust trust) throws IOException {
    this.trust = trust;
    this.directory =
        Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, "mw-histories")
            : Files.createTempDirectory("mw-histories");
    this.policy = policy(directory.resolve("policy.yaml"));
    this.events =
        Stream.iterate(0, i -> i + 1)
            .limit(COLLECTORS)
            .map(i -> EventTable.open(directory.resolve("events-" + i), EventTable.Limits.USUAL))
            .toList();
  }

  private static Execution policy(Path file) throws IOException {
    Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        file,
        """
        users: [nobody]
        argv_roots: [/usr, /bin]
        writable_roots: [/tmp]
        working_directory: /tmp
        demo: true
        """);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return PolicyFile.read(file);
  }

  /** An empty directory for the next history. */
  Path fresh() throws IOException {
    histories++;
    return Files.createDirectory(directory.resolve("history-" + histories));
  }

  Trust trust() {
    return trust;
  }

  Execution policy() {
    return policy;
  }

  EventTable events(int collector) {
    return events.get(collector);
  }

  static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    events.forEach(EventTable::close);
    delete(directory);
  }
}
