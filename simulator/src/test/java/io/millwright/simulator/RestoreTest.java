package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millwright.collector.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/** A collector that is lost and restored, and one that is there twice; each part is a process. */
class RestoreTest {
  private static final int JOBS = 50;

  private static int collector(Object... words) {
    return Main.run(
        Stream.concat(Stream.of("collector"), Stream.of(words).map(String::valueOf))
            .toArray(String[]::new));
  }

  /** Writes a line when it begins, and waits for the file of its kind. */
  private static String job(JobSite site, String name, String kind) {
    return job(site, name, 1, kind);
  }

  private static String job(JobSite site, String name, int devices, String kind) {
    return JobSite.job(
        name,
        devices,
        "echo began >>%1$s/began-%2$s; while [ ! -e %1$s/%3$s ]; do sleep 0.2; done; exit 7"
            .formatted(site.open(), name, kind));
  }

  private static void go(JobSite site, String kind) throws IOException {
    Files.createFile(site.open().resolve(kind));
  }

  private static int began(JobSite site, String name) throws IOException {
    Path file = site.open().resolve("began-" + name);
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  private static Path data(JobSite site) {
    return site.directory().resolve("data");
  }

  private static void until(JobSite site, String what, Callable<Boolean> is) {
    try {
      AgentProcess.within(Duration.ofMinutes(4)).ignoreExceptions().until(is);
    } catch (ConditionTimeoutException never) {
      throw new AssertionError("never " + what + "\n" + site.said(), never);
    }
  }

  private static String phase(JobSite site) throws Exception {
    return site.json("/v1/recovery").get("phase").asText();
  }

  /**
   * Of fifty jobs since the backup some ended, some run, some were cancelled and some end while
   * there is no collector.
   */
  @Test
  void noRunIsRepeatedNoStopLostAndNoDeviceGrantedTwice() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1");
      site.startAgent("node2");
      site.awaitNodes(2);
      site.submit(job(site, "before", "late"));
      site.awaitState("before", "running");
      Path copy = site.directory().resolve("copy");
      assertThat(collector("backup", "--data", data(site), "--to", copy)).isZero();

      go(site, "soon");
      List<String> cancelled = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        String name = "j" + i;
        site.submit(job(site, name, i % 10 == 0 ? "late" : i % 10 == 5 ? "meanwhile" : "soon"));
        if (i % 10 == 7) {
          site.post("/v1/jobs/" + name + "/cancel", "");
          cancelled.add(name);
        }
      }
      until(
          site,
          "run but for the ten that wait",
          () -> {
            int open = 0;
            for (JsonNode job : site.json("/v1/jobs")) {
              open += job.get("state").asText().equals("ended") ? 0 : 1;
            }
            return open == 11;
          });
      List<Integer> begun = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        begun.add(began(site, "j" + i));
      }
      site.killCollector();
      site.killAgent("node2"); // while it is waited for the recovery goes on
      go(site, "meanwhile");
      Files.move(data(site), site.directory().resolve("lost"));
      assertThat(collector("restore", "--from", copy, "--data", data(site))).isZero();
      site.startCollector();
      site.awaitNodes(1);
      assertThat(phase(site)).isEqualTo("recovering");
      assertThat(site.get("/readyz").body()).startsWith("ready; recovering: ");
      JsonNode more = site.submit(job(site, "more", "late"));
      assertThat(more.get("state").asText()).isEqualTo("queued");
      until(
          site,
          "answered by node1",
          () -> site.json("/v1/recovery").get("waiting_for").toString().equals("[\"node2\"]"));
      assertThat(phase(site)).isEqualTo("recovering");
      site.startAgent("node2");
      until(site, "recovered", () -> phase(site).equals("none"));
      JsonNode again = site.submit(job(site, "j0", "late"));
      assertThat(again.get("id").asText()).isEqualTo("j0-r2"); // a number that no node has seen

      assertThat(site.awaitState("before", "running").get("id").asText()).isEqualTo("before-r1");
      site.awaitState("more", "running");
      site.awaitState("j0", "running");
      JsonNode all = site.json("/v1/jobs");
      assertThat(all).hasSize(3);
      site.submit(job(site, "rest1", 8, "late"));
      site.submit(job(site, "rest2", 8, "late")); // five of the lost store run on the nodes
      until(
          site,
          "waiting for devices",
          () -> site.json("/v1/jobs/rest2").path("waiting").asText().contains("8 wanted"));
      go(site, "late");
      site.awaitState("rest1", "ended");
      site.awaitState("rest2", "ended");
      site.awaitState("before", "ended");
      assertThat(began(site, "before")).isEqualTo(1);
      assertThat(began(site, "j0")).isEqualTo(2); // each of its runs once
      for (int i = 1; i < JOBS; i++) {
        assertThat(began(site, "j" + i)).as("j" + i).isEqualTo(begun.get(i)).isLessThan(2);
      }
      assertThat(cancelled).hasSize(5);
    }
  }

  /** Of one term and two starts: the agents keep to the one that they obeyed. */
  @Test
  void ofTwoCollectorsOverCopiesOfOneStoreTheAgentsKeepToOne() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.awaitCollector();
      site.killCollector();
      Path twin = site.directory().resolve("twin");
      Files.createDirectory(twin);
      for (String file : List.of("collector.db", "collector.db-wal")) {
        if (Files.exists(data(site).resolve(file))) {
          Files.copy(data(site).resolve(file), twin.resolve(file));
        }
      }
      site.startCollector();
      site.startAgent("node1");
      site.startAgent("node2");
      site.awaitNodes(2);
      site.submit(job(site, "long", "late"));
      site.awaitState("long", "running");
      site.killCollector();
      Path first = site.directory().resolve("first");
      Files.move(data(site), first);
      Files.move(twin, data(site));
      site.startCollector();
      site.awaitNodes(2);
      until(
          site,
          "refused by both",
          () ->
              site.get("/metrics").body().contains("millwright_collector_refusing_nodes 2\n")
                  && site.get("/metrics").body().contains("millwright_collector_recovering 1\n"));
      assertThat(site.said()).contains("two run over copies of one store");
      assertThat(site.submit(job(site, "other", "late")).get("state").asText()).isEqualTo("queued");
      site.killCollector();
      Files.move(data(site), site.directory().resolve("second"));
      Files.move(first, data(site));
      site.startCollector();
      site.awaitNodes(2);
      assertThat(phase(site)).isEqualTo("none");
      go(site, "late");
      site.awaitState("long", "ended");
      assertThat(began(site, "long")).isEqualTo(1);
      assertThat(began(site, "other")).isZero();
    }
  }
}
