package io.millwright.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;

/**
 * A testbed with {@link JobNode} and the real launcher in it: jobs begin as units of its systemd.
 * Their user, their policy and the rest are those of {@code launched/install.sh}.
 */
final class JobBed implements AutoCloseable {
  /** The directory of {@link JobNode}. */
  static final String NODE = "/var/lib/millwright/agent/node";

  private static final Duration LONG = Duration.ofSeconds(60);

  private final String name;
  private final Testbed testbed;

  private JobBed(String name, Testbed testbed) {
    this.name = name;
    this.testbed = testbed;
  }

  /**
   * Boots one.
   *
   * @param name no other test's
   */
  static JobBed boot(String name) {
    Testbed testbed = Testbed.boot(name, JobShare.make("share-" + name));
    try {
      testbed.sh("sh /mnt/share/install.sh").good();
    } catch (AssertionError failed) {
      testbed.close();
      throw failed;
    }
    return new JobBed(name, testbed);
  }

  Testbed testbed() {
    return testbed;
  }

  /** What a script prints that ends well. */
  String inside(String script) {
    return testbed.sh(script).good();
  }

  /** Says a line to the node. */
  void tell(String... words) {
    String line = String.join("\t", words) + "\n";
    String code = Base64.getEncoder().encodeToString(line.getBytes(StandardCharsets.UTF_8));
    inside("echo " + code + " | base64 -d | timeout 60 sh -c 'cat >" + NODE + "/in'");
  }

  void start(String name, String... argv) {
    startAs(name, "mwjob", "/data/mwjob", "", argv);
  }

  void startAs(String name, String user, String cwd, String timeMs, String... argv) {
    startOn("", name, user, cwd, timeMs, argv);
  }

  /** One that is stopped when nobody renews its lease. */
  void startLeased(String name, String... argv) {
    List<String> words =
        new ArrayList<>(
            List.of("start-leased", name, "mwjob", "/data/mwjob", "5000", "", "", "", ""));
    words.addAll(List.of(argv));
    tell(words.toArray(String[]::new));
  }

  /** As a collector does that answers a heartbeat of now. */
  void renew(Duration longest) {
    tell("renew", Long.toString(longest.toMillis()));
  }

  void startOn(
      String devices, String name, String user, String cwd, String timeMs, String... argv) {
    tell(words(List.of("start", name, user, cwd, "5000", timeMs, "", devices, ""), argv));
  }

  /** One that gets secrets, by their names and commas. */
  void startWith(String secrets, String name, String user, String... argv) {
    tell(words(List.of("start", name, user, "/data/open", "5000", "", "", "", secrets), argv));
  }

  /** One in a container. */
  void startIn(String container, String name, String secrets, String... argv) {
    List<String> first =
        List.of("start-in " + container, name, "mwjob", "/data/mwjob", "5000", "", "", "", secrets);
    tell(words(first, argv));
  }

  private static String[] words(List<String> first, String... argv) {
    List<String> words = new ArrayList<>(first);
    words.addAll(List.of(argv));
    return words.toArray(String[]::new);
  }

  /** Its words in the node's file: name, state, outcome, process, files of output. */
  String[] awaitRun(String name, Predicate<String[]> wanted) {
    List<String[]> last = new ArrayList<>();
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> {
          String[] run =
              testbed
                  .sh("cat " + NODE + "/state")
                  .text()
                  .lines()
                  .map(line -> line.split("\t"))
                  .filter(words -> words[0].equals(name))
                  .findFirst()
                  .orElse(new String[] {name, "none", "-", "-", ""});
          assertThat(wanted.test(run)).as(String.join(" ", run)).isTrue();
          last.add(run);
        });
    return last.getLast();
  }

  void reload() {
    inside("systemctl daemon-reload");
  }

  /** Its process, once it runs; a daemon-reload comes after every start. */
  String running(String name) {
    String pid = awaitRun(name, run -> run[1].equals("running") && !run[3].equals("-"))[3];
    reload();
    return pid;
  }

  /** Its outcome, once it has ended. */
  String ended(String name) {
    return awaitRun(name, run -> run[1].equals("ended"))[2];
  }

  String output(String name) {
    return inside("cat /var/lib/millwright/runs/" + name + "-r1/output.*");
  }

  /** A shell's text that goes on until {@link #open} is told the name. */
  static String waiting(String name, int code) {
    return "until [ -e /data/open/" + name + " ]; do sleep 0.1; done; exit " + code;
  }

  void open(String name) {
    inside("touch /data/open/" + name);
  }

  static String unit(String name) {
    return "mw-job-" + name + "-r1.service";
  }

  String property(String name, String property) {
    return testbed.property(unit(name), property);
  }

  /** Its journal stays in the directory of the build. */
  @Override
  public void close() {
    String journal = testbed.sh("journalctl -q --no-pager -o short-precise").text();
    Checkout.write(Checkout.TARGET.resolve(name + "-journal.txt"), journal);
    testbed.close();
  }
}
