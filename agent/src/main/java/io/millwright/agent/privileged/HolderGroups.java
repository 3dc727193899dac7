package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer.Holder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The control groups of processes that hold devices. {@code /proc/<pid>/cgroup} and {@code stat}
 * are everybody's to read, but where {@code /proc} is mounted with {@code hidepid}: then nobody is
 * named. Stateless; waits for the kernel.
 */
final class HolderGroups {
  private static final int LONGEST = 1 << 16;

  /** Of {@code stat}, counted from what follows the name: {@code starttime}. */
  private static final int START = 22 - 3;

  private final Path processes;

  /**
   * @param root where {@code proc} is
   */
  HolderGroups(Path root) {
    this.processes = root.resolve("proc");
  }

  /**
   * The text of its {@code cgroup}; empty where the process has ended since, whose number may be
   * another's by now.
   */
  Optional<String> of(Holder holder) {
    Path process = processes.resolve(Long.toString(holder.pid()));
    try {
      String group = text(process.resolve("cgroup"));
      String stat = text(process.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", START + 2);
      return fields.length > START && fields[START].equals(Long.toString(holder.startTicks()))
          ? Optional.of(group)
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
    }
  }
}
