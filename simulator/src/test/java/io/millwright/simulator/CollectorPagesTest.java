package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prometheus's own judge of the pages of a collector, of two simulated nodes and a job that runs on
 * one of them: {@code promtool} from -Dpromtool.
 */
class CollectorPagesTest {
  @TempDir Path directory;
  private Path promtool = Path.of(System.getProperty("promtool", ""));

  @BeforeEach
  void needsPromtool() {
    assumeTrue(
        Files.isRegularFile(promtool) && Files.isExecutable(promtool),
        "promtool is not at -Dpromtool");
  }

  private String check(String page) throws Exception {
    Path said = directory.resolve("promtool");
    Process process =
        new ProcessBuilder(List.of(promtool.toString(), "check", "metrics"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(page.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return "exit " + process.exitValue() + "\n" + Files.readString(said);
  }

  private static long series(JobSite site, String page) throws Exception {
    return site.get(page).body().lines().filter(line -> !line.startsWith("#")).count();
  }

  @Test
  void promtoolHasNothingToSayOfAnyPage() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1");
      site.startAgent("node2");
      site.awaitNodes(2);
      site.submit(JobSite.job("hello", 2, "sleep 600"));
      site.awaitState("hello", "running");
      for (String page :
          List.of("/metrics", "/metrics/jobs", "/metrics/node/node1", "/metrics/fleet?set=hot")) {
        AgentProcess.soon() // the runs are joined with what their nodes tell next
            .untilAsserted(() -> assertThat(series(site, page)).as(page).isPositive());
        HttpResponse<String> answer = site.get(page);
        assertThat(answer.statusCode()).as(page).isEqualTo(200);
        assertThat(check(answer.body())).as(page).isEqualTo("exit 0\n");
      }
    }
  }
}
