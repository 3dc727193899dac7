package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millwright.protocol.bodies.BundleManifest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** Evidence of a simulated node through a real collector, with mutual TLS, while all hangs. */
class EvidenceTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void aBundleIsReadyWhileEveryDeviceHangs() throws Exception {
    try (JobSite site = JobSite.of("n1")) {
      site.set(
          "evidence.directory=" + site.directory().resolve("evidence"),
          "evidence.report_tool=/bin/sleep 600",
          "evidence.report_deadline=1s",
          "evidence.tests=good 20s /bin/echo bandwidth is fine");
      site.startAgent("n1");
      site.awaitCollector();
      site.awaitNodes(1);
      sees(site, "ok", "8 of 8 accelerators answer");
      for (int device = 0; device < 8; device++) {
        site.hardware("n1").fault(device, "hang");
      }
      AgentProcess.within(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> site.json("/v1/fleet").path("accelerators_up").asInt() == 0);

      JsonNode order = awaited(site, "{\"reason\":\"they hang\",\"incident\":\"inc-7\"}");

      assertThat(order.path("state").asText()).as(order + site.said()).isEqualTo("ready");
      byte[] bundle = fetched(site, order.path("id").asText());
      assertThat(sha256(bundle)).isEqualTo(order.path("sha256").asText());
      holds(entries(bundle));
      sees(site, "fail", "8 of 8 accelerators do not answer");
      tests(site);
    }
  }

  private static void holds(Map<String, byte[]> entries) throws Exception {
    BundleManifest manifest = BundleManifest.of(entry(entries, "manifest.json"));
    assertThat(manifest.reason()).isEqualTo("they hang");
    assertThat(manifest.incident()).isEqualTo("inc-7");
    assertThat(manifest.missing())
        .extracting(BundleManifest.Missing::why)
        .contains("the tool did not end within 1 s; what it left is there");
    for (BundleManifest.Part part : manifest.parts()) {
      assertThat(sha256(entry(entries, part.name()))).as(part.name()).isEqualTo(part.sha256());
    }
    assertThat(text(entries, "readings.txt")).contains("unavailable timeout");
    assertThat(text(entries, "identity.txt")).contains("serial=").contains("simulated=\"true\"");
    assertThat(text(entries, "health.json")).contains("device-stuck");
    assertThat(text(entries, "doctor.json")).contains("8 of 8 accelerators do not answer");
    assertThat(text(entries, "jobs.txt")).isEqualTo("no job has an accelerator\n");
    assertThat(text(entries, "configuration.yaml")).contains("evidence:");
  }

  private static void sees(JobSite site, String outcome, String found) throws Exception {
    HttpResponse<String> answer = site.post("/v1/nodes/n1/doctor", "");
    assertThat(answer.statusCode()).as(answer.body() + site.said()).isEqualTo(200);
    JsonNode checks = JSON.readTree(answer.body()).path("checks");
    assertThat(check(checks, "devices").path("outcome").asText())
        .as(answer.body())
        .isEqualTo(outcome);
    assertThat(check(checks, "devices").path("found").asText()).contains(found);
    assertThat(check(checks, "collector").path("outcome").asText()).isEqualTo("ok");
  }

  private static JsonNode check(JsonNode checks, String name) {
    for (JsonNode check : checks) {
      if (check.path("check").asText().equals(name)) {
        return check;
      }
    }
    return JSON.missingNode();
  }

  private static void tests(JobSite site) throws Exception {
    JsonNode good = awaited(site, "{\"test\":\"good\"}");
    assertThat(good.path("test").path("result").asText()).as(good.toString()).isEqualTo("pass");
    assertThat(good.path("test").path("last_lines").path(0).asText())
        .isEqualTo("bandwidth is fine");
    assertThat(awaited(site, "{\"test\":\"none\"}").path("why").asText())
        .isEqualTo("test: 'none' is refused; allowed are those of evidence.tests: good");
    assertThat(site.post("/v1/nodes/n1/evidence", "{\"tset\":1}").statusCode()).isEqualTo(400);
    assertThat(site.post("/v1/nodes/n9/evidence", "").statusCode()).isEqualTo(404);
    assertThat(site.get("/v1/nodes/n1/evidence/no-such-bundle").statusCode()).isEqualTo(503);
  }

  private static JsonNode awaited(JobSite site, String wish) throws Exception {
    HttpResponse<String> begun = site.post("/v1/nodes/n1/evidence", wish);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    String order = JSON.readTree(begun.body()).path("order").asText();
    JsonNode[] found = {JSON.createObjectNode()};
    AgentProcess.within(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(() -> {
          site.json("/v1/nodes/n1/evidence")
              .forEach(one -> {
                if (one.path("order").asText().equals(order)) {
                  found[0] = one;
                }
              });
          return found[0].has("state") && !found[0].path("state").asText().equals("asked");
        });
    return found[0];
  }

  private static byte[] fetched(JobSite site, String id) throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (HttpClient client = HttpClient.newHttpClient()) {
      boolean ended = false;
      while (!ended) {
        HttpResponse<byte[]> piece =
            client.send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/v1/nodes/n1/evidence/%s?offset=%d"
                                .formatted(site.httpPort(), id, all.size())))
                    .header("authorization", "Bearer " + JobSite.TOKEN)
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(piece.statusCode()).isEqualTo(200);
        all.writeBytes(piece.body());
        ended = piece.headers().firstValue("millwright-ended").filter("true"::equals).isPresent();
      }
    }
    return all.toByteArray();
  }

  private static byte[] entry(Map<String, byte[]> entries, String name) {
    return Objects.requireNonNull(entries.get(name), name);
  }

  private static String text(Map<String, byte[]> entries, String name) {
    return new String(entry(entries, name), StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static Map<String, byte[]> entries(byte[] bundle) throws IOException {
    Map<String, byte[]> entries = new HashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bundle))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }
}
