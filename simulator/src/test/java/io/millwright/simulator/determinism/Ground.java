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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * What the histories of one thread have in common. Files are in memory where the machine has such.
 */
final class Ground implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final int COLLECTORS = 2;
  private static final AtomicInteger MADE = new AtomicInteger();

  private final Path directory;
  private final Trust trust;
  private final Execution policy;
  private final List<EventTable> events;

  Ground(Trust trust) throws IOException {
    this.trust = trust;
    this.directory = Files.createDirectory(room().resolve(name()));
    this.policy = policy(directory.resolve("policy.yaml"));
    this.events =
        Stream.iterate(0, i -> i + 1)
            .limit(COLLECTORS)
            .map(i -> EventTable.open(directory.resolve("events-" + i), EventTable.Limits.USUAL))
            .toList();
  }

  private static Path room() {
    return Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Always as long: what agents tell of their files goes over the network, byte by byte. */
  private static String name() {
    return "mw-histories-%010d-%06d"
        .formatted(ProcessHandle.current().pid(), MADE.getAndIncrement());
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
        leases: [stop]
        device_classes: [nvidia, nvidia-caps-imex-channels]
        demo: true
        """);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return PolicyFile.read(file);
  }

  /** An empty directory for the next history, which deletes it. */
  Path fresh() throws IOException {
    return Files.createDirectory(directory.resolve("history"));
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
