package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Jobs from REST to a process and back, every part a process of its own. */
class JobsTest {

  @Test
  void aJobRunsAndTellsAllOfItself() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1", "load 0.5");
      site.startAgent("node2", "load 0.5");
      site.awaitNodes(2);

      JsonNode submitted =
          site.submit(JobSite.job("hello", 2, "echo on $CUDA_VISIBLE_DEVICES; sleep 3; exit 7"));
      assertThat(submitted.get("id").asText()).isEqualTo("hello-r1");
      JsonNode running = site.awaitState("hello", "running");
      assertThat(running.get("devices")).hasSize(2);
      assertThat(running.get("nodes")).hasSize(1);
      HttpResponse<String> twice = site.post("/v1/jobs", JobSite.job("hello", 1, "true"));
      assertThat(twice.statusCode()).isEqualTo(409);
      assertThat(twice.body()).contains("name: 'hello' is refused").contains("cancel");

      JsonNode ended = site.awaitState("hello", "ended");
      assertThat(ended.get("outcome").asText()).isEqualTo("exit(7)");
      assertThat(ended.get("wall_ms").asLong()).isBetween(2_900L, 20_000L);
      double seconds = ended.get("wall_ms").asLong() / 1000.0;
      assertThat(ended.get("device_seconds").asDouble()).isCloseTo(2 * seconds, within(0.01));
      assertThat(ended.get("energy_scope").asText()).isEqualTo("gpu");
      assertThat(ended.get("joules").asDouble()).isGreaterThan(2 * 100 * 2);
      HttpResponse<String> logs = site.get("/v1/jobs/hello/logs");
      assertThat(logs.statusCode()).isEqualTo(200);
      assertThat(logs.body())
          .isEqualTo(
              "on %s,%s\n"
                  .formatted(
                      ended.get("devices").get(0).asText(), ended.get("devices").get(1).asText()));
      assertThat(logs.headers().firstValue("millwright-ended")).contains("true");
      site.awaitMetrics(
          "millwright_jobs_finished_total{partition=\"default\",result=\"failed\"} 1");
      assertThat(site.submit(JobSite.job("hello", 1, "true")).get("id").asText())
          .isEqualTo("hello-r2");
      assertThat(site.awaitState("hello", "ended").get("outcome").asText()).isEqualTo("completed");
    }
  }

  @Test
  void aJobIsCancelled() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      site.submit(JobSite.job("long", 8, "sleep 600"));
      site.awaitState("long", "running");
      site.submit(JobSite.job("next", 1, "echo next"));
      JsonNode waiting = site.json("/v1/jobs/next");
      assertThat(waiting.get("state").asText()).isEqualTo("queued");
      AgentProcess.soon()
          .until(() ->
              site.json("/v1/jobs/next")
                  .get("waiting")
                  .asText()
                  .contains("node1: 8 accelerators, 0 free, 1 wanted"));
      assertThat(site.post("/v1/jobs/long/cancel", "").statusCode()).isEqualTo(202);
      assertThat(site.awaitState("long", "ended").get("outcome").asText())
          .isEqualTo("stopped-by-request");
      assertThat(site.awaitState("next", "ended").get("outcome").asText()).isEqualTo("completed");
    }
  }

  /** The collector is away while the job ends, and learns of it when it is back. */
  @Test
  void theCollectorIsKilledAndOffUntilAfterTheEnd() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      Path go = site.open().resolve("go");
      Path gone = site.open().resolve("gone");
      site.submit(
          JobSite.job(
              "hello",
              2,
              "while [ ! -e %s ]; do sleep 0.1; done; : >%s; exit 7".formatted(go, gone)));
      site.awaitState("hello", "running");
      site.killCollector();
      Files.createFile(go);
      AgentProcess.soon().until(() -> Files.exists(gone));
      site.startCollector();
      assertThat(site.awaitState("hello", "ended").get("outcome").asText()).isEqualTo("exit(7)");
      AgentProcess.soon()
          .until(() ->
              site.json("/v1/events?kind=job-ended")
                  .toString()
                  .contains("A run has ended: exit(7)."));
      assertThat(site.json("/v1/events?kind=job-began").findValuesAsText("job"))
          .containsExactly("hello-r1");
    }
  }

  /** A device fails under a job: that is how it ended, and its next run has another one. */
  @Test
  void aJobWhoseDeviceFailsIsBegunAgainOnAnotherOne() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      Path go = site.open().resolve("go");
      site.submit(
          JobSite.job(
                  "train",
                  1,
                  "[ $MW_RUN = 2 ] && exit 0; while [ ! -e %s ]; do sleep 0.1; done; exit 1"
                      .formatted(go))
              .replaceFirst("\\{", "{\"restart\":{\"on\":[\"device-fault\"],\"backoff_ms\":500},"));
      String device = site.awaitState("train", "running").get("devices").get(0).asText();
      int index = site.json("/v1/accelerators/" + device).get("accelerator").asInt();
      site.hardware("node1").fault(index, "xid 79");
      AgentProcess.soon()
          .ignoreExceptions()
          .until(() ->
              site.json("/v1/accelerators/" + device).get("verdict").asText().equals("failed"));
      assertThat(site.json("/v1/jobs/train").get("state").asText())
          .as("what goes on is left alone")
          .isEqualTo("running");
      Files.createFile(go);
      AgentProcess.soon()
          .ignoreExceptions()
          .until(() -> site.json("/v1/jobs/train?run=2").get("state").asText().equals("ended"));
      JsonNode first = site.json("/v1/jobs/train?run=1");
      assertThat(first.get("outcome").asText()).as(site.said()).startsWith("device-fault(");
      assertThat(first.get("next").asInt()).isEqualTo(2);
      JsonNode second = site.json("/v1/jobs/train?run=2");
      assertThat(second.get("outcome").asText()).isEqualTo("completed");
      assertThat(second.get("restart").asText()).isEqualTo("restart 1 of 3 after train-r1");
      assertThat(second.get("devices").get(0).asText()).isNotEqualTo(device);
      site.awaitMetrics(
          "millwright_job_interruptions_total{partition=\"default\",cause=\"accelerator\"} 1");
    }
  }

  /** The agent is killed; the next one finds the job by pid and start time, and tells its end. */
  @Test
  void theAgentIsKilledAndAdoptsItsJob() throws Exception {
    try (JobSite site = JobSite.of("node1")) {
      site.startAgent("node1");
      site.awaitNodes(1);
      Path go = site.open().resolve("go");
      Path pid = site.open().resolve("pid");
      site.submit(
          JobSite.job(
              "hello",
              2,
              "echo $$ >%s; while [ ! -e %s ]; do sleep 0.1; done; exit 7".formatted(pid, go)));
      site.awaitState("hello", "running");
      AgentProcess.soon().until(() -> Files.exists(pid) && Files.size(pid) > 0);
      ProcessHandle job =
          ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
      site.killAgent("node1");
      assertThat(job.isAlive()).isTrue();
      site.startAgent("node1");
      site.awaitNodes(1);
      assertThat(job.isAlive()).isTrue();
      assertThat(site.json("/v1/jobs/hello").get("state").asText()).isEqualTo("running");
      Files.createFile(go);
      assertThat(site.awaitState("hello", "ended").get("outcome").asText()).isEqualTo("exit(7)");
    }
  }

  /**
   * Two members of one run on one machine: the end of the first is none of the second's business.
   */
  @Test
  void membersOfAGangDoNotEndEachOther() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      site.startAgent("node1");
      site.startAgent("node2");
      site.awaitNodes(2);
      Path first = site.open().resolve("first");
      site.submit(
          JobSite.job("gang", 1, "mkdir %s 2>/dev/null || sleep 3; exit 0".formatted(first))
              .replaceFirst("\\{", "{\"nodes\":2,"));
      JsonNode ended = site.awaitState("gang", "ended");
      assertThat(ended.get("members")).hasSize(2);
      assertThat(ended.get("outcome").asText()).as(ended.toString()).isEqualTo("completed");
      assertThat(ended.get("wall_ms").asLong()).isGreaterThanOrEqualTo(2_900);
    }
  }

  /**
   * One member is ready, and its process does not begin before the other's test of the site has
   * passed; where that fails, it never does.
   */
  @Test
  void theMembersOfAGangBeginOnceAllAreReadyOrNever() throws Exception {
    try (JobSite site = JobSite.of("node1", "node2")) {
      Path let = site.directory().resolve("let");
      Path slow = site.directory().resolve("slow");
      Files.writeString(
          slow, "while [ ! -e %1$s ]; do sleep 0.1; done; exit $(cat %1$s)".formatted(let));
      start(site, "node1", "/bin/true");
      start(site, "node2", "/bin/sh " + slow);
      site.awaitNodes(2);

      site.submit(gang(site, "both"));
      awaitOneReady(site, "both");
      assertThat(began(site, "both")).isEmpty();
      settle(let, "0");
      JsonNode ended = site.awaitState("both", "ended");
      assertThat(ended.get("outcome").asText()).as(ended + site.said()).isEqualTo("completed");
      assertThat(ended.has("waiting")).isFalse();
      assertThat(began(site, "both")).containsExactly("both-0", "both-1");
      Files.delete(let);

      site.submit(gang(site, "none"));
      awaitOneReady(site, "none");
      settle(let, "1");
      JsonNode refused = site.awaitState("none", "ended");
      assertThat(refused.get("outcome").asText())
          .as(refused + site.said())
          .startsWith("prepare-failed")
          .contains("check test:fit failed");
      assertThat(refused.get("members").findValuesAsText("outcome")).contains("group-failed");
      assertThat(began(site, "none")).isEmpty();
    }
  }

  private static void start(JobSite site, String node, String test) throws Exception {
    site.set(
        "evidence.directory=" + site.directory().resolve("evidence-" + node),
        "evidence.tests=fit 60s " + test);
    site.startAgent(node);
  }

  private static String gang(JobSite site, String name) {
    String script = "touch %s/%s-$NODE_RANK".formatted(site.open(), name);
    return JobSite.job(name, 1, script)
        .replaceFirst("\\{", "{\"nodes\":2,\"checks\":{\"before\":[\"test:fit\"]},");
  }

  private static void awaitOneReady(JobSite site, String job) {
    AgentProcess.soon()
        .ignoreExceptions()
        .until(() ->
            site.json("/v1/jobs/" + job)
                .get("waiting")
                .asText()
                .equals("waiting for 1 of 2 members"));
  }

  private static List<String> began(JobSite site, String job) throws Exception {
    try (Stream<Path> files = Files.list(site.open())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(job + "-"))
          .sorted()
          .toList();
    }
  }

  /** In one step, so that nobody reads half of it. */
  private static void settle(Path let, String code) throws Exception {
    Path written = Files.writeString(let.resolveSibling("written"), code);
    Files.move(written, let);
  }
}
