package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Collector and agents are killed by SIGKILL at random moments while jobs come and go. Each job
 * takes a lock on each of its devices, so that a device that is given twice is seen by the jobs
 * themselves, and notes its own start, so that a job that begins twice is seen too.
 */
class RandomKillsTest {
  private static final List<String> NODES = List.of("node1", "node2");
  private static final int MOST_ALIVE = 6;

  @Test
  void noDeviceIsGivenTwiceAndNoJobIsLost() throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    int kills =
        Integer.getInteger("kills", System.getProperty("long", "").equals("yes") ? 200 : 12);
    System.out.println("RandomKillsTest -Dseed=" + seed + " -Dkills=" + kills);
    Random random = new Random(seed);
    try (JobSite site = JobSite.of(NODES.toArray(String[]::new))) {
      Files.createDirectory(site.open().resolve("locks"));
      Files.setPosixFilePermissions(
          site.open().resolve("locks"), PosixFilePermissions.fromString("rwxrwxrwx"));
      for (String node : NODES) {
        site.startAgent(node);
      }
      site.awaitNodes(NODES.size());
      List<String> submitted = new ArrayList<>();
      for (int kill = 0; kill < kills; kill++) {
        submit(site, random, submitted);
        pause(random);
        kill(site, random);
      }
      AgentProcess.within(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptions()
          .until(() -> alive(site) == 0);
      judge(site, submitted);
    }
  }

  /** Not a wait for something: the moment of the kill is what is random. */
  private static void pause(Random random) {
    long until = System.nanoTime() + random.nextInt(1200) * 1_000_000L;
    AgentProcess.soon().pollInterval(Duration.ofMillis(5)).until(() -> System.nanoTime() > until);
  }

  private static void kill(JobSite site, Random random) throws IOException, InterruptedException {
    int victim = random.nextInt(NODES.size() + 1);
    if (victim == NODES.size()) {
      site.killCollector();
      site.startCollector();
    } else {
      site.killAgent(NODES.get(victim));
      site.startAgent(NODES.get(victim));
    }
  }

  /** Without an answer the same run is submitted again. */
  private static void submit(JobSite site, Random random, List<String> submitted) {
    int free = MOST_ALIVE - unended(site);
    for (int i = 0; i < free; i++) {
      String name = "job-" + (submitted.size() + 1);
      String job =
          JobSite.job(
              name,
              1 + random.nextInt(4),
              script(site.open(), name, (1 + random.nextInt(20)) * 0.1));
      AgentProcess.within(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> {
            HttpResponse<String> answer = site.post("/v1/jobs?run=1", job);
            return answer.statusCode() == 201 || answer.statusCode() == 200;
          });
      submitted.add(name);
    }
  }

  private static String script(Path open, String name, double seconds) {
    return """
    cd %s; echo %s >>starts; for d in $(echo $CUDA_VISIBLE_DEVICES | tr , ' '); do \
    mkdir locks/$d || echo "%s $d" >>twice; done; sleep %.1f; \
    for d in $(echo $CUDA_VISIBLE_DEVICES | tr , ' '); do rmdir locks/$d; done\
    """
        .formatted(open, name, name, seconds);
  }

  /** Zero while the collector is away: nothing is submitted then. */
  private static int unended(JobSite site) {
    int[] alive = {MOST_ALIVE};
    AgentProcess.within(Duration.ofMinutes(1))
        .ignoreExceptions()
        .until(() -> {
          alive[0] = alive(site);
          return true;
        });
    return alive[0];
  }

  private static int alive(JobSite site) throws IOException, InterruptedException {
    int alive = 0;
    for (JsonNode job : site.json("/v1/jobs")) {
      alive += job.get("state").asText().equals("ended") ? 0 : 1;
    }
    return alive;
  }

  private static void judge(JobSite site, List<String> submitted) throws Exception {
    Path twice = site.open().resolve("twice");
    assertThat(twice).as(site.said()).doesNotExist();
    Map<String, Long> starts =
        Files.readAllLines(site.open().resolve("starts")).stream()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    Map<String, String> outcomes = new TreeMap<>();
    for (JsonNode job : site.json("/v1/jobs")) {
      outcomes.put(job.get("id").asText(), job.get("outcome").asText());
    }
    System.out.println(
        "RandomKillsTest jobs=%d outcomes=%s"
            .formatted(
                submitted.size(),
                outcomes.values().stream()
                    .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))));
    assertThat(outcomes).hasSize(submitted.size());
    assertThat(starts.keySet()).as("each has begun").containsAll(submitted);
    assertThat(starts.values()).as("and none twice").containsOnly(1L);
    assertThat(outcomes.values()).as(outcomes + "\n" + site.said()).containsOnly("completed");
  }
}
