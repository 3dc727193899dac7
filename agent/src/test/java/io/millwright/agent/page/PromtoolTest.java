package io.millwright.agent.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Prometheus's own judge of a page: {@code promtool} from -Dpromtool or the PATH. */
class PromtoolTest {

  @Test
  void findsNothingToSayAboutAPageWithEveryFamily() throws IOException, InterruptedException {
    Optional<Path> promtool = promtool();
    assumeTrue(promtool.isPresent(), "promtool is neither at -Dpromtool nor on the PATH");
    try (NodeFixture node = NodeFixture.started()) {
      node.snapshot.set(NodeFixture.everyFamily());
      node.self.probe("host").succeeded(1);
      node.self.probe("nvml").failed(Fault.TIMEOUT, 1);
      node.self.configurationLoaded("aa");
      node.self.refresh();
      assertThat(check(promtool.get(), Caller.get(node.port(), "/metrics").body()))
          .isEqualTo("exit 0\n");
    }
  }

  private static String check(Path promtool, byte[] page) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(promtool.toString(), "check", "metrics")
            .redirectErrorStream(true)
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(page);
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean ended = process.waitFor(Duration.ofSeconds(30).toSeconds(), TimeUnit.SECONDS);
    return "exit " + (ended ? process.exitValue() : "never") + "\n" + said;
  }

  private static Optional<Path> promtool() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    Stream<Path> candidates =
        Stream.concat(
            Stream.of(System.getProperty("promtool", "")).filter(p -> !p.isEmpty()).map(Path::of),
            Stream.of(path.split(":", -1)).map(dir -> Path.of(dir, "promtool")));
    return candidates.filter(Files::isExecutable).findFirst();
  }
}
