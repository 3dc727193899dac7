package io.millwright.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a demo tells its daemons: hardware, rules for jobs, the sample job. */
final class DemoTexts {
  static final String NOBODY = "nobody";
  private static final int TOKEN_BYTES = 24;
  private static final int SEEDS = 1_000_000_000;
  private static final int FIRST_PERSON = 1000;
  private static final String SECONDS = "20";
  private static final String FULL_LOAD = "1"; // wants the power limit, whatever it is

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private DemoTexts() {}

  static String token() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Whom jobs run as, and by whose name they are submitted: never root. */
  static String user(DemoPlace place) {
    return place.root() ? NOBODY : System.getProperty("user.name");
  }

  /** Its own for each node, so that no two demos share a UUID. */
  static int seed() {
    return new SecureRandom().nextInt(SEEDS);
  }

  /** Nearly idle, so that a job is seen; of its own seed, so that no two demos share a UUID. */
  static List<String> scenario(DemoOptions options, int node) {
    List<String> lines = new ArrayList<>();
    lines.add("profile " + options.profileOf(node));
    lines.add("seed " + seed());
    if (options.profileOf(node).tray()) {
      lines.add("tray " + (node + 1));
    }
    lines.add("load 0.03");
    lines.add("noise 0.01");
    options.limitMilliwatts().ifPresent(limit -> lines.add("set all power_limit_mw " + limit));
    return lines;
  }

  static String policy(DemoPlace place) throws IOException {
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("users", List.of(user(place)));
    int group = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    if (group > 0 && group < FIRST_PERSON) { // as where all people share the group users
      policy.put("groups", List.of(Integer.toString(group)));
    }
    policy.put(
        "argv_roots", List.of("/bin", "/usr/bin", "/usr/local/bin", place.open().toString()));
    policy.put("writable_roots", List.of("/tmp"));
    policy.put("demo", true);
    return json(policy);
  }

  /** Where the fleet is, and which process keeps it: the file of a killed demo stays. */
  static String cli(String url, String token) throws IOException {
    ProcessRow self = ProcessRow.of(ProcessHandle.current().pid()).orElseThrow();
    Map<String, Object> cli = new LinkedHashMap<>();
    cli.put("url", url);
    cli.put("token", token);
    cli.put("pid", self.pid());
    cli.put("start", self.startTicks());
    return json(cli) + "\n";
  }

  /** Two GPUs at full load for a while, wherever there is room. */
  static Map<String, Object> job(DemoPlace place, Path program) throws IOException {
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("name", "hello");
    job.put("argv", List.of(program.toString(), place.nodes().toString(), SECONDS, FULL_LOAD));
    job.put("user", user(place));
    job.put("devices", Map.of("kind", "gpu", "count", 2));
    return job;
  }

  private static String json(Object value) throws JsonProcessingException {
    return JSON.writeValueAsString(value);
  }
}
