package io.millwright.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What another JVM of this machine keeps.
 *
 * @param instances by class, of what lives after a full collection
 * @param liveBytes of all of them
 * @param descriptors open files, sockets and pipes
 * @param residentBytes of memory
 */
record Footprint(Map<String, Long> instances, long liveBytes, int descriptors, long residentBytes) {
  private static final Pattern ROW = Pattern.compile(" *\\d+: +(\\d+) +(\\d+) +(\\S+).*");

  Footprint {
    instances = Map.copyOf(instances);
  }

  /** Of a process, which stands still for the collection. */
  static Footprint of(long pid) throws IOException, InterruptedException {
    Map<String, Long> instances = new HashMap<>();
    long bytes = 0;
    Process asked =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(asked.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line.length() < 200 && said.length() < 2000 ? line + "\n" : "");
        Matcher row = ROW.matcher(line);
        if (row.matches()) {
          instances.merge(row.group(3), Long.parseLong(row.group(1)), Long::sum);
          bytes += Long.parseLong(row.group(2));
        }
      }
    }
    if (asked.waitFor() != 0 || instances.isEmpty()) {
      throw new IOException("jcmd of " + pid + " said: " + said);
    }
    return new Footprint(instances, bytes, descriptors(pid), resident(pid));
  }

  /** Open files, sockets and pipes of a process. */
  static int descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return (int) open.count();
    }
  }

  /** Bytes of memory that a process has. */
  static long resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow()
        * 1024;
  }

  /** How many of a class live, by its whole name. */
  long instances(String type) {
    return instances.getOrDefault(type, 0L);
  }
}
