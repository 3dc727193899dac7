package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * NVIDIA's own {@code libnvidia-ml.so.1}, at {@code -Dnvml.real}, on a machine without its driver.
 * The agent runs without privileges, because as root the library would make device nodes.
 */
class RealLibraryTest {
  private static final Path DEVICE = Path.of("/dev/nvidiactl");
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups");

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  private Path directory;

  @Test
  void withoutADriverIsSaidAndWaitedFor() throws Exception {
    Path library = Path.of(System.getProperty("nvml.real", ""));
    assumeTrue(Files.isRegularFile(library), "NVIDIA's library is not at -Dnvml.real");
    assumeFalse(Files.exists(DEVICE), "this machine has the driver");
    try (AgentProcess agent = startedUnprivileged(library)) {
      LivePage page =
          agent.awaitPage(seen -> seen.value("millwright_node_cpu_seconds_total").isPresent());
      assertThat(page.text()).doesNotContain("\nmillwright_accelerator_");
      agent.awaitLog("library present, driver not loaded");
      assertThat(agent.errors()).contains("NVML loaded", "simulated=false", "modprobe nvidia");
      agent.greeted();
      assertThat(agent.output())
          .contains("no accelerator found: host only", "library present, driver not loaded");

      double failures = notFound(agent.scrape());
      agent.awaitPage(seen -> notFound(seen) >= failures + 2); // each is an attempt of its own
      assertThat(agent.errors().lines().filter(line -> line.contains("driver not loaded")))
          .as("retries are not logged each time")
          .hasSize(1);
      assertThat(agent.get("/livez").statusCode()).isEqualTo(200);
      assertThat(agent.get("/readyz").statusCode()).isEqualTo(200);
      agent.signal("TERM");
      assertThat(agent.exitCode()).isZero();
    }
    assertThat(DEVICE).doesNotExist();
  }

  private static double notFound(LivePage page) {
    return page.value(
            "millwright_agent_probe_failures_total", "probe=\"nvml\"", "reason=\"not_found\"")
        .orElse(0);
  }

  private AgentProcess startedUnprivileged(Path library) throws IOException {
    String[] words = {"up", "--listen", "127.0.0.1:0", "--set", "nvidia.library="};
    String classPath = System.getProperty("java.class.path");
    if (!System.getProperty("user.name").equals("root")) {
      words[4] += library;
      return AgentProcess.start(List.of(), classPath, "io.millwright.agent.Main", words);
    }
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is not here");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path copy = directory.resolve("libnvidia-ml.so.1");
    Files.copy(library, copy);
    words[4] += copy;
    return AgentProcess.start(NOBODY, readable(classPath), "io.millwright.agent.Main", words);
  }

  /** A copy of the class path that any user may read, whoever owns the original. */
  private String readable(String classPath) throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path from = Path.of(entry);
      if (Files.exists(from)) {
        Path to = directory.resolve("classes" + copies.size() + "-" + from.getFileName());
        copy(from, to);
        copies.add(to.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!attributes.isRegularFile()) {
              return FileVisitResult.CONTINUE;
            }
            Path target = from.equals(file) ? to : to.resolve(from.relativize(file).toString());
            Files.copy(file, target);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
